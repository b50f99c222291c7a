import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

describe('icd-10-cm', () => {
  it.each([
    ['Dx: E11.9', [['E11.9', 'high']]],
    ['diagnosis code I10', [['I10', 'medium']]],
    ['atrial fibrillation (I48.91)', [['I48.91', 'medium']]],
    ['ICD-10 S72.001A', [['S72.001A', 'high']]],
    ['room E11', []],
    ['Go to gate B12', []],
    ['vitamin B12 is low', []],
    ['T99.1 is no category', []],
    ['release v1.E11.9', []],
    ['part A10-223', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('icd-10-cm', text)).toEqual(expected);
  });
});

describe('health-term', () => {
  it.each([
    ['type 2 diabetes', [['type 2 diabetes', 'medium']]],
    ['suffers from epilepsy', [['epilepsy', 'high']]],
    ['metformin 500 mg', [['metformin', 'high']]],
    ["Crohn's disease", [["Crohn's disease", 'medium']]],
    ['kidney\nstones', [['kidney\nstones', 'medium']]],
    ['seizures', [['seizures', 'medium']]],
    ['two biopsies', [['biopsies', 'medium']]],
    ['hemoglobin A1C', [['hemoglobin A1C', 'medium']]],
    [
      'a positive follow-up',
      [
        ['positive', 'low'],
        ['follow-up', 'low'],
      ],
    ],
    ['HIV', [['HIV', 'medium']]],
    ['she coughed', []],
    ['diabetesx', []],
    ['an als ob', []],
    ['ALS', [['ALS', 'medium']]],
    ['an unlisted word: blepharoplastitis', [['blepharoplastitis', 'medium']]],
    ['academia and sympathy', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('health-term', text)).toEqual(expected);
  });

  it('keeps offsets where lower case is longer than the text', () => {
    expect(seen('health-term', 'İİİ 😀 epilepsy')).toEqual([['epilepsy', 'medium']]);
  });
});
