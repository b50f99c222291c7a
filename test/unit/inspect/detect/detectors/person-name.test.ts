import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

const surely = (text: string) => seen('person-name', text).filter(([, confidence]) => confidence !== 'low');
const names = (text: string) => surely(text).map(([name]) => name);

describe('person-name', () => {
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
  ])('names in %j', (text, expected) => {
    expect(names(text)).toEqual(expected);
  });
});
