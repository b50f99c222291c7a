import { describe, expect, it } from 'vitest';
import { isPhi } from './phi.js';

describe('what the next sentence says of the same person', () => {
  it.each([
    'This letter concerns Brenda Foster. I have treated her since 2019 and she meets criteria for generalized anxiety disorder.',
    'I am writing in support of Megan Parker. Her migraines make it impossible to work under bright lights.',
    'Mr. Finch in 204 pulled out his IV again.',
    'Brenda Foster in accounts told me the tumor is growing again.',
    'Zulema Barnhart finally got a name for it: sickle cell disease.',
  ])('%s', (text) => {
    expect(isPhi(text)).toBe(true);
  });
});

describe('letters of patients, and of clinicians to them', () => {
  it.each([
    'Dear Brenda,\n\nThe X-ray of your wrist shows a small break. Please come to the fracture clinic on Monday.\n\nDr. Alan Lewis',
    'Dear Mr. Lewis,\n\nGood news: the stress test was normal. Keep taking the aspirin.\n\nHelen Parker, MD',
    'To whom it may concern,\n\nI spent three weeks on your stroke unit in June and I want to thank everyone.\n\nBrenda Foster',
    'Hello,\n\nSince the hysterectomy I leak when I cough. Is this normal?\n\nBrenda Foster',
    'Hello,\n\nMy stool has been black for two days and I feel dizzy.\n\nRobert Lewis',
    'Good morning,\n\nI ended up in the ER with chest pain last night and they kept me till noon. Do I need to see you?\n\nRobert Lewis',
    'Hi doc, the new pills make my heart race. Should I stop? - Bob Lewis',
  ])('%s', (text) => {
    expect(isPhi(text)).toBe(true);
  });
});

describe('entries about people whose names no list has', () => {
  it.each([
    'KREUTZBERG, ODALYS   F   03/14/1951   Acc# A7790213\nEXAM: CT HEAD WO\nFINDINGS: old lacunar infarct.',
    'Visited today: Hendrick, Terisa, 550 Maple Ave. 2+ pitting edema, weight up 4 lb.',
    '412  R. Gahn 75M  admitted w/ macular degeneration\n414  J. Harrer 73F  admitted w/ pneumonia',
  ])('%s', (text) => {
    expect(isPhi(text)).toBe(true);
  });
});

