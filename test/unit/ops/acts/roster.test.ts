import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openAuditReader } from '../../../../src/audit/reader.js';
import { searchAudit } from '../../../../src/audit/search.js';
import { loadConfig } from '../../../../src/config/load.js';
import { parseColumns } from '../../../../src/roster/column-spec.js';
import { readRoster } from '../../../../src/roster/import-file.js';
import { refuseUnused, rosterFiles } from '../../../../src/roster/load.js';
import { checkRosterFile, rosterKeys, writeRosterFile } from '../../../../src/roster/roster-file.js';
import { csvFile, MASTER_KEY, TODAY } from '../../roster/fixtures.js';
import { temporaryFolder } from '../../store/fixtures.js';
import { type KeyStage, keyStage } from './key-stage.js';

const DRAFT = '.0123456789abcdef.draft';
let stage: KeyStage;
let folder: string;
/** Rosters in the folder each time that the relay was told. */
let told: number[];

beforeEach(async () => {
  told = [];
  const dataDir = temporaryFolder();
  folder = join(dataDir, 'rosters');
  mkdirSync(folder);
  stage = await keyStage({
    loaded: { ...(await loadConfig('config.example.yaml')), dataDir },
    checkRoster: (path) => checkRosterFile(path, MASTER_KEY),
    rostersChanged: async () => {
      told.push((await rosterFiles(dataDir)).length);
    },
  });
});
afterEach(() => stage.store.close());

it('takes none where nobody looks into mail', () => {
  expect(() => refuseUnused({ inspect: { enabled: false } }, ['patients'])).toThrow(
    /roster patients.*inspect/,
  );
  expect(() => refuseUnused({ inspect: { enabled: false } }, [])).not.toThrow();
});

async function draft(name: string): Promise<void> {
  const keys = rosterKeys(MASTER_KEY, name);
  const columns = parseColumns(['mrn,dob']);
  const { index } = await readRoster(csvFile('mrn,dob\n4000001,3/4/1961\n'), columns, {
    today: TODAY,
    key: keys.hash,
  });
  const about = { name, columns: [...columns], rows: 1, importedAt: 1, size: index.size };
  await writeRosterFile(join(folder, DRAFT), about, index.pieces, keys);
}

function events(type: 'roster.imported' | 'roster.removed') {
  const reader = openAuditReader(join(stage.dataDir, 'audit'));
  try {
    return searchAudit(reader, { type, limit: 10 }).events;
  } finally {
    reader.close();
  }
}

it('puts a roster in force, on record before, and in place of the one of its name', async () => {
  await draft('patients');
  const hash = createHash('sha256')
    .update(readFileSync(join(folder, DRAFT)))
    .digest('hex');
  const input = { name: 'patients', draft: DRAFT };
  expect(await stage.act('roster import', input)).toEqual({ imported: 'patients', rows: 1, replaced: false });
  expect(readdirSync(folder)).toEqual(['patients.roster']);
  expect(told).toEqual([1]);
  expect(events('roster.imported')).toMatchObject([
    { data: { actor: 'grace', roster: 'patients', columns: ['mrn', 'dob'], rows: 1, fileHash: hash } },
  ]);
  await draft('patients');
  expect(await stage.act('roster import', input)).toMatchObject({ replaced: true });
  expect(readdirSync(folder)).toEqual(['patients.roster']);
});

it('takes no file that the relay could not open, and leaves the one before in place', async () => {
  await draft('patients');
  await stage.act('roster import', { name: 'patients', draft: DRAFT });
  const before = readFileSync(join(folder, 'patients.roster'));
  writeFileSync(join(folder, DRAFT), before.subarray(0, before.length - 1));
  await expect(stage.act('roster import', { name: 'patients', draft: DRAFT })).rejects.toThrow(
    /can't be opened/,
  );
  rmSync(join(folder, DRAFT));
  await draft('staff');
  await expect(stage.act('roster import', { name: 'patients', draft: DRAFT })).rejects.toThrow(
    /made for the roster staff/,
  );
  expect(readFileSync(join(folder, 'patients.roster')).equals(before)).toBe(true);
  expect(events('roster.imported')).toHaveLength(1);
  expect(told).toEqual([1]);
});

it('removes a roster, on record', async () => {
  await expect(stage.act('roster remove', { name: 'patients' })).rejects.toThrow(/no roster patients/);
  await draft('patients');
  await stage.act('roster import', { name: 'patients', draft: DRAFT });
  expect(await stage.act('roster remove', { name: 'patients' })).toEqual({ removed: 'patients' });
  expect(readdirSync(folder)).toEqual([]);
  expect(told).toEqual([1, 0]);
  expect(events('roster.removed')).toMatchObject([{ data: { actor: 'grace', roster: 'patients' } }]);
});

it('reads nothing outside the folder of rosters', async () => {
  for (const name of ['../x', 'A', '', '.hidden'])
    await expect(stage.act('roster remove', { name })).rejects.toMatchObject({ exitStatus: 2 });
  for (const file of ['../../etc/passwd', 'patients.roster', '.0123456789abcdef.draft/../x'])
    await expect(stage.act('roster import', { name: 'patients', draft: file })).rejects.toMatchObject({
      exitStatus: 2,
    });
});
