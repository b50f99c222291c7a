import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { problemLine, startProblems } from '../../../src/cli/start-problems.js';
import { loadConfig } from '../../../src/config/load.js';
import { loadMasterKey, openStore } from '../../../src/store/index.js';
import { openRelayDb } from '../../../src/store/relay-db.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-start-problems-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BASE = `hostname: relay.clinic.test
data_dir: data
policies: policies
organisation: { name: Example Clinic, domains: [clinic.test], postmaster: postmaster@clinic.test }
`;

async function linesOf(rest: string): Promise<readonly string[]> {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, `${BASE}${rest}`);
  const problems = await startProblems(await loadConfig(file), Date.now());
  return problems.map((one) => problemLine(one).replaceAll(`${folder}/`, ''));
}

it('tells of a file that is missing where it is named, and what to do', async () => {
  const lines = await linesOf(`listeners:
  - name: one
    address: 127.0.0.1:2525
    mode: submission
    accounts: true
    tls: { certificate: none.pem, key: none.key }
`);
  expect(lines).toEqual([
    'config.yaml:10:25: listeners.0.tls.certificate: none.pem: is not there; put the file there, or correct its path in the configuration',
    'config.yaml:10:40: listeners.0.tls.key: none.key: is not there; put the file there, or correct its path in the configuration',
  ]);
});

it('tells of a part that cannot be used where it begins', async () => {
  const lines =
    await linesOf(`listeners: [{ name: one, address: '127.0.0.1:2525', mode: submission, accounts: true }]
portal:
  url: http://pickup.clinic.test
  sender: pickup@clinic.test
`);
  expect(lines).toEqual([
    expect.stringMatching(/^config\.yaml:7:3: .*portal\.url.* plain http.*; correct `portal`$/),
  ]);
});

const LISTENER = `listeners: [{ name: one, address: '127.0.0.1:2525', mode: submission, accounts: true }]
`;

describe('a data directory that a start takes', () => {
  const data = () => join(folder, 'data');
  beforeEach(async () => {
    rmSync(data(), { recursive: true, force: true });
    const masterKey = loadMasterKey({ file: 'master.key' }, data(), { createIfMissing: true });
    const store = await openStore({
      dataDir: data(),
      masterKey,
      clock: { now: () => Date.now() },
      log: pino({ level: 'silent' }),
      audit: { checkpointEveryEvents: 100, checkpointEveryMs: 60_000 },
    });
    await store.close();
  });

  it('is not refused for the layout of the version before', async () => {
    const db = openRelayDb(join(data(), 'relay.db'));
    db.exec('PRAGMA user_version = 10');
    db.close();
    expect(await linesOf(LISTENER)).toEqual([]);
  });

  it('is not refused because its audit folder was moved away', async () => {
    renameSync(join(data(), 'audit'), join(folder, 'old-audit'));
    expect(await linesOf(LISTENER)).toEqual([]);
  });
});
