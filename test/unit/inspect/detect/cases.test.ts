import { describe, expect, it } from 'vitest';
import { watchProcessor } from '../../../support/processor-time.js';
import { phi } from './phi.js';

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
    ['to one who cares', 'Dear school nurse, Brenda Foster takes methylphenidate at noon.'],
    ['to a desk', 'To the front office manager: Brenda Foster needs a follow-up of her melanoma.'],
    ['a request to move', 'Can you move Brenda Foster to Monday? Her ANC is still low and chemo waits.'],
    ['a call from the laboratory', 'PANIC VALUE: Brenda Foster, Na 118, not hemolyzed, read back.'],
    ['values in shorthand', 'B. Foster hgb 6.8, plt 14, INR 3.1. hold apixaban'],
    ['a picture', 'The ultrasound of Brenda Foster shows gallstones.'],
    ['two initials', 'B.L. Foster echo ef 25, apixaban start'],
    ['what became of a request', 'Prior auth denied: Brenda Foster, Stelara, ref 2218'],
    ['what was drawn', 'Urine culture growing E. coli for Brenda Foster, collected on Sunday'],
    [
      'a person unknown to the lists, referred',
      'Referral: Xanvira Quoltep, eczema, failed tacrolimus ointment',
    ],
    ['a study', 'Withdrawn: participant Brenda Foster, she had hepatitis C'],
    ['what will be', 'Brenda Foster will start dialysis on Monday.'],
    ['a gene', 'Brenda Foster carries the CFTR mutation.'],
    ['capitals in a list of times', 'LIST: 0730 FOSTER, B CATARACT; 0815 LEWIS, R CATARACT'],
    ['who pays', 'Guarantor Brenda Foster wants to know why her NICU bill is so high'],
    ['a label above its value', 'Client\nBrenda Foster\nTreatment\nHernia repair, left'],
    ['a form about work', 'Employee name: Brenda Foster\nInjury: concussion, fell from a ladder'],
    ['what somebody ordered', 'Order for Brenda Foster, nebulizer with albuterol'],
    ['a bed', 'To kitchen: Brenda Foster, rm 12, celiac, new tray please'],
    ['whose family is told', 'Rapid strep positive, Brenda Foster, notify parents'],
    ['a question to see her', 'Could you kindly see Brenda Foster? New jaundice since Friday.'],
    ['an alarm in capitals', 'STAT BRENDA FOSTER CHEST PAIN, EKG DONE'],
    ['a study and its person', 'Barium swallow - Brenda Foster - normal'],
    ['an accident', 'Brenda Foster slipped on the stairs and has a hip fracture'],
    ['a choice', "From: Brenda Foster\nI've decided against the chemotherapy."],
    ['a title of Spain', 'Solicito ecografía para Dña. Carmen Foster, con cólico biliar y fiebre.'],
    ['a title in small letters', 'please ring mrs foster, the biopsy shows melanoma'],
    ['capitals', 'BRENDA FOSTER REFUSED DIALYSIS TODAY, POTASSIUM 6.4, FAMILY AT BEDSIDE'],
    ['capitals with an initial', 'RE: BRENDA L FOSTER HAS NEW ATRIAL FIBRILLATION'],
    ['a list of an operating room', 'OR 3\n0800 Foster, B cholecystectomy\n1015 Lewis, R hernia repair'],
    ['a newborn', 'Baby boy Foster, 2,100 g, phototherapy since noon, bili 14.'],
    ['a mother', 'Twin B is in the NICU with sepsis. Mother Brenda Foster was discharged.'],
    ['who was asked for', 'Request received for Brenda Foster, all notes on her sciatica after the crash.'],
    ['spoken words', 'hello this is um Brenda Foster I ran out of my losartan yesterday'],
    [
      'a writer in a complaint',
      'I, Brenda Foster, want to know why my abortion was talked about at the desk.',
    ],
    ['a text message', 'Brenda your chlamydia test came back positive, call us.'],
    ['a writer without apostrophe', 'im 20 weeks pregnant and take zoloft, is that ok? text me 617-555-0123'],
    [
      'a patient with weak words',
      'Invoice for the session with patient Brenda Foster, oncology consult, 60 minutes.',
    ],
    ['sex beside the name', 'Brenda Foster, female, study: MRI of the prostate bed, lesion at the apex.'],
    ['wrong spelling', 'Brenda Foster has diabetis and had a siezure, please call her perscription in.'],
    ['a table of residents', 'Room;Resident;Influenza;Shingrix\n12;Brenda Foster;given;refused'],
    [
      'a row of a list',
      'Foster, Brenda | June 5, 1957 | E38203699 | ulcerative colitis | methotrexate 15 mg weekly',
    ],
    [
      'a row of a list about somebody unknown to the lists, below a header',
      'Name | DOB | MRN | Location | Item\nQuoltep, Xanvira | 11/05/1938 | M509384 | rheumatoid arthritis | metformin 500 mg BID',
    ],
    [
      'a row of a list about somebody unknown to the lists',
      'Quoltep, Xanvira | 11/05/1938 | M509384 | rheumatoid arthritis | metformin 500 mg BID',
    ],
    [
      'a reader who is unknown to the lists, greeted by one name',
      'Hi Xanvira,\n\nYour refill of sertraline 50 mg is ready at the pharmacy. Questions? Call 617-555-0123.',
    ],
    [
      'a reader whose name ends as other words do',
      'Dear Xanvella Quoltep,\n\nThis is a reminder of your appointment on Monday for hepatitis C.',
    ],
    [
      'a label with dots',
      'Name.....: Brenda Foster\nPhone....: 617-555-0123\nReason...: hives after penicillin',
    ],
  ])('%s, told in few words', (_name, text) => {
    expect(phi(text)).toBeDefined();
  });

  it.each([
    [
      'an address and its sender',
      'Dear nurse manager,\n\nThe diabetes class moves to Monday.\n\nBrenda Foster',
    ],
    ['a hospital in capitals', 'GRACE FOSTER HOSPITAL OPENS A NEW DIALYSIS UNIT IN MAY'],
    ['where a writer is', "Hi Tom, I'm on the stroke unit tour with the architects until 4. Cheers, Brenda"],
    ['the keeper of a pet', 'Vet visit: Rex, owned by Brenda Foster, had his neuter, sutures out Friday.'],
    ['what became of goods', 'Order approved: Foster Medical, 40 boxes of insulin syringes.'],
    ['a start at work', 'Brenda Foster starts as dialysis manager on Monday.'],
    ['a form for a course', 'Name\nBrenda Foster\nSession\nDiabetes update, hall B'],
    ['goods ordered', 'Reminder for Brenda Foster: order 40 insulin syringes for supply room 3.'],
    ['a fund named after somebody', 'Brenda Foster breast cancer foundation, annual dinner'],
    ['an imaging method', 'mr imaging of the knee costs less, mr contrast is out of stock. Dr Lewis'],
    ['a reference', 'Foster, B. (2019). Dialysis at home. Journal of Nephrology 12, 33.'],
    ['winners', 'Raffle winners: Brenda Foster (ICU), Paul Lewis (Dialysis), Tom Grant (Oncology).'],
    ['a dog of an age', 'Bella, a 6-year-old Labrador owned by Brenda Foster, had a mast cell tumor.'],
  ])('not in few words: %s', (_name, text) => {
    expect(phi(text)).toBeUndefined();
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
    ['a letter to a group', 'Hi Volunteers,\n\nYour flu shots are given in room 4. Bring your refill forms.'],
    ['a letter to a department', 'Hi Radiology,\n\nyour appointment slots for MRI are full until Monday.'],
    ['a letter to whoever rents', 'Dear Tenant,\n\nYour flu shot appointment is on Monday.'],
    ['a letter to a part', 'Dear Stakeholder,\n\nYour flu shot appointment is on Monday.'],
    ['a letter to whoever is insured', 'Dear Enrollee,\n\nYour diabetes supplies: book your appointment.'],
    [
      'a letter to a desk',
      'Dear Helpdesk,\n\nYour MRI viewer at radiology is down. Your appointment is on Monday.',
    ],
    [
      'a list of things',
      'Item | Expiry | Lot | Qty\nGloves, Nitrile | 06/05/2026 | 448213 | 12 boxes for diabetes\nLancets, Sterile | 06/05/2026 | 448214 | 20 boxes, diabetes clinic',
    ],
    [
      'a signature in one line',
      'Brenda Foster | Head of Diabetes Care | 617-555-0123 | Chronic Disease Programs',
    ],
    ['an event in a list', 'Boston, Massachusetts | June 5, 2026 | 20260605 | Update on heart failure'],
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

  it.each([
    [
      'a name that no list has',
      'Xanthe van der Quill tested positive for chlamydia; a partner has to be told.',
    ],
    [
      'a given name that no list has',
      'Rx question: is it ok for Zibor Foster to take ibuprofen while on lisinopril?',
    ],
    ['a reason behind another clause', 'Subject Brenda Foster withdrew last week because of pneumonia.'],
    ['a reason at the end', 'I would be grateful if you could assess Brenda Foster for ADHD.'],
    ['an operation and its person', 'Please fax the colonoscopy report of Brenda Foster to the surgery.'],
    ['a pronoun in a plain text', 'Why was Brenda Foster charged for two colonoscopies? She had one.'],
    ['a form with dots', 'Patient name ........ Brenda Foster\nProcedure ........... hysterectomy'],
    [
      'a writer whose limb it is',
      "Hello, it's Brenda Foster. The rash has spread to my arms and the cream is no help.",
    ],
    ['a writer who is here', 'Hi, Brenda Foster here, I was discharged on Sunday and the stitches are red.'],
    ['one behind a greeting', 'Hi Greta. Brenda Foster rang in tears, her depression is back.'],
    [
      'a laboratory value of one',
      "Brenda Foster's lab came back, her potassium is high and so is creatinine.",
    ],
    ['a child in the sand', 'Brenda Foster fell in the sandbox, has asthma and was wheezing.'],
    ['a relation that is no job', 'Brenda Foster and her partner wish to go on with IVF.'],
    ['a name in small letters', 'pt kaczmarek in bay 3 pulled out his ng tube again'],
    ['two of them', 'could you see tomasz kaczmarek? first seizure at work, told not to drive'],
    ['a title in small letters', 'mrs zibor-xent was seen for chest pain, stress test tmrw'],
    ['a relative whom no list has', 'My son Zibor has had a fever for three days and his ear hurts.'],
    ['one in French', 'Bonjour, mon fils Zibor a de la fièvre et vomit depuis hier.'],
    ['one in German', 'Frau Zibor klagt seit gestern ueber starke Rueckenschmerzen, gestuerzt im Bad.'],
    ['one in Spanish', 'Le remito a Rosario Zibor, de 63 años, con diabetes mal controlada.'],
    ['the order of files without a comma', 'ZIBOR Brenda EF 25, started on bisoprolol'],
    ['a first word that is no name', 'Monday Zibor Kaczmarek: severe mitral regurgitation, for surgery'],
    [
      'one behind a greeting and a comma',
      'Hi, Mr Zibor missed his eye injection, his sight is getting worse.',
    ],
    [
      'a writer who names herself first',
      'hi its Brenda Foster, the stitches came out and there is pus, i have a pic',
    ],
  ])('%s', (_name, text) => {
    expect(phi(text)).toBeDefined();
  });

  it('may have nothing but a name in the subject', () => {
    expect(phi('Session 7. Fewer panic attacks, sleeps better.', 'J.T. Foster')).toBe('medium');
    expect(phi('Tablets and how to order them.', 'J.T. Foster')).toBeUndefined();
  });

  it.each([
    ['whoever walks for others', "Brenda Foster walks for Parkinson's research this Sunday."],
    ['whom to call', 'Lost: bike key, near the dialysis unit. Call Brenda Foster.'],
    ['a greeting with a title', 'Dear Dr. Brenda Foster, our asthma inhalers cost less from May.'],
    ['many people', 'Many Americans live with asthma and take medicine for it.'],
    ['the end of a sentence', 'It is called Fragile X. People with it have seizures and need therapy.'],
    ['one who works there', 'Brenda Foster, colorectal surgeon, begins with colonoscopies on Monday.'],
    ['a title of one who cares', 'Nurse practitioner Brenda Foster received a prize for palliative care.'],
    ['what is of work', "Please correct Brenda Foster's overtime, she worked two nights on the stroke unit."],
    ['a hired one', 'The autism center hired two behavior analysts, Jill Foster and Omar Lewis.'],
    ['a laboratory', 'Inspector Brenda Foster visits the tuberculosis laboratory on 3 May.'],
    ['one who shows goods', 'Brenda Foster from Exampletronic will demo the new pacemaker on Thursday.'],
    ['a letter of a firm', 'Dear Brenda Foster, how satisfied are you with our lab courier service?'],
    ['words of a heading', 'Quality Improvement Weekly, for the Wound Care Pathway: asthma and pneumonia.'],
    ['who is on call', 'On call this week: medicine Dr Zibor, surgery Mr Foster, obs Miss Kaczmarek.'],
    [
      'who is praised',
      'Apixaban stays for those with renal impairment. Thanks to Brenda Foster for the review.',
    ],
    ['who is asked', 'Brenda, could you ask cleaning to do bay 2 after the norovirus?'],
    ['who works there', 'Frau Foster aus der Buchhaltung fragt nach der Rechnung für die Herzkatheter.'],
    [
      'who applies',
      "I wish to apply for the post in oncology. I have five years' experience of chemotherapy. Brenda Foster",
    ],
    [
      'who died at work',
      'It is with great sadness that we tell you that our porter Brenda Foster died on Sunday.',
    ],
    [
      'small letters of work',
      'thanks to tomasz kaczmarek for the asthma lecture, slides are on the intranet',
    ],
  ])('not: %s', (_name, text) => {
    expect(phi(text)).toBeUndefined();
  });

  it('takes time linear in the text', () => {
    const work = watchProcessor();
    phi('Brenda Foster and the asthma newsletter, register now. '.repeat(20_000));
    phi('Aaxa van der Bbqb said that members study asthma research.\n'.repeat(10_000));
    work.expectBelow(30_000);
  });
});