describe('short mail of many kinds', () => {
  it.each([
    "Hi team, Darnell Price won't be back this season, MRI showed a full tear of the ACL.",
    "Father Tom, could you anoint Agnes Kowalski? She is at St Joseph's, bed 14, and failing fast.",
    "Please keep the Olsen family in your thoughts; little Ingrid's leukemia is back.",
    'Per HR, Tamika Jones is cleared to return on Monday with a 10 lb lifting limit after her rotator cuff repair.',
    'Workers comp: Luis Ortega crushed two fingers in the press on 5/2 and had surgery at County.',
    'Attn claims: our insured Gladys Whitfield was hospitalised in Spain with a stroke, please open a travel claim.',
    'We are declining the life application of Harold Stone because of the abnormal liver tests.',
    'My client Dwayne Harris suffered a cervical fracture in the crash and still wears a collar.',
    'Re: Estate of Miriam Katz - the nursing home let her bedsores get to the bone.',
    'Officer, the man in cell 4, Victor Salas, says he swallowed pills.',
    'The caseworker says Destiny Walsh tested positive for meth at delivery.',
    'Foster parents of Aiden Cole need the seizure plan before he moves in.',
    "Aiden Cole's teacher reports he blanks out several times a day, ?absence seizures.",
    'The ring-bearer, my nephew Luca, has impetigo so he is staying home.',
    'Refill request: Gladys Whitfield, metoprolol 50, thirty tabs, out since Friday.',
    'Dental: Carla Mendes, lower left molar, needs extraction, on Fosamax.',
    'Carla Mendes has an abscess, face swollen, squeezing her in at 3.',
    'Hi Dr. Wu, my patient Ethan Clarke (DOB 4/5/12) has palpitations; can you do a Holter?',
    'Transport: pick up Whitfield, Gladys, wheelchair, from dialysis at 4.',
    "Home visit: Mr. Kowalski's catheter blocked, changed it, 300 ml out.",
    'Seen today: Agnes Kowalski. Weak, not eating, family wants comfort only.',
    'Bed 6 Moretti: desatting to 84, on 6 L, CXR ordered',
    'Moretti is febrile again, blood cultures x2, vanc started',
    'S. Okafor, G2P1 at 38 weeks, ROM at 0200, GBS pos',
    'Baby boy Okafor jaundiced, bili 16, under lights',
    'Please add Ines Carvalho to the tumor board: 54, triple negative breast.',
    'Ines Carvalho - BRCA1 positive, sister should be tested.',
    'Thanks for letting us look after Ines Carvalho, who died at home on Sunday.',
    "I'm covering for Dr. Wu. Ines Carvalho called; her port site is red.",
    'Voicemail 9:14: this is Martha Boyle, my husband Ed fell again and his head is bleeding, call me',
    "Hi, it's Martha Boyle, Ed's sugar was 41 this morning and he was talking nonsense.",
    "Hi, I'm Ed Boyle. Can I drink beer with metronidazole?",
    'Dear Doctor, I have had diarrhea for three weeks and lost twelve pounds. Ed Boyle',
    'Good evening, the cream did nothing for my psoriasis. Is there anything stronger?\nMartha Boyle',
    'I missed my methadone on Saturday. What do I do? Priya',
    'Hello, my daughter Priya Shah got the MMR and now has a fever of 103.',
    'Mein Mann Otto Brandt hatte einen Herzinfarkt und liegt auf der Intensivstation.',
    'Mi madre Rosa Delgado tiene cáncer de mama y empieza la quimio el lunes.',
    "Ma fille Élodie Garnier fait de l'asthme, merci de garder la Ventoline.",
    'Could you all sign a card for Pete Sandoval? Hernia op on Thursday.',
    "Pete Sandoval is having a knee replaced in June, so I'm running the league.",
    'Poor Pete Sandoval, gout again, he can hardly walk.',
    'Sue Danvers is in the psych ward at Lakeview after what happened on Friday.',
    "I think Sue Danvers is anorexic, she hasn't eaten lunch in weeks.",
    'Sue Danvers told me in confidence she had an abortion.',
    'Ken Abbott has AIDS, keep it quiet.',
    "Ken Abbott's PSA is 18.",
    'Ken Abbott is deaf in one ear since the meningitis.',
    'Ken Abbott uses a CPAP and needs a room with an outlet near the bed.',
    'Allergies for the retreat: Ken Abbott - shellfish, Sue Danvers - bee stings (carries EpiPen).',
    'Roommate list: Abbott/Sandoval (Abbott has sleep apnea, snores).',
    'Guest Ken Abbott, room 1204, collapsed in the lobby and was taken to County General.',
    'Passenger Irina Petrova in 23C had a seizure over Greenland, medic on board.',
    'Tenant Irina Petrova in 4B needs grab bars, she has MS.',
    "Irina Petrova's disability parking permit: please certify she cannot walk 200 feet.",
    'Jury duty: Irina Petrova asks to be excused, she is on chemo.',
    'Irina Petrova - intake: panic attacks, nightmares since the assault, not suicidal.',
    'Group today: Irina shared about her relapse; Ken cried.',
    'Sessions with Omar Haddad continue; sleep better on trazodone.',
    "Omar Haddad's BP 190/110, sent to ED.",
    'O. Haddad A1c 11.2, start basal insulin',
    'Labs back on Haddad: K 6.1!!',
    "Can someone look at Haddad's EKG? ST elevations in II, III, aVF.",
    'Path on Yusuf Demir: invasive ductal carcinoma, grade 2.',
    'CT for Yusuf Demir shows a 3 cm nodule, right upper lobe.',
    'Yusuf Demir no-showed for colonoscopy twice.',
    'Yusuf Demir is due for his flu jab.',
    'Wendy Tran (34) wants her IUD out.',
    "Wendy Tran's pregnancy test was positive!",
    'IVF cycle 2 for Wendy and Bao Tran: 9 eggs, 5 fertilised.',
    'Hearing aid batteries for Walter Finch please, size 312.',
    "Walter Finch's dentures broke, he can only manage soup.",
    'Walter Finch needs his toenails cut, he is diabetic.',
    'Aunt Bea has shingles, so no visit this weekend.',
    'Grandpa is back on the wagon... no wait, Grandpa Joe got his new hip today!',
    "Mom's biopsy came back clean. Love, Annie Foster",
    "Zach Miller's inhaler is in the red bag, two puffs before the race.",
    'Camp note: Zach Miller is homesick and wets the bed, be kind.',
    "Nurse's office: Zach Miller sent home with a temp of 101.",
    'Principal Ortiz, Zach Miller has been diagnosed with ADHD and will start Ritalin.',
    'Zach Miller was stung on the field trip, used his pen, 911 called.',
    'Please find attached the MRI of Yusuf Demir.',
    'I saw your mother, Carol Foster, in the memory clinic. She scored 19/30.',
    'Carol Foster cannot manage her money any more because of her dementia; I support the guardianship.',
    "Carol Foster's hip X-ray was fine, so probably bursitis.",
    'Carol Foster died of sepsis at 04:12. Family present.',
    'Funeral home: release of Carol Foster, cause of death pending, had hepatitis C.',
    'Organ procurement: Carol Foster, 58, brain dead after aneurysm, family agrees.',
  ])('%s', (text) => {
    expect(isPhi(text)).toBe(true);
  });

  it.each([
    [
      'Darnell Price',
      'No contact until the neurologist clears him. Second concussion in a month.\n\nCoach Reyes',
    ],
    [
      'Absence',
      'Please excuse Keisha Brown from PE for six weeks. She had her appendix out on Monday.\n\nMrs. Brown',
    ],
    [
      'Meal train for the Nguyens',
      'Hi all, Linh Nguyen is on bed rest until the baby comes. Dinner for four, no shellfish.',
    ],
    ['Time off', 'Jorge Ramirez called: kidney stones again, he is at the ER. Please cover his shift.'],
    ['Haddad, Omar', 'Could you send over the last echo and the cath report? Seeing him Thursday.'],
    ['Re: Demir', "It's malignant. I'll call him tonight."],
    ['update', "Dad's out of surgery, they got it all. He's asking for ice cream. Love, Annie"],
    ['Annie Foster', 'The scan looks good, no new lesions.'],
  ])('about %j: %j', (subject, text) => {
    expect(isPhi(text, subject)).toBe(true);
  });

  it.each([
    'My dog Charlie had surgery yesterday, so I work from home. Liz',
    'Dear Editor, we read the paper by Okonjo and Weiss on steroids in severe pneumonia. Yours, A. Delgado-Frey',
    "Hello! I run a small blog on living with Crohn's. Would Dr. Patel have 20 minutes? Robyn",
  ])('about no patient: %s', (text) => {
    expect(isPhi(text)).toBe(false);
  });
});

