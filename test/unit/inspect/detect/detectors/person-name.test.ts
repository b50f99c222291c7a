import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

const surely = (text: string) => seen('person-name', text).filter(([, confidence]) => confidence !== 'low');
const names = (text: string) => surely(text).map(([name]) => name);

describe('person-name', () => {
  it('sees the names in messages of HL7, and those of family, guarantor and insured', () => {
    const message = [
      'MSH|^~\\&|a|b|c|d|20260102||ADT^A01',
      'PID|1||7^^^x^MR||Roe&&&&Moe^Zanthippe^Q~Quibble^Zan|Noe^Mia||F|Zeugma^^|||555',
      'NK1|1|Quibble^Quincy^^^|SPO',
      'PV1|1|I||||12^Attender^Anna',
      'GT1|1||Xenon^Xaver|Xenon^Xenia',
      'IN1|1|p|9|Acme Health||||||||||||Yarrow^Yves|SEL',
    ].join('\n');
    expect(surely(message).map(([name]) => name)).toEqual([
      'Roe&&&&Moe^Zanthippe',
      'Quibble^Zan',
      'Noe^Mia',
      'Zeugma',
      'Quibble^Quincy',
      'Xenon^Xaver',
      'Xenon^Xenia',
      'Yarrow^Yves',
    ]);
  });

  it.each([
    ['Patient: Jane Roe', ['Jane Roe']],
    ['patient Zanthippe Quibble was seen', ['Zanthippe Quibble']],
    ['Mrs. Quibble called', ['Quibble']],
    ['Mrs. Jane Quibble called', ['Jane Quibble']],
    ['a letter from John Q. Roe', ['John Q. Roe']],
    ['ROE, JANE', ['ROE, JANE']],
    ['Roe, Jane A. in room 4', ['Roe, Jane A.']],
    ['a 61-year-old man, Robert A., admitted', ['Robert A.']],
    ['José Núñez wrote', ['José Núñez']],
    ["Jane Roe's visit", ['Jane Roe']],
    ["Patient: Mary O'Brien", ["Mary O'Brien"]],
    ['name,dob\nQuincy Quibble,3/4/1964', ['Quincy Quibble']],
    ['Parkinson disease and Crohn disease', []],
    ['Hodgkin Lymphoma', []],
    ['Down Syndrome', []],
    ['Framingham Risk Score', []],
    ['Mount Sinai Hospital', []],
    ['Good Morning Team', []],
    ['Patient Name: ______', []],
    ['Mme. Dubois and Herr Schneider', ['Dubois', 'Schneider']],
    ['la paciente María Quibble', ['María Quibble']],
    ['my daughter Zanthippe', []],
    ['my aunt, Zanthippe Quibble', ['Zanthippe Quibble']],
    ['Whitley, Augustus', ['Whitley, Augustus']],
    ['Smith-Jones, Ngozi', ['Smith-Jones, Ngozi']],
    ['seen by B. Foster today', ['B. Foster']],
    ['B. Foster, R. Lewis, K. White', []],
    ['Jane Roe MRI lumbar', ['Jane Roe']],
    ['Jane Roe DOB 3/4/1964', ['Jane Roe']],
    ["St. Paul's Church", []],
    ['CHAD2DS2-VASc score', []],
    ['tests for MS. Doctors agree', []],
    ['your baby. About half', []],
    ['Metoprolol Tartrate and Paxil', []],
    ['Wells score, Braden Scale, Apgar Score', []],
    ['Johns Hopkins Medicine', []],
    ['Kaplan and Meier', []],
  ])('names in %j', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });
});
