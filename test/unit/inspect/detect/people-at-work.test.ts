import { describe, expect, it } from 'vitest';
import { detect } from '../../../../src/inspect/detect/index.js';

/** The confidence of `phi` in a mail. */
function phi(subject: string, body: string): string | undefined {
  const { classifications } = detect(
    [
      { where: 'header:subject', text: subject },
      { where: '1', text: body },
    ].map((view) => ({ ...view, view: 'text' as const, toSource: (offset: number) => offset })),
    { fingerprintKey: new Uint8Array(32) },
  );
  return classifications.find(({ classification }) => classification === 'phi')?.confidence;
}

describe('mail of a hospital that is about no patient', () => {
  it.each([
    [
      'who is on call, by department',
      'This week',
      'Date        Service            On call          Pager\n12/14/2026  Gastroenterology   Mary Foster      1585\n12/15/2026  Rheumatology       James Parker     7729\n12/16/2026  Palliative Care    Susan Taylor     2168\n',
    ],
    [
      'who has to be trained',
      'Expiring soon',
      'EMPLOYEE | ID | CLASS | DUE\nMary Foster | 440200 | Stroke NIHSS | 12/07/2026\nJames Parker | 336623 | Chemo handling | 11/27/2026\n',
    ],
    [
      'volunteers, who are to stay at home when ill',
      'Thank you',
      'Shifts of the week\nFriday     Mary Foster      NICU cuddler\nMonday     James Parker     oncology cart\nIf you are sick stay home and call 617-555-0126. TB tests are due for all volunteers.\n',
    ],
    [
      'an application',
      'Application',
      "Dear Ms. Parker,\n\nI have 10 years of experience caring for patients with diabetes and Alzheimer's disease. My references are James Taylor and Susan Foster.\n\nSincerely,\nMary Foster",
    ],
    [
      'credentials',
      'Reappointment',
      'Applicant: Mary Foster, MD\nMalpractice policy: MPL-7664901\nPrivileges requested: laparoscopic cholecystectomy, sleep study\nReferences: James Parker; Susan Taylor\n',
    ],
    [
      'what somebody says of a product',
      'Following up',
      'Our pump helped Example Ridge Health reduce diabetic foot ulcers by 27%. James Parker at Example Point Hospital said it paid for itself.\n',
    ],
    [
      'articles',
      'Literature',
      'I found these on depression:\n1. Parker J, Foster M. Heart failure after cardiac catheterization. JAMA. 2024;323(7):146-613. PMID: 98652508\n2. Mary Taylor, James Foster et al. "Hepatitis C in people who inject drugs" (2021). PMID 62640159\n',
    ],
    [
      'whom to ask about codes',
      'Coding',
      '- C50.912: malignant neoplasm of left female breast. Document laterality.\n- E11.65: type 2 diabetes with hyperglycemia.\nCPT 99214 needs modifier 25. Ask James Parker, CPC, ext. 1484.\n',
    ],
    [
      'praise of a nurse',
      'Award',
      'I would like to nominate Mary Foster, RN, Nephrology. Mary taught the whole unit about hepatitis C, and caught a wrong dose of apixaban. James Parker and Dr. Taylor agree.\n',
    ],
    [
      'a writer without a word of farewell',
      'Stroke pathway',
      'Hello team,\n\nThe pathway for acute stroke and atrial fibrillation is on the shared drive.\n\nMary Foster\nQuality Office | ext. 4289\n',
    ],
    [
      'a writer above a footer',
      'Order set',
      'Lorazepam 2 mg for alcohol withdrawal, thiamine daily.\n\nMary Foster, Patient Education\n\nExample Ridge Hospital\nNorth Campus\nTel 415-555-0179\n',
    ],
    [
      'a lecture',
      'Thank you',
      'Dear Dr. Taylor,\n\nThank you for your lecture on bipolar disorder. James Parker and the residents in Cardiology learned a lot about oxycodone.\n\nMary Foster, Program coordinator\n',
    ],
    [
      'whoever is written to',
      'RE: agenda',
      'James,\n\nCould you send the slides on diabetes and heart failure before Friday?\n\nMary Foster\nNeurology | ext. 7452\n',
    ],
    [
      'a day of April in a newsletter',
      'Newsletter',
      'LIVING WELL WITH COPD\n\nMost people with high blood pressure recover when treatment starts early.\n\nFree screening April 3, Mobile van. Call 212-555-0122.\n',
    ],
  ])('%s', (_name, subject, body) => {
    expect(phi(subject, body)).toBeUndefined();
  });
});

