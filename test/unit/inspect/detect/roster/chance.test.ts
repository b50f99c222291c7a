import { describe, expect, it } from 'vitest';
import { expectedByChance } from '../../../../../src/inspect/detect/roster/chance.js';
import { DOMAIN, type Domain } from '../../../../../src/inspect/detect/roster/hashes.js';
import type { KnownValue } from '../../../../../src/inspect/detect/roster/join.js';

const MILLION = 1_000_000;
const SMITH: Part = ['Smith', DOMAIN.word, 8_000];
const JAMES: Part = ['James', DOMAIN.word, 15_000];
const RARE: Part = ['Quillfeather', DOMAIN.word, 4];
const DAY: Part = ['3/4/1961', DOMAIN.date, 30];

type Part = readonly [written: string, domain: Domain, count: number];

/** What is expected by chance of values that stand one behind the other. */
function expected(parts: readonly Part[], rows = MILLION, further: readonly Part[] = []): number {
  let text = '';
  const values = [...parts, ...further].map(([written, domain, count], i): KnownValue => {
    text += `${written} `;
    const end = text.length - 1;
    return { start: end - written.length, end, domain, filterHash: i, day: 0, low: i, count };
  });
  return expectedByChance({ row: 0, values: values.slice(0, parts.length) }, values, rows, text);
}

describe('rows expected by chance', () => {
  it.each<[string, readonly Part[], number, 'sure' | 'likely' | 'chance']>([
    ['a full name and a day', [JAMES, SMITH, DAY], MILLION, 'sure'],
    ['a common name and a day', [SMITH, DAY], MILLION, 'chance'],
    [
      'a common name and a day, of a thousand',
      [
        ['Smith', DOMAIN.word, 8],
        ['3/4/1961', DOMAIN.date, 1],
      ],
      1_000,
      'sure',
    ],
    ['a rare name and a day', [RARE, DAY], MILLION, 'likely'],
    ['a full name', [JAMES, SMITH], MILLION, 'chance'],
    ['a number and a day', [['40017733', DOMAIN.number, 1], DAY], MILLION, 'sure'],
    ['a number and a common name', [['40017733', DOMAIN.number, 1], SMITH], MILLION, 'sure'],
    ['a short number and a common name', [['4001', DOMAIN.number, 1], SMITH], MILLION, 'chance'],
    ['a round number and a common name', [['50000000', DOMAIN.number, 1], SMITH], MILLION, 'chance'],
    ['a town and a name', [['10007', DOMAIN.zip, 9_000], SMITH], MILLION, 'chance'],
    ['a town and a day', [['10007', DOMAIN.zip, 9_000], DAY], MILLION, 'chance'],
    ['an address of the web and a name', [['a@mail.example', DOMAIN.email, 1], JAMES], MILLION, 'sure'],
    ['a telephone that everybody gave', [['2125550100', DOMAIN.number, 90_000], SMITH], MILLION, 'chance'],
  ])('%s', (_, parts, rows, verdict) => {
    const rowsExpected = expected(parts, rows);
    expect(rowsExpected < 0.02 ? 'sure' : rowsExpected < 0.1 ? 'likely' : 'chance').toBe(verdict);
  });

  it('are more where more stands around that could have matched', () => {
    const others = ['1/1/1950', '2/2/1960', '3/3/1970'].map((day): Part => [day, DOMAIN.date, 30]);
    expect(expected([JAMES, SMITH, DAY], MILLION, others)).toBeCloseTo(4 * expected([JAMES, SMITH, DAY]), 6);
  });

  it('are more for words that are mostly no names', () => {
    const will: Part = ['will', DOMAIN.word, 400];
    expect(expected([will, DAY])).toBeGreaterThan(expected([['Will', DOMAIN.word, 400], DAY]));
  });
});
