import { describe, expect, it } from 'vitest';
import { anchoredPattern } from '../../../../src/inspect/detect/anchored-pattern.js';
import { SHIPPED } from '../../../../src/inspect/detect/registry.js';

describe('a pattern for V8', () => {
  it('takes flags and ASCII boundaries as Rust has them', () => {
    const pattern = anchoredPattern('(?i)(?-u:\\b)mrn[ ]{0,2}[0-9]{4}(?-u:\\b)', 'y');
    pattern.lastIndex = 2;
    expect(pattern.exec('a MRN 1234')?.[0]).toBe('MRN 1234');
  });

  // Without a bound on a repeat one try could take time in the length of the text.
  it.each(['a*', 'a+', '(?:ab){2,}', 'a(?=b)', '(?i:a)', '(?<x>a)'])('refuses %s', (source) => {
    expect(() => anchoredPattern(source, 'y')).toThrow();
  });

  it('can be made of all shipped patterns that have a clue', () => {
    for (const { patterns } of SHIPPED) {
      for (const one of patterns) if (typeof one !== 'string') anchoredPattern(one.pattern, 'y');
    }
  });
});