describe('mail about a patient that looks like it', () => {
  it.each([
    [
      'a list of who was seen, by department',
      'Clinic today',
      'Patient          Service          Reason\nMary Foster      Cardiology       chest pain, troponin negative\nJames Parker     Nephrology       kidney failure\n',
    ],
    [
      'who hands over a ward at the end of a shift',
      'Shift report',
      'Shift report 7p-7a\n506A Mary Foster 45F endometriosis, NPO after midnight\n500 James Parker 53M bladder cancer, comfort care\n',
    ],
    [
      'a record below the text',
      'Referral',
      'Please see this patient this week.\n\nMary Foster\nDOB 02/11/1961\nbreast cancer, on letrozole\n',
    ],
    [
      'equipment to be delivered',
      'Order',
      'Please deliver:\n\nMary Foster\n2192 Hillcrest Blvd, Exampleton\n415 555 0104\n\nHome oxygen 2 LPM, diagnosis COPD\n\nThanks,\nJames Parker\n',
    ],
    [
      'the note of a call',
      'Message',
      'TO: Dr. Taylor\nFROM: Mary Foster\nPHONE: (617) 555-0104\n\nAsks whether to stop naltrexone 50 mg daily before detox.\n\nJames Parker, LPN\n',
    ],
    [
      'initials with a date of birth',
      'quick q',
      'Hi,\n\nXQ (5/9/79), no showed twice, end-stage renal disease, on sevelamer 800 mg with meals. thanks!\n',
    ],
    [
      'somebody who is ill, told to colleagues',
      'Card',
      'Many of you know Mary Foster from the choir. She has been off work with COPD and goes for pulmonary function tests soon.\n',
    ],
    [
      'leave from work, with its cause in the next sentence',
      'Leave request',
      'Mary Foster in the warehouse has asked for leave from November 18. Her COPD has flared again and she needs two days a month off.\n',
    ],
    [
      'a manager about rehab',
      'confidential',
      'Just a heads up that Mary Foster will be out from Monday. She is going into rehab for alcohol for 30 days.\n',
    ],
    [
      'an unpaid bill',
      'Placement',
      'Mary Foster\n2629 Prospect St, Exampleton, NC 27520\n\nAcct: 993955422\nBalance: $4355.44\nService: psychiatric inpatient stay, 9/21/26\n',
    ],
    [
      'an injured worker',
      'Status',
      'Claim no. WC-81789776, injured worker Mary Foster. Accepted body parts: lumbar spine. We are authorizing 12 visits of physical therapy, CPT 97110.\n',
    ],
    ['a text to the ward', 'fyi', 'hey Ms. Foster in 215 c diff came back pos. dr Taylor aware. ty'],
    [
      'a letter after a consultation',
      'Referral',
      'Dear Doctor Taylor:\n\nIt was a pleasure to meet Mary Foster in consultation today. Her main problem is hepatitis C, for which she takes Mavyret for eight weeks.\n',
    ],
  ])('%s', (_name, subject, body) => {
    expect(phi(subject, body)).toBeDefined();
  });
});

/* Words of what goes on at work, in mail about somebody's health. */
describe('what only sounds like work', () => {
  it.each([
    'Mary Foster asked if the biopsy showed melanoma.',
    'Mary Foster asked whether the lithium is refilled.',
    'Mary Foster agrees to the mastectomy and chemotherapy.',
    'Mary Foster needs to confirm her appointment for the mammogram.',
    'Reference: Mary Foster, mastectomy on Monday',
    'I spoke with Mary Foster about chemotherapy and she accepts.',
    'Mary Foster is scheduled for a course of chemotherapy for leukemia.',
    'Mary Foster is enrolled in our program for opioid use disorder.',
    'Mary Foster is fighting breast cancer.',
    'Dr. Parker saw Mr. Parker about his leukemia.',
    'Nurse Mary Jones RN called. Mary has lymphoma and starts rituximab.',
    'I was at training with the team this morning and heard that\nMary Foster has been diagnosed with leukemia.',
    'Please schedule chemotherapy for leukemia for this patient:\n\nMary Foster\n\nThanks,\nJames Parker',
    'Please call this patient about the HIV result.\n\nMary Foster\n',
    'Coming to us today with sepsis.\n\nMary Foster\n',
    'Mary Foster has leukemia. What is the next step?',
    'Dear Mary Foster, our tests show you may have hepatitis C.',
    'DEAR MARY FOSTER, YOUR HIV TEST IS POSITIVE. PLEASE CALL US.',
    'Jane Foster,\n\nyour mammogram shows a mass. Please call.\n\nDr. Parker',
    'April, 3, has asthma and needs albuterol before gym. She is in your class.',
    'From: Mary Foster\nTo: Ward\n\nI have had chest pain since my bypass surgery and my INR is 5.',
    'From: Mary Foster\n\nThe chest pain and vomiting got worse, is it the chemotherapy? I am scared.',
    'Hello,\n\nbed request for tonight, septic shock, on pressors.\n\nMary Foster',
    'Good morning,\n\nCT shows a pancreatic mass. Oncology to follow.\n\nMary Foster\n',
    'Dear colleagues,\n\nPositive for hepatitis C, viral load pending.\n\n- Mary Foster',
    'Hi,\n\nstopped taking lithium last week and is manic again.\n\nMary Foster',
    'On Monday Ann Lee wrote:\n> suicide attempt with acetaminophen, on the psych unit\n>\n> Mary Foster',
    'Dear Mary Foster,\n\nPlease proofread the form. Your HIV viral load is 40,000.',
    'Dear Mrs. Foster,\n\nthe brochure below explains your breast cancer treatment. Your biopsy was positive.',
    "Mary Foster's last week was rough: fever and vomiting after chemo.",
    'Mrs. Foster took over an hour to wake up after the anesthesia.',
    'Class 4B:\n- Mary Foster, asthma, inhaler in the office\n- James Parker, peanut allergy, EpiPen',
    'Welcome baby! \nMary Foster gave birth by cesarean section yesterday, postpartum hemorrhage controlled.',
    'Mary Foster: imatinib for leukemia as in Lancet 2020;395:12',
    'Mary Foster, ext. 4411, has shingles and is off work',
    'Mary Foster-Hart was seen for chest pain.',
    'stepdown: mrs foster-hart was seen for chest pain, trop neg x2',
  ])('%j', (body) => {
    expect(phi('', body)).toBeDefined();
  });
});
