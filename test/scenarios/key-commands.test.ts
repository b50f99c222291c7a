import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { armor, encryptKey, enums, readPrivateKey } from 'openpgp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeKey } from '../support/openpgp-keys.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { makeAuthority } from '../support/x509-authority.js';

/*
 * What an administrator does about keys while the relay runs: takes them, decides between two of them, looks what would
 * be used, hands them on.
 */

const ADA = 'ada@partner.example';
const PASSPHRASE = 'made-up passphrase 4711';
let home: RelayHome;
let relay: RunningRelay;
let first: string;
let second: string;

const authority = makeAuthority();
const certificate = authority.issue({
  name: 'Bob Example',
  emails: ['bob@partner.example'],
  keyType: 'rsa-2048',
});

beforeAll(async () => {
  home = await relayHome();
  relay = await home.start();
  const keys = [
    await makeKey({ userIds: [`Ada Example <${ADA}>`], type: 'curve25519legacy' }),
    await makeKey({ userIds: [`Ada Example, new <${ADA}>`], type: 'p256' }),
  ] as const;
  first = keys[0].fingerprint;
  second = keys[1].fingerprint;
  file('first.asc', armor(enums.armor.publicKey, keys[0].publicBinary));
  file('second.gpg', keys[1].publicBinary);
  file('bob.pem', certificate.pem + authority.pem);
  file('notes.txt', 'no key at all');
});
afterAll(() => home?.remove());

function file(name: string, content: string | Uint8Array): string {
  const path = join(home.folder, name);
  writeFileSync(path, content);
  return path;
}

async function keys(args: readonly string[], input?: string) {
  const { status, stdout, stderr } = await home.run(['keys', ...args], input);
  return { status, stdout, stderr };
}

async function json(args: readonly string[], status = 0) {
  const answer = await keys([...args, '--json']);
  expect(answer).toMatchObject({ status, stderr: '' });
  return JSON.parse(answer.stdout);
}

