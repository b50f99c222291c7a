import { describe, expect, it } from 'vitest';
import { spellings } from '../../../../src/inspect/detect/spellings.js';
import { termMatcher } from '../../../../src/inspect/detect/term-matcher.js';
import { wordList } from '../../../../src/inspect/detect/word-lists.js';

describe('the health vocabulary', () => {
  const specific = ['conditions', 'drugs', 'procedures', 'tests'].flatMap((name) => wordList(name));

  it('has some thousand terms', () => {
    expect(specific.length).toBeGreaterThan(2_500);
  });

  it('has each term once, and no ambiguous word among the specific ones', () => {
    const folded = [...specific, ...wordList('weak')].map((term) => term.toLowerCase());
    const twice = folded.filter((term, index) => folded.indexOf(term) !== index);
    expect(twice).toEqual([]);
  });
});

describe('spellings', () => {
  it.each([
    ['haematoma', ['haematoma', 'hematoma']],
    ['leukemia', ['leukemia', 'leukaemia']],
    ['chemo ward', ['chemo ward']],
    ['peripheral edema', ['peripheral edema', 'peripheral oedema']],
    ['angioedema', ['angioedema']],
    ['hospitalised', ['hospitalised', 'hospitalized']],
    ['rückenschmerzen', ['rückenschmerzen', 'rueckenschmerzen', 'ruckenschmerzen']],
    ['fièvre', ['fièvre', 'fievre']],
  ])('of %j', (term, expected) => {
    expect([...spellings(term)].sort()).toEqual([...expected].sort());
  });
});

describe('termMatcher', () => {
  const find = (terms: readonly string[], text: string) =>
    termMatcher(terms.map((term) => [term, 'x'] as const))
      .find(text)
      .map((hit) => text.slice(hit.start, hit.end));

  it.each([
    [['heart failure', 'heart'], 'Heart failure of the heart', ['Heart failure', 'heart']],
    [['heart failure'], 'heart, failure', []],
    [['a b c', 'b'], 'a b x', ['b']],
    [['biopsy'], 'biopsies', ['biopsies']],
    [['diagnosis'], 'diagnoses', ['diagnoses']],
    [['ALS'], 'als ALS', ['ALS']],
    [['stent'], 'consistent', []],
    [['ménière disease'], 'MÉNIÈRE disease, meniere disease', ['MÉNIÈRE disease']],
    [['lupus'], 'İ lupus', ['lupus']],
    [['x-ray', 'x rayon'], 'X-rays', ['X-rays']],
  ])('finds %j in %j', (terms, text, expected) => {
    expect(find(terms, text)).toEqual(expected);
  });
});
