import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalise } from '../../../src/inspect/normalise.js';

const CASES: readonly (readonly [name: string, source: string, text: string])[] = [
  ['ASCII stays', 'SSN 000-12-3456\n', 'SSN 000-12-3456\n'],
  ['letters of phonetic alphabets', 'ʂɦɘ ɗɩɑɡɲɵʂɘɗ', 'she diagnosed'],
  ['line ends', 'a\r\nb\rc\u2028d\u0085e', 'a\nb\nc\nd\ne'],
  ['zero-width characters', '0\u200b0\u200c0\u200d-\ufeff1\u20602', '000-12'],
  ['soft hyphens', '000-12-\u00ad3456', '000-12-3456'],
  ['bidirectional marks', '\u202e000\u2066-12\u2069', '000-12'],
  ['tag characters', '0\u{e0030}0', '00'],
  ['control characters', '0\x000\x080\x7f', '000'],
  ['full-width forms', 'ＳＳＮ　０００－１２', 'SSN 000-12'],
  ['mathematical digits', '𝟎𝟘𝟢𝟬𝟶', '00000'],
  ['Arabic, Persian, Devanagari and Thai digits', '٠١۲३๔', '01234'],
  ['letters in parentheses', '⒮⒮⒩', 'ssn'],
  ['circled digits', '①⑨⓪➀❷', '19012'],
  ['keycaps', '1\ufe0f\u20e32\ufe0f\u20e3', '12'],
  ['struck-through digits', '0\u03360\u03361\u0336', '001'],
  ['dashes', '0‐1‑2‒3–4—5―6−7﹣8', '0-1-2-3-4-5-6-7-8'],
  ['spaces', '0\u00a01\u20072\u202f3\u30004', '0 1 2 3 4'],
  ['quotation marks', '‘a’ “b”', '\'a\' "b"'],
  ['Cyrillic look-alikes', 'Раtiеnt ЅЅN', 'Patient SSN'],
  ['Greek look-alikes', 'ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ', 'ABEZHIKMNOPTYX'],
  ['composed letters', 'Jose\u0301 Mu\u0308ller', 'José Müller'],
  ['lone surrogates', 'a\ud800b', 'ab'],
  ['replacement characters', '0\ufffd1', '01'],
  ['ligatures', 'ﬁle', 'file'],
  ['characters of fonts of symbols', '\uf032\uf031\uf02d\uf035\uf020\uf0b7\ue031', '21-5 '],
];

describe('normalise', () => {
  it.each(CASES)('%s', (_name, source, text) => {
    expect(normalise(source).text).toBe(text);
  });

  it('maps an offset back to the character it came from', () => {
    const source = 'a\r\n\u200b０00ﬁx';
    const { text, toSource } = normalise(source);
    expect(text).toBe('a\n000fix');
    for (const wanted of ['0', 'x']) {
      const at = text.lastIndexOf(wanted);
      expect(source[toSource(at)]).toBe(wanted);
    }
    expect(toSource(text.indexOf('0'))).toBe(source.indexOf('０'));
  });

  it('has maps that never go back and stay within the source', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 6 }),
      fc.constantFrom('\r\n', '\u200b', 'ﷺ', '１', '\u0336', 'abc', '\r', '\ud83d', '½'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const source = pieces.join('');
        const { text, toSource } = normalise(source);
        let last = 0;
        for (let i = 0; i <= text.length; i++) {
          const at = toSource(i);
          expect(at).toBeGreaterThanOrEqual(last);
          expect(at).toBeLessThanOrEqual(source.length);
          last = at;
        }
      }),
      { numRuns: 200 },
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), (source) => {
        const once = normalise(source).text;
        expect(normalise(once).text).toBe(once);
      }),
      { numRuns: 200 },
    );
  });

  it('folds a cluster of a hundred thousand marks', () => {
    expect(normalise(`1${'\u0336'.repeat(100_000)}2`).text).toBe('12');
  });
});
