import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DOMAIN, strongHasher } from '../../../src/inspect/detect/roster/hashes.js';
import { holders, openIndex } from '../../../src/inspect/detect/roster/layout.js';
import { parseColumns } from '../../../src/roster/column-spec.js';
import { readRoster, suggestionFor } from '../../../src/roster/import-file.js';
import { csvFile, rosterOf, TODAY } from './fixtures.js';

const read = (csv: string, columns: string, more: object = {}) =>
  readRoster(csvFile(csv), parseColumns([columns]), { today: TODAY, key: new Uint8Array(32), ...more });

describe('a file of patients', () => {
  it('is counted column by column', async () => {
    const { index, columns, thinRows } = await read(
      'MRN,Born,Plan\n4000001,3/4/1961,Muster\n4000002,unclear,Muster\n,,Muster\n4000003,5/6/1970,\n',
      'mrn=MRN,dob=Born,text=Plan',
    );
    expect(columns).toMatchObject([
      { kind: 'mrn', header: 'MRN', filled: 3, unread: 0, distinct: 3 },
      { kind: 'dob', header: 'Born', filled: 3, unread: 1, distinct: 2 },
      { kind: 'text', header: 'Plan', filled: 3, unread: 0, distinct: 1 },
    ]);
    expect({ rows: index.rows, thinRows }).toEqual({ rows: 3, thinRows: 1 });
  });

  it('says by its first rows in which order its dates are', async () => {
    const { hash, index } = await indexOf('MRN,Born\n4000001,03/04/1961\n4000002,25/12/1970\n');
    const day = (value: string) => {
      const { low, high } = hash(DOMAIN.date, value);
      return [...(holders(index, low, high)?.rows ?? [])];
    };
    expect([day('19610403'), day('19610304'), day('19701225')]).toEqual([[0], [], [1]]);
  });

  it('may have no header', async () => {
    const { index } = await read('4000001,3/4/1961\n4000002,5/6/1970\n', 'mrn=#1,dob=#2', { noHeader: true });
    expect(index.rows).toBe(2);
  });

  it.each([
    ['', 'mrn,dob', /is empty/],
    ['mrn,dob\n', 'mrn,dob', /no rows/],
    ['mrn,dob\n4000001,\n4000002,\n', 'mrn,dob', /column dob is empty/],
    [
      'mrn,dob\n4000001,Anna\n4000002,Bob\n',
      'mrn,dob',
      /of 2 cells of the column dob, 2 can't be read as dob/,
    ],
    ['mrn,dob,x\n4000001,,\n,1/2/1961,\n', 'mrn,dob', /no row .* two columns/],
  ])('%j is refused', async (csv, columns, message) => {
    await expect(read(csv, columns)).rejects.toThrow(message);
  });

  it('suggests columns by its header', async () => {
    expect(await suggestionFor(csvFile('Patient ID;DOB;Sex\n1;2;3\n'), {})).toBe('mrn=Patient ID,dob=DOB');
  });
});

async function indexOf(csv: string) {
  const roster = await rosterOf(csv, 'mrn=MRN,dob=Born');
  return { hash: strongHasher(roster.key), index: openIndex(roster.table) };
}

it('knows of every value just those rows that have it', async () => {
  const mrn = fc.integer({ min: 4_000_000, max: 4_000_150 });
  const year = fc.integer({ min: 1930, max: 1939 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(mrn, year), { minLength: 1, maxLength: 300 }), async (rows) => {
      const csv = `MRN,Born\n${rows.map(([number, born]) => `${number},${born}-03-04`).join('\n')}\n`;
      const { hash, index } = await indexOf(csv);
      const who = (domain: 2 | 3, value: string) => {
        const { low, high } = hash(domain, value);
        const found = holders(index, low, high);
        return { count: found?.count ?? 0, rows: [...(found?.rows ?? [])] };
      };
      for (let number = 4_000_000; number <= 4_000_150; number += 7) {
        const expected = rows.flatMap(([one], row) => (one === number ? [row] : []));
        expect(who(DOMAIN.number, String(number))).toEqual({ count: expected.length, rows: expected });
      }
      for (let born = 1930; born <= 1940; born++) {
        const expected = rows.flatMap(([, one], row) => (one === born ? [row] : []));
        const { count, rows: listed } = who(DOMAIN.date, `${born}0304`);
        expect(count).toBe(expected.length);
        expect(listed).toEqual(expected.length > index.longestList ? [] : expected);
      }
    }),
    { numRuns: 40 },
  );
});
