import { createSecretKey } from 'node:crypto';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { rosterDetector } from '../../../src/inspect/detect/roster/detector.js';
import { parseColumns } from '../../../src/roster/column-spec.js';
import { readRoster } from '../../../src/roster/import-file.js';
import { loadRosters, rosterPath } from '../../../src/roster/load.js';
import { readRosterHeader, rosterKeys, writeRosterFile } from '../../../src/roster/roster-file.js';
import { temporaryFolder } from '../store/fixtures.js';
import { csvFile, MASTER_KEY, TODAY } from './fixtures.js';

const CSV = `Chart,Name,Born\n${Array.from(
  { length: 3000 },
  (_, i) => `${70_000_000 + i * 31},Anna${'abc'[i % 3]} Testerson${'xyz'[i % 3]},19${10 + (i % 80)}-03-04`,
).join('\n')}\n`;

let dataDir: string;
let path: string;

beforeEach(async () => {
  dataDir = temporaryFolder();
  await mkdir(join(dataDir, 'rosters'));
  path = rosterPath(dataDir, 'patients');
  await write(path);
});

async function write(to: string, name = 'patients', masterKey = MASTER_KEY): Promise<void> {
  const keys = rosterKeys(masterKey, name);
  const columns = parseColumns(['mrn=Chart,name=Name,dob=Born']);
  const { index } = await readRoster(csvFile(CSV), columns, { today: TODAY, key: keys.hash });
  const about = { name, columns: [...columns], rows: index.rows, importedAt: 1, size: index.size };
  await writeRosterFile(to, about, index.pieces, keys);
}

describe('the file of a roster', () => {
  it('is its owner’s, and opens with the master key', async () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const [roster] = await loadRosters(dataDir, MASTER_KEY);
    expect(roster).toMatchObject({ name: 'patients', columns: ['mrn', 'name', 'dob'], rows: 3000 });
    expect(rosterDetector(roster === undefined ? [] : [roster]).info.name).toBe('roster');
    expect(await readRosterHeader(path)).toMatchObject({
      rows: 3000,
      columns: [{ header: 'Chart' }, {}, {}],
    });
  });

  it('holds no value of any row', () => {
    const bytes = readFileSync(path).toString('latin1').toLowerCase();
    for (const value of ['testerson', 'annaa', '70000031', '1911', '19110304']) {
      // The lines in front hold names of columns and numbers of rows only.
      expect({ value, there: bytes.slice(0, 2000).includes(value) }).toEqual({ value, there: false });
    }
    expect(bytes).not.toContain('testerson');
  });

  it('is never the same twice, though its rows are', async () => {
    const before = readFileSync(path);
    const again = join(temporaryFolder(), 'again.roster.draft');
    await write(again);
    expect(readFileSync(again).subarray(-4096).equals(before.subarray(-4096))).toBe(false);
  });

  it('is refused with any bit changed', async () => {
    const good = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const bad = Buffer.from(good);
        bad[at] = (bad[at] ?? 0) ^ change;
        writeFileSync(path, bad);
        const loaded = await loadRosters(dataDir, MASTER_KEY).catch((error: unknown) => error);
        expect(loaded).toMatchObject({ name: 'UserError' });
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, (good: Buffer) => Buffer]>([
    ['cut off', (good) => good.subarray(0, good.length - 1)],
    ['cut off at a chunk', (good) => good.subarray(0, 70_000)],
    ['empty', () => Buffer.alloc(0)],
    ['longer', (good) => Buffer.concat([good, Buffer.from([0])])],
    ['of more rows than it has', (good) => replaced(good, '"rows":3000', '"rows":3001')],
    ['of other columns', (good) => replaced(good, '"kind":"dob"', '"kind":"zip"')],
    ['another file', () => Buffer.from('PK\u0003\u0004 not a roster\n')],
  ])('is refused when %s', async (_, change) => {
    writeFileSync(path, change(readFileSync(path)));
    await expect(loadRosters(dataDir, MASTER_KEY)).rejects.toThrow(/patients\.roster .*import it again/);
  });

  it('is refused under another name, and with another key', async () => {
    const other = { secret: createSecretKey(Buffer.alloc(32, 8)), source: 'another test' };
    await expect(loadRosters(dataDir, other)).rejects.toThrow(/another master key/);
    renameSync(path, rosterPath(dataDir, 'staff'));
    await expect(loadRosters(dataDir, MASTER_KEY)).rejects.toThrow(/roster patients under another name/);
  });
});

it('loads nothing where there is nothing, and passes drafts over', async () => {
  expect(await loadRosters(temporaryFolder(), MASTER_KEY)).toEqual([]);
  writeFileSync(join(dataDir, 'rosters', '.0123456789abcdef.draft'), 'half a roster');
  expect(await loadRosters(dataDir, MASTER_KEY)).toHaveLength(1);
});

function replaced(bytes: Buffer, from: string, to: string): Buffer {
  const at = bytes.indexOf(from);
  expect(at).toBeGreaterThan(0);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(to), bytes.subarray(at + from.length)]);
}
