import { describe, expect, it } from 'vitest';
import { isPhi } from './phi.js';

// Each could trip a rule about people at work: who signs a mail, authors, rosters, leaflets, dates.
describe('a patient is not hidden', () => {
  it.each([
    'Team,\n\nNew patient for the stroke unit tonight, on apixaban and metformin.\nBrenda Foster',
    'Hi all,\n\nOne more for the MRI list, knee pain and a meniscus tear:\nBrenda Foster',
    "Dear colleagues,\n\nWe have to cancel tomorrow's colonoscopy and the gastroscopy.\nBrenda Foster, 64",
    'Hi Tom,\n\nKidney stone and hydronephrosis, goes to theatre at eight for a stent.\nBrenda Foster, bed 4',
    'Hello,\n\nThis lady needs a wheelchair and oxygen for the ride to dialysis.\n\nBrenda Foster',
    'Hi Jo,\n\nCan you find the pathology? Melanoma on the back, excised in May, he wants the margins.\nRobert Lewis',
    'Dear Dr. Parker,\n\nThank you for seeing my client. She has had seizures since the accident.\n\nBrenda Foster',
    'Hi,\n\nThe client below needs insulin and a glucometer today.\n\nBrenda Foster',
    'Dear Dr. Parker,\n\nMy seizures are back and the Keppra makes me sleepy.\n\nBrenda Foster, Ohio',
    'Hi all,\n\nI have breast cancer and start chemo on Monday.\nBrenda Foster',
    'Hello,\n\nI had a heart attack in May and want to thank the ICU.\nBrenda Foster, Teacher',
    'Hi Tom,\n\nMy mother has dementia and fell again.\nBrenda Foster',
    'Dear Ms. Foster,\n\nPlease find below a leaflet on your colonoscopy. Take your laxative the evening before.\n\nEndoscopy unit',
    'Dear Brenda,\n\nI enclose copies of your MRI report. Your disc is bulging at L5.\n\nDr. Lewis',
    'Dear Brenda,\n\nHere is a handout about your gestational diabetes. Check your sugar four times a day.\n\nMidwife Jo',
    'Hi Robert,\n\nYour template of the crown is ready, the root canal is booked for Friday.\n\nDr. Finch, DDS',
    'Dear Mr. Lewis,\n\nI attach a draft letter for your employer: your back pain after the fusion means no lifting.\n\nDr. Finch',
    'Dear Ms. Foster,\n\nYour print at 200 copies was the reason your wrist hurts; the nerve test shows carpal tunnel syndrome.\n\nDr. Finch',
    'Dear Robert,\n\nThe leaflet for the clinic is enclosed. Your prostate biopsy is on May 4.\n\nUrology',
    "From: Brenda Foster\nSent: Monday\n> I have been vomiting since the chemo and can't keep anything down.\n> Brenda",
    '> On Monday Brenda Foster wrote:\n> My wound is red and draining since the surgery.',
    'Forwarding, please call.\n\nFrom: Robert Lewis\nTo: Clinic\n> my chest hurts when i climb the stairs and my ankles are swollen',
    "What's the plan?\n\nFrom: Jo Finch\nSent: Monday\nTo: Tom Parker\n> I have copied Tom. Brenda Foster's biopsy shows melanoma.",
    'Brenda Foster is asking when the stitches come out of her knee.',
    'Brenda Foster is asking for more oxycodone.',
    'Brenda Foster takes warfarin and took a fall on the stairs.',
    'Robert Lewis took over the counter ibuprofen for three weeks and has an ulcer.',
    'Robert Lewis takes over 30 pills a day for his heart failure.',
    'Assigned to you: Robert Lewis, CHF, needs a home visit.',
    'Assigned: Brenda Foster, hip fracture, bed 4.',
    'Robert Lewis (surgery) vomiting again, ileus on CT.',
    'Brenda Foster (oncology) spiked a fever, neutropenic.',
    'Brenda Foster (backup O2 at home) has COPD and is running out.',
    'Robert Lewis, copied to cardiology: atrial fibrillation, start apixaban.',
    'We copied Brenda Foster on her own biopsy report; the melanoma is in situ.',
    'My mother, Brenda Foster, took over the kitchen again after her stroke, against the policy of the ward.',
    'Radiology: Brenda Foster needs MRI of the knee for a torn meniscus.',
    'Robert Lewis. 2014; 3 stents, bypass 2019, heart failure since.',
    'Brenda Foster 51 (1973) breast cancer stage II',
    'Cardiology: Brenda Foster (obstetrics) has peripartum cardiomyopathy.',
    'Thx\nBrenda Foster has her colonoscopy on Monday, please prep.',
    'Best\nroom for Brenda Foster is 4, she has influenza.',
    'Moderate dementia: Robert Lewis needs a sitter.',
    'Robert Lewis has updated his advance directive, he is DNR since the stroke.',
    'Brenda Foster has revised hip surgery on Monday, on warfarin.',
    'April 2, 2027: Brenda Foster, mammogram, BI-RADS 4.',
    'April, 2 years old, has croup and a fever; call her mother.',
    'Hi Jo,\n\nComing to us today with sepsis and renal failure.\n\nMary Foster',
    'Team,\n\nSepsis and renal failure, on norepinephrine, needs a bed.\nMary Foster',
  ])('%s', (text) => {
    expect(isPhi(text)).toBe(true);
  });
});