it('takes what is a key, and says why the rest is not', async () => {
  const paths = ['first.asc', 'bob.pem', 'notes.txt'].map((name) => join(home.folder, name));
  const { status, stdout } = await keys(['import', ...paths]);
  // One of the files gave nothing.
  expect(status).toBe(1);
  expect(stdout).toMatch(new RegExp(`OpenPGP +${first} +${ADA} +X25519 +active`));
  expect(stdout).toMatch(/X\.509 +[0-9A-F]{64} +bob@partner\.example +RSA 2048 +active +not usable: /);
  expect(stdout).toMatch(new RegExp(`X\\.509 +${authority.fingerprint} +P-256 +kept for the path`));
  expect(stdout).toMatch(/notes\.txt +neither an OpenPGP key, a certificate nor a PKCS#12 file/);
  expect(await keys(['import', join(home.folder, 'notes.txt')])).toMatchObject({ status: 1 });
  expect(await keys(['import', join(home.folder, 'missing.asc')])).toMatchObject({ status: 2 });
});

it('uses neither of two different keys until a person has decided', async () => {
  expect(await json(['find', ADA])).toMatchObject({ openpgp: { usable: [{ fingerprint: first }] } });
  const taken = await keys(['import', join(home.folder, 'second.gpg')]);
  expect(taken.stdout).toMatch(/pending[\s\S]*keys trust FINGERPRINT/);
  expect(await json(['list', '--pending'])).toMatchObject([{ fingerprint: second, address: ADA }]);
  expect(await json(['find', ADA], 1)).toMatchObject({
    openpgp: { usable: [], refused: [{ fingerprint: second, reason: expect.stringContaining('a person') }] },
  });

  expect(await keys(['trust', second.slice(0, 12)])).toMatchObject({
    status: 0,
    stdout: `trusted: OpenPGP ${second} of ${ADA}\n`,
  });
  expect(await json(['find', ADA])).toMatchObject({
    openpgp: {
      usable: [{ fingerprint: second, source: 'imported', algorithm: 'P-256', revocation: 'good' }],
    },
  });
  expect(await json(['list', ADA])).toMatchObject([
    { fingerprint: second, state: 'active' },
    { fingerprint: first, state: 'replaced' },
  ]);
});

it('uses a certificate of an unknown CA only once a person vouches for it', async () => {
  expect(await json(['find', 'bob@partner.example'], 1)).toMatchObject({ x509: { usable: [] } });
  expect(await keys(['trust', '--pin', certificate.fingerprint])).toMatchObject({ status: 0 });
  expect(await json(['find', 'bob@partner.example'])).toMatchObject({
    x509: { usable: [{ fingerprint: certificate.fingerprint, revocation: 'vouched' }] },
  });
});

it('hands keys on as they came', async () => {
  const out = join(home.folder, 'exported.asc');
  expect(await keys(['export', ADA, '--out', out])).toMatchObject({ status: 0, stdout: '' });
  expect(await json(['import', out])).toMatchObject({ taken: [{ fingerprint: second, unchanged: true }] });
  const pem = await keys(['export', certificate.fingerprint.slice(-16)]);
  expect(pem.stdout.replace(/\s/g, '')).toBe(certificate.pem.replace(/\s/g, ''));
  expect(await json(['show', second])).toMatchObject({
    kind: 'openpgp',
    algorithm: 'P-256',
    names: ADA,
    addresses: [{ address: ADA, state: 'active', actor: 'local, unverified' }],
  });
});

it('takes a secret key with the passphrase from a pipe, and keeps it to itself', async () => {
  const made = await makeKey({
    userIds: ['Ward 3 <ward3@clinic.example>'],
    type: 'curve25519legacy',
  });
  const locked = await encryptKey({
    privateKey: await readPrivateKey({ binaryKey: made.secretBinary }),
    passphrase: PASSPHRASE,
  });
  const path = file('ward3.gpg', locked.write());
  expect(await keys(['import', path, '--for', 'ward3@clinic.example'], 'wrong\n')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('passphrase'),
  });
  expect(await keys(['import', join(home.folder, 'first.asc'), '--for', ADA])).toMatchObject({ status: 2 });
  expect(await keys(['import', path], 'wrong\n')).toMatchObject({ status: 1 });
  const { status, stdout } = await keys(['import', path, '--for', 'ward3@clinic.example'], `${PASSPHRASE}\n`);
  expect(status).toBe(0);
  expect(stdout).toMatch(new RegExp(`${made.fingerprint} +ward3@clinic\\.example`));
  expect(await json(['list', '--own'])).toEqual([
    {
      kind: 'openpgp',
      fingerprint: made.fingerprint,
      address: 'ward3@clinic.example',
      addedAt: expect.any(Number),
      actor: 'local, unverified',
    },
  ]);
  const exported = await keys(['export', made.fingerprint]);
  expect(exported.stdout).toContain('PUBLIC KEY BLOCK');
  expect(exported.stdout).not.toContain('PRIVATE');
  expect(relay.output()).not.toContain(PASSPHRASE);
  expect(await keys(['remove', '--own', made.fingerprint])).toMatchObject({ status: 0 });
  expect(await json(['list', '--own'])).toEqual([]);
});

it('takes a secret key of others for the gateway only where a person says so', async () => {
  const made = await makeKey({ userIds: ['Eve <eve@partner.example>'], type: 'curve25519legacy' });
  const path = file('eve.gpg', made.secretBinary);
  const refused = await keys(['import', path]);
  expect(refused).toMatchObject({ status: 1 });
  expect(refused.stdout).toMatch(/eve\.gpg .*--for ADDRESS.*--gateway/);
  expect(await keys(['import', path, '--gateway', '--for', 'eve@partner.example'])).toMatchObject({
    status: 2,
  });
  expect(await keys(['import', path, '--gateway'])).toMatchObject({ status: 0 });
  expect(await keys(['remove', made.fingerprint])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining(`keys remove ${made.fingerprint} --own`),
  });
  expect(await keys(['remove', '--own', made.fingerprint])).toMatchObject({ status: 0 });
});

it('records every change with whoever made it', async () => {
  expect(await keys(['remove', first])).toMatchObject({ status: 0 });
  expect(await json(['list', ADA])).toMatchObject([{ fingerprint: second }]);
  expect(await json(['list', '--removed'])).toMatchObject([{ fingerprint: first, state: 'removed' }]);
  const { stdout } = await home.run(['audit', 'search', '--json', '--limit', '100']);
  const events: readonly { readonly type: string; readonly data: { readonly actor?: string } }[] =
    JSON.parse(stdout);
  const about = events.filter(({ type }) => /^(own-)?key\./.test(type));
  expect(about.map(({ type }) => type)).toEqual([
    'key.imported',
    'key.imported',
    'key.imported',
    'key.trusted',
    'key.trusted',
    'own-key.imported',
    'own-key.removed',
    'own-key.imported',
    'own-key.removed',
    'key.removed',
  ]);
  expect(new Set(about.map(({ data }) => data.actor))).toEqual(new Set(['local, unverified']));
});
