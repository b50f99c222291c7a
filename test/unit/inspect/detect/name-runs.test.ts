import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commaNames, nameRuns } from '../../../../src/inspect/detect/name-runs.js';
import { textClues } from '../../../../src/inspect/detect/text-clues.js';

const WORD = "(?:[A-Z][a-z]{0,4}['-]?[A-Z]?[a-z]{1,20}(?:-[A-Z][a-z]{1,20})?|[A-Z]{2,20})";
const PARTICLE = '(?:(?:de|da|del|della|di|la|le|van|von|der|den|bin|al|el|ter|dos|das) ){0,2}';
const RUN = new RegExp(`${WORD}(?:[ \\t](?:${PARTICLE}${WORD}|[A-Z]\\.?)){0,3}`, 'g');
const WITH_COMMA = new RegExp(`${WORD},[ \\t]?${WORD}(?:[ \\t][A-Z]\\.?)?`, 'g');

function found(search: typeof nameRuns, text: string): readonly string[] {
  const hits: string[] = [];
  search(textClues(text), { from: [0], to: [text.length] }, (start, end) =>
    hits.push(`${start} ${text.slice(start, end)}`),
  );
  return hits;
}

function matched(pattern: RegExp, text: string): readonly string[] {
  return [...text.matchAll(pattern)].map((match) => `${match.index} ${match[0]}`);
}

describe('where names may stand', () => {
  const piece = fc.constantFrom(
    ...['A', 'B', 'JANE', 'ROE', 'Jane', 'Roe', "O'", "O'Roe", 'McRoe', 'Van', 'de', 'van', 'der', 'la', 'x'],
    ...['a', 'bc', 'defg', 'hijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '-', "'", ',', '.', '1'],
  );
  const glue = fc.constantFrom('', '', ' ', ' ', '\t', ', ', '-', '\n');
  const text = fc
    .array(fc.tuple(piece, glue), { maxLength: 14 })
    .map((pieces) => pieces.map((one) => one.join('')).join(''));

  it('is read by hand as patterns read it', () => {
    fc.assert(
      fc.property(text, (written) => {
        expect(found(nameRuns, written)).toEqual(matched(RUN, written));
        expect(found(commaNames, written)).toEqual(matched(WITH_COMMA, written));
      }),
      { numRuns: 200 },
    );
  });

  it('ends with its window, and doesn’t begin with the character before it', () => {
    const hits: string[] = [];
    const written = 'Jane Roe, Tom Doe';
    nameRuns(textClues(written), { from: [4, 10], to: [7, 17] }, (start, end) =>
      hits.push(written.slice(start, end)),
    );
    expect(hits).toEqual(['Ro']);
  });
});
