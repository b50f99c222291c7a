import { describe, expect, it } from 'vitest';
import { detect } from '../../../../src/inspect/detect/index.js';

/** The confidence of `phi` in a body, with a subject where one is given. */
function phi(body: string, subject?: string): string | undefined {
  const views = [
    ...(subject === undefined ? [] : [{ where: 'header:subject', text: subject }]),
    { where: '1', text: body },
  ];
  const { classifications } = detect(
    views.map((view) => ({ ...view, view: 'text' as const, toSource: (offset: number) => offset })),
    { fingerprintKey: new Uint8Array(32) },
  );
  return classifications.find(({ classification }) => classification === 'phi')?.confidence;
}

describe('records of FHIR', () => {
  it.each([
    [
      'a condition of a named subject',
      '{"resourceType":"Condition","subject":{"display":"Jane Foster"},"code":{"text":"type 2 diabetes"}}',
    ],
    [
      'a patient with a record number',
      '{"resourceType":"Patient","id":"p1","identifier":[{"system":"urn:mrn","value":"00482913"}]}',
    ],
    [
      'a patient in XML',
      '<Patient xmlns="http://hl7.org/fhir"><identifier><system value="urn:mrn"/><value value="00482913"/></identifier></Patient>',
    ],
    [
      'a patient in XML with a prefix',
      '<f:Patient xmlns:f="http://hl7.org/fhir"><f:identifier><f:value value="00482913"/></f:identifier></f:Patient>',
    ],
    [
      'a claim that refers to a patient',
      '{"resourceType":"Claim","patient":{"reference":"Patient/00482913"},"diagnosis":[{"code":"C50.9"}]}',
    ],
    [
      'a record of ASTM CCR',
      '<Name><Given>Ada</Given><Family>Exampleton</Family></Name><Text>Diabetes mellitus</Text>',
    ],
    [
      'a condition beside a name in XML',
      '<name><family value="Exampleton"/></name><code><text value="type 2 diabetes"/></code>',
    ],
  ])('%s', (_name, text) => {
    expect(phi(text)).toBeDefined();
  });
});

describe('a case of care', () => {
  it.each([
    ['a question of a drug', 'Should Brenda Foster be on a statin, LDL 141, diabetic since 2011?'],
    ['a question of time', 'How soon after hip replacement can Brenda Foster fly to Phoenix?'],
    ['a question of a risk', "What's the risk of preeclampsia for Mrs. Brenda Foster, twins?"],
    ['a paper to be written', 'Please draft discharge instructions for Brenda Foster after lap chole.'],
    ['a note in shorthand', 'Saw Brenda Foster, 54F, s/p lap chole, afebrile, abx PO bid.'],
    ['a list of a ward', '401 Foster – POD2 Whipple, JP 120\n402 Lewis, Robert – SBO, NGT, NPO'],
    ['the order of files', 'Foster, Brenda J. troponin 2.84, was 0.03. Cards paged.'],
    ['a relation', 'My aunt Brenda Foster fell again and has a bedsore.'],
    ['a relation behind the name', "Brenda's mom says the seizures are back since Monday."],
    ['a title and a pronoun', 'Mrs. Foster is asking whether her husband can visit after the hysterectomy.'],
    ['a request', 'Please book Brenda Foster for a repeat colonoscopy, her polyps were removed.'],
    ['an initial', 'Pt B. Foster, bed 12, needs a CT head, he fell and is on warfarin.'],
    ['a single name with a predicate', 'Did you hear, Brenda in accounting has lupus? Her doctor told her.'],
    [
      'a letter to a patient',
      'Dear Mrs. Foster,\n\nYour recent mammogram requires additional imaging of the breast.',
    ],
    [
      'a reminder',
      'Hi Brenda, this is a reminder of your appointment with Dr. Lewis at Lakeside Cardiology.',
    ],
    [
      'a letter from a patient',
      'I tested positive for covid and I take simvastatin. What can I do?\nBrenda Foster',
    ],
    ['a sender with an address only', 'i need the result of my hiv test soon. call me at 617-555-0123'],
    [
      'age and sex before the name',
      'Run 26-88120: pick up at 77 Sunset Blvd, female 58 yrs, Roberta Foster, unresponsive, glucose 28, D50 given.',
    ],
    [
      'an employee',
      'Employee Darnell Foster, badge 4471, needle stick on 11/12, source patient hepatitis C positive.',
    ],
    [
      'a birth date and weak words',
      'DOB 3/4/1964: vaccine card is wrong, covid booster, swelling, fever, rash.',
    ],
  ])('%s', (_name, text) => {
    expect(phi(text)).toBe('medium');
  });

  it('may have its name in the body and what it is about in the subject', () => {
    expect(
      phi(
        'Not yet called:\n- Brenda Foster, RNA 1.2M, tel. 617-555-0123\n- Robert Lewis, RNA 880k, tel. 617-555-0124',
        'Hepatitis C outreach',
      ),
    ).toBe('medium');
    expect(phi('She has asthma, takes prednisone and was wheezing.', 'Brenda Foster')).toBe('medium');
  });

  it.each([
    ['an eponym', "Todd's paralysis follows a seizure. Bell's palsy does not, nor does Ludwig's angina."],
    ['an author', 'The paper by Brenda Foster shows that statins prevent strokes (n = 400, p < 0.01).'],
    ['a speaker', 'Brenda Foster talks about asthma at noon. Register by Friday.'],
    ['a lesson', 'Scenario 3: "Mr. Foster", 70, post-op, becomes short of breath. Learners call for help.'],
    ['a pet', 'Our dog Brenda has diabetes; the vet says that she needs insulin twice a day.'],
    ['a colleague at work', 'Brenda Foster, director of oncology, approved the chemotherapy budget.'],
    ['somebody to register with', 'Free mammogram day: call 617-555-0123 and ask for Brenda.'],
    [
      'a letter about a job',
      'Dear Ms. Foster, thank you for your interest in the dialysis technician position.',
    ],
    ['what the writer does', 'I have treated diabetes for twenty years.\nBrenda Foster'],
    ['a newsletter', 'Dear members, ask your doctor about shingles vaccines.\nBrenda Foster, editor'],
    [
      'a contact of a machine',
      'Location: radiology, 3rd floor. Contact on site: Paul Foster, 617-555-0110. Toner black is low.',
    ],
    [
      'a number that is no age',
      'Register for the talk on diabetes and metformin with Susan Foster, 617-555-0123.',
    ],
    [
      'those present',
      'Present: Jane Foster, Tom Lewis, Maria White.\n1. New chemotherapy chairs. The MRI was down.',
    ],
    [
      'to whom work is due',
      'Oxycodone count differs, morphine matched. Report due to Frank Foster by 11/30.',
    ],
    [
      'who buys',
      'Insulin syringe 1 ml, qty 5000\nShip to: Central pharmacy\nBuyer: Carol Foster, 617-555-0133',
    ],
    ['a field of a specification', 'PID.3 | Patient identifier list\nOBX.5 | Glucose result'],
    ['a question of work', 'Is Robert Lewis appropriate as a speaker for our diabetes evening?'],
    ['a question of goods', 'How soon can Brenda Foster deliver the insulin pumps, and at what price?'],
    ['authors in a row', 'B. Foster, R. Lewis, K. White: vitamin D deficiency in nursing homes.'],
  ])('not: %s', (_name, text) => {
    expect(phi(text)).toBeUndefined();
  });

  it('takes time linear in the text', () => {
    const started = performance.now();
    phi('Brenda Foster and the asthma newsletter, register now. '.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});
