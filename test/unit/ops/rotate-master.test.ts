import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { openSecret, sealSecret } from '../../../src/keys/own/secret-seal.js';
import type { OwnKey } from '../../../src/model/key.js';
import type { Operator } from '../../../src/model/operator.js';
import { openOperatorTotp, operatorTotp } from '../../../src/ops/operators/totp.js';
import { createMasterKeyRotation } from '../../../src/ops/rotate-master.js';
import { checkRosterFile, rosterKeys, writeRosterFile } from '../../../src/roster/roster-file.js';
import { deriveKey, loadMasterKey, openStore, type Store } from '../../../src/store/index.js';
import { sealingKeys } from '../../../src/store/master-key.js';
import { temporaryFolder } from '../store/fixtures.js';

let store: Store | undefined;
afterEach(() => store?.close());

const CONFIG = `hostname: relay.hospital.example
organisation: { name: Example Hospital, postmaster: postmaster@hospital.example, domains: [hospital.example] }
listeners: [{ name: submission, address: "127.0.0.1:2525", mode: submission, accounts: true }]
`;

it('seals keys, second factors and rosters anew, and names those that are damaged and what to do about them', async () => {
  const dataDir = temporaryFolder();
  const masterKey = loadMasterKey({ file: 'master.key' }, dataDir, { createIfMissing: true });
  const said: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => said.push(JSON.parse(line)) });
  const clock = { now: () => 1_800_000_000_000 };
  store = await openStore({
    dataDir,
    masterKey,
    clock,
    log,
    audit: { checkpointEveryEvents: 1000, checkpointEveryMs: 60_000 },
  });

  const ownKey = (name: string, damage: (sealed: Uint8Array) => Uint8Array): OwnKey => {
    const owner = {
      kind: 'openpgp' as const,
      fingerprint: name.toUpperCase().repeat(40),
      address: `${name}@hospital.example`,
    };
    const sealed = sealSecret(deriveKey(masterKey, 'secrets'), owner, Buffer.from('made-up secret'));
    const rest = { addedAt: 1, actor: 'grace', material: Buffer.from('public'), chain: [] };
    return { ...owner, ...rest, sealedSecret: damage(sealed) };
  };
  const cut = (sealed: Uint8Array) => sealed.subarray(0, -1);
  const keys = [ownKey('a', (sealed) => sealed), ownKey('b', cut)];
  for (const key of keys) await store.keys.putOwn(key, []);
  const totp = operatorTotp(masterKey, () => 'Example Hospital');
  const operator = (name: string, damage: (sealed: Uint8Array) => Uint8Array): Operator => ({
    name,
    roles: ['administrator'],
    tokenHash: 'made up',
    sealedTotp: damage(totp.enrol(name).sealed),
    totpStep: 0,
    failures: 0,
    disabled: false,
    createdAt: 1,
    changedAt: 1,
  });
  for (const one of [operator('grace', (sealed) => sealed), operator('ada', cut)])
    await store.operators.put(one, undefined, []);
  mkdirSync(join(dataDir, 'rosters'));
  const rosterFile = (name: string) => join(dataDir, 'rosters', `${name}.roster`);
  for (const name of ['good', 'torn']) {
    const columns = [{ header: 'Chart', kind: 'mrn' as const }];
    const about = { name, columns, rows: 1, importedAt: 1, size: 3 };
    await writeRosterFile(rosterFile(name), about, [Buffer.from('abc')], rosterKeys(masterKey, name));
  }
  const text = readFileSync(rosterFile('torn'), 'latin1');
  writeFileSync(rosterFile('torn'), text.replace(/("wrappedKey":".{40}).{4}/, '$1AAAA'), 'latin1');

  const config = parseConfig(CONFIG, 'config.yaml');
  const loaded = {
    config,
    dataDir,
    path: (relative: string) => relative,
    file: 'config.yaml',
    policyDir: 'policies',
    hash: '',
  };
  const rotation = createMasterKeyRotation({ loaded, masterKey, store, alone: (task) => task(), log });
  const damaged = [
    { kind: 'secret-key', id: 'B'.repeat(40) },
    { kind: 'second-factor', id: 'ada' },
    { kind: 'roster', id: 'torn' },
  ];
  expect(await rotation.rotate('grace')).toEqual({ from: 1, to: 2, resealed: 3, damaged });
  expect(said.filter(({ kind }) => kind !== undefined)).toMatchObject(
    damaged.map((one) => ({ ...one, level: 50, msg: expect.stringContaining('opens with no master key') })),
  );

  const [good] = (await store.keys.ownKeys()).filter(({ fingerprint }) => fingerprint.startsWith('A'));
  if (good === undefined) throw new Error('no key');
  expect(openSecret(sealingKeys(masterKey, 'secrets'), good, good.sealedSecret).toString()).toBe(
    'made-up secret',
  );
  const grace = await store.operators.operator('grace');
  expect(openOperatorTotp(masterKey, 'grace', grace?.sealedTotp ?? Buffer.alloc(0))).toMatch(/^[A-Z2-7]+$/);
  await expect(checkRosterFile(rosterFile('good'), masterKey)).resolves.toMatchObject({ rows: 1 });
  await expect(checkRosterFile(rosterFile('torn'), masterKey)).rejects.toThrow('import it again');
});