describe('mail about no patient', () => {
  it.each([
    [
      'who closes a mail with a role',
      'Hello team,\n\n1. Melanoma - presenter Dr. Finch\n2. Lymphoma - presenter Dr. Lewis\n\nLunch from 11:45.\nBrenda Foster, Cancer Registry',
    ],
    [
      'who closes a mail below a place',
      "Dear friends,\n\nParkinson's exercise on Mondays, grief group on Tuesdays, diabetes class on Fridays.\nBring a snack.\nBrenda Foster\nExample Valley Hospital",
    ],
    [
      'who closes a list',
      'Good morning everyone,\n\nName  Department\nJo Finch  Oncology\nTom Lewis  Psychiatry\nAnn Parker  Dialysis\n\nBrenda Foster',
    ],
    [
      'who closes mail that is quoted',
      'The stroke and sepsis numbers are below: sepsis 81 %, stroke 77 %.\n\n-----Original Message-----\nFrom: Robert Lewis\n> The fax is down.\n> Robert Lewis',
    ],
    [
      'who only asks again',
      'The chemo and dialysis hours change in May.\n\nFrom: Brenda Foster\n> Did this go out? Robert is asking again.\n> Brenda',
    ],
    [
      'who took over',
      'Admissions for heart failure and pneumonia fell.\n\nFrom: Brenda Foster\n> I have copied Robert Lewis who took over from Tom Parker.\n> Brenda',
    ],
    [
      'a leaflet to be printed',
      'Hi Brenda,\n\nPlease print 300 copies.\n\nAFTER YOUR CATARACT SURGERY\nDo not rub your eye. Take your drops. Call your doctor if you have pain.\n\nRobert',
    ],
    [
      'a journal',
      '3. Gail Finch, Tom Lewis et al. "Depression after stroke: a review", J Clin Rev 35 (2008). PMID 06819607',
    ],
    [
      'an invoice',
      'Acme Supply Co.\nBill to: Example Valley Hospital, Attn: Brenda Foster\n12 boxes of catheters, 4 of sutures, 3 CPAP masks',
    ],
    [
      'when a course expires',
      'Employee         ID     Dept        Course     Expires\nFoster, Brenda  06223  Nephrology  Chemo  April 2, 2027\nLewis, Robert  65930  Neurology  EKG basic  April 9, 2027',
    ],
    [
      'backups on call',
      'Pulmonology: Brenda Foster (backup Tom Lewis) #4411\nCardiology: Megan Parker (backup Jo Finch) #4412\nNeurology: Ann Lewis (backup Al Parker) #4413',
    ],
    [
      'who is to be asked, by letters',
      'Employees with a fever or cough stay at home. Flu vaccination is free. Contact Robert Lewis (A-L) or Brenda Foster (M-Z).',
    ],
    [
      'an account executive',
      'Hi Dr. Finch,\n\nOur monitor picks up atrial fibrillation after stroke. Lunch is on us.\n\nBrenda Foster\nAccount Executive, 415-555-0106',
    ],
    [
      'who leads a teaching case',
      'Hi all,\n\nA 51-year-old woman has weakness of the right arm and slurred speech. She takes no drugs.\nWhat is the next step?\nA) CT  B) lumbar puncture  C) heparin\n\nDiscussion at noon, led by Dr. Finch.\nBrenda Foster',
    ],
    [
      'whose last week it is',
      "All,\n\nIt's Robert's last week on 5 East! He opened our first heart failure clinic. Cake on Monday.\n\nBrenda",
    ],
    [
      'whom the desk assigned a ticket',
      'Location: ED triage 2\nDescription: User cannot open the medication screen in Nephrology.\nAssigned to: Robert Lewis',
    ],
    [
      'who is offered a job',
      'Dear Ms. Lewis,\n\nWe are glad to offer you the post of nurse in Gynecology. The offer depends on a background check, drug screen and health clearance.\n\nBrenda Foster\nHuman Resources',
    ],
  ])('%s', (_name, text) => {
    expect(isPhi(text)).toBe(false);
  });
});
