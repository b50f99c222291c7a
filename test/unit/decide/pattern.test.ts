import { describe, expect, it } from 'vitest';
import { compileGlob, compilePattern } from '../../../src/decide/pattern.js';
import { watchProcessor } from '../../support/processor-time.js';

describe('patterns', () => {
  it('take linear time, whatever the pattern', () => {
    const compiled = compilePattern('^(a+)+$');
    const work = watchProcessor();
    expect(compiled.ok && compiled.pattern.test(`${'a'.repeat(1_000_000)}b`)).toBe(false);
    work.expectBelow(5000);
  });

  it('match text with lone surrogates', () => {
    const compiled = compilePattern('b$');
    expect(compiled.ok && compiled.pattern.test('a\ud800b')).toBe(true);
  });

  it('take names literally but for * and ?', () => {
    const fits = (glob: string, name: string) => {
      const compiled = compileGlob(glob);
      return compiled.ok && compiled.pattern.test(name);
    };
    expect(fits('*.x?s', 'A\nb.XLS')).toBe(true);
    expect(fits('a.c', 'abc')).toBe(false);
    expect(fits('(a|b)+', '(a|b)+')).toBe(true);
    expect(fits('*.csv', 'list.csv.exe')).toBe(false);
  });
});
