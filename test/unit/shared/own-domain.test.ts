import { expect, it } from 'vitest';
import { isOwnDomain } from '../../../src/shared/own-domain.js';

it.each([
  ['clinic.example', true],
  ['ward.clinic.example', true],
  ['a.ward.clinic.example', true],
  ['lab.test', true],
  ['myclinic.example', false],
  ['clinic.example.test', false],
  ['example', false],
  ['', false],
] as const)('%s is of the organisation: %s', (domain, own) => {
  expect(isOwnDomain(['clinic.example', 'lab.test'], domain)).toBe(own);
});