describe('how a text leads to a finding, a letter or a row to its person', () => {
  it.each([
    'Peter Lewis finally got a name for it: rheumatoid arthritis.',
    'What we took for tiredness in Brenda Foster turned out to be lupus.',
    "Brenda Foster's cough turned out to be sarcoidosis.",
    'The lab called: Robert Lewis came back as celiac.',
    'Many of you looked after Brenda Foster. She died of a stroke after a long fight.',
    'You will remember Robert Lewis. He had a heart attack on the train.',
    'This letter concerns Porsche Quillfeather. I have seen her weekly since 2022 for major depression.',
    'I am writing in support of Xanthe Quillfeather. Her migraines keep her from work.',
    'Brenda Foster (grade 4) came to the office wheezing; two puffs and she was fine.',
    'Brenda Foster in rm 387 slipped on the way to the bathroom, CT head negative.',
    'To everyone on 4 West,\n\nI was a patient with you in October after they found a clot in my lung.\n\nRobert Lewis',
    'Dear Mrs. Foster,\n\nAs we discussed, you carry one copy of the cystic fibrosis gene.\n\nKim Parker, LCGC',
    'Dear Ashley Foster,\n\nThis is a reminder of your CT of the abdomen on January 11 at 10:45. Do not eat after midnight.',
    'Dear Robert Lewis,\n\nPlease come to the HIV clinic on May 27 at 9:45, second floor.',
    'Room\tPatient\tDiet\n483\tZAPPAVIGNA J\tnectar thick liquids post stroke\n571\tBARSON S\tgluten free (celiac)',
    'Room\tPatient\tDiet\n488\tKatzenjammer\tNPO for hip arthroscopy, morphine allergy\n489\tVlatkov\tdiabetic',
    'MUSETTI,WILFORDA M|00677644|09/02/1975|REFILL|atorvastatin, c/o rash',
    'Visited today: Quillfeather, Terisa, 550 Maple Ave. 2+ pitting edema, weight up 4 lb.',
    'Cain, Dagmar (M160973)\nDeep vein thrombosis at screening',
    'Cullip, Fonda, 87 F, colon cancer, needs tube feeds',
  ])('%s', (text) => {
    expect(isPhi(text)).toBe(true);
  });
});

describe('people who are named after a place or a virtue', () => {
  it.each([
    'I am worried about Mercy Foster, she told me the Prozac makes her feel numb.',
    'Florida Foster came home yesterday after nine days on the ward with COPD.',
    'Please book Nevada Lewis for a colonoscopy, he is bleeding.',
  ])('%s', (text) => {
    expect(isPhi(text)).toBe(true);
  });

  it.each([
    'Mercy Hospital has a new stroke unit. Mercy Foundation paid for the MRI.',
    'The Florida Keys have a clinic for asthma.',
    'Boston Marathon runners had dehydration and heat stroke last year.',
  ])('but not: %s', (text) => {
    expect(isPhi(text)).toBe(false);
  });
});
