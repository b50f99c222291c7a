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
