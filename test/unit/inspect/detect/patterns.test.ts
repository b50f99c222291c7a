import { describe, expect, it } from 'vitest';
import { compilePatterns, PatternSyntaxError } from '../../../../src/inspect/detect/patterns.js';

const DASHED = '(?-u:\\b)[0-9]{3}-[0-9]{4}(?-u:\\b)';

function hits(source: string, text: string) {
  const set = compilePatterns([source]);
  const found = set.search(text).get(0) ?? [];
  set.dispose();
  return found;
}

describe('offsets are UTF-16 code units', () => {
  it.each([
    ['ASCII', 'call 555-0147 now'],
    ['letters with marks', 'télé 555-0147'],
    ['astral characters', '😀😀 555-0147 😀'],
    ['other scripts', '電話 555-0147'],
    ['a lone surrogate', '\ud83d x 555-0147'],
    ['a combining mark', 'e\u0301 555-0147'],
  ])('behind %s', (_name, text) => {
    const start = text.indexOf('555');
    expect(hits(DASHED, text)).toEqual([{ start, end: start + 8, text: '555-0147' }]);
  });

  it('gives the matched text as it stands there', () => {
    expect(hits('[A-Z][a-z]+', '😀 Éloïse')).toEqual([{ start: 3, end: 9, text: 'Éloïse' }]);
  });
});

describe('compilePatterns', () => {
  it('reports only patterns that hit, each with all its hits', () => {
    const set = compilePatterns(['[0-9]+', 'x', '[a-c]']);
    const found = set.search('a1b22');
    expect([...found.keys()].sort()).toEqual([0, 2]);
    expect(found.get(0)?.map((hit) => hit.text)).toEqual(['1', '22']);
    set.dispose();
  });

  it('finds a hit whole and once wherever it lies in a long text', () => {
    for (let padding = 2_480; padding <= 2_640; padding += 3) {
      const text = `${'x '.repeat(padding)}555-0147 ${'y '.repeat(2_000)}`;
      expect(hits(DASHED, text)).toEqual([{ start: padding * 2, end: padding * 2 + 8, text: '555-0147' }]);
    }
  });

  it.each([['a(?=b)'], ['(a)\\1'], ['a('], ['é']])('refuses %j and says which one it was', (source) => {
    expect(() => compilePatterns(['fine', source])).toThrow(PatternSyntaxError);
    expect(() => compilePatterns(['fine', source])).toThrow(expect.objectContaining({ index: 1 }));
  });
});
