import { createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LoadedConfig } from '../../../../src/config/load.js';
import { createDkimKeys, usableDkimKeys } from '../../../../src/keys/dkim/index.js';
import { dkimKeyResult } from '../../../../src/ops/acts/keys-dkim.js';
import { loadMasterKey } from '../../../../src/store/index.js';
import { input, type KeyStage, keyStage } from './key-stage.js';

let stage: KeyStage;
beforeEach(async () => {
  stage = await keyStage();
});
afterEach(() => stage.store.close());

const make = async (more: object = {}) =>
  dkimKeyResult.parse(await stage.act('keys dkim', { domain: 'Clinic.example', ...more }));

/** The configuration of the stage with these keys named. */
function naming(...dkim: LoadedConfig['config']['dkim']): LoadedConfig {
  const { loaded } = stage.context;
  return { ...loaded, config: { ...loaded.config, dkim } };
}
const entry = (selector: string) => ({ domain: 'clinic.example', selector, sign: 'changed' as const });
const opened = () =>
  createDkimKeys({
    store: stage.store.keys,
    masterKey: loadMasterKey({ file: 'master.key' }, stage.dataDir, { createIfMissing: false }),
  });

it('makes a key that is kept sealed, and signs once the configuration names it', async () => {
  const made = await make({ selector: 'S2026a' });
  expect(made).toMatchObject({
    domain: 'clinic.example',
    selector: 's2026a',
    algorithm: 'RSA 2048',
    record: { name: 's2026a._domainkey.clinic.example', type: 'TXT' },
  });
  const key = await opened().privateKey(naming(entry('s2026a')), entry('s2026a'));
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  expect(made.record.value).toBe(`v=DKIM1; k=rsa; p=${spki.toString('base64')}`);

  const everything = Buffer.concat(
    readdirSync(stage.dataDir)
      .filter((name) => name.startsWith('relay.db'))
      .map((name) => readFileSync(join(stage.dataDir, name))),
  );
  const { d = '' } = key.export({ format: 'jwk' });
  expect(d).not.toBe('');
  expect(everything.includes(spki)).toBe(true);
  expect(everything.includes(Buffer.from(d, 'base64url'))).toBe(false);
});

it('names keys by the month, and gives no selector another key', async () => {
  expect((await make()).selector).toMatch(/^s\d{6}$/);
  expect(await make({ type: 'ed25519' })).toMatchObject({
    selector: expect.stringMatching(/^e\d{6}$/),
    algorithm: 'Ed25519',
  });
  await expect(make()).rejects.toThrow(/there is a key s\d{6}\._domainkey\.clinic\.example already/);
});

it.each([
  [{ bits: 1024 }, /bits/],
  [{ bits: 8192 }, /bits/],
  [{ type: 'dsa' }, /type/],
  [{ selector: 'no good' }, /selector/],
  [{ selector: '_domainkey' }, /selector/],
  [{ selector: 'a..b' }, /selector/],
  [{ domain: 'localhost' }, /domain/],
])('refuses %j', async (more, complaint) => {
  await expect(make(more)).rejects.toThrow(complaint);
  expect(await stage.store.keys.ownKeys()).toEqual([]);
});

it('destroys a key, but not one that mail is signed with', async () => {
  await make({ selector: 'two', type: 'ed25519' });
  const busy = await keyStage({ loaded: naming(entry('two')) });
  await busy.act('keys dkim', { domain: 'clinic.example', selector: 'two', type: 'ed25519' });
  await expect(busy.act('keys dkim-remove', { domain: 'clinic.example', selector: 'two' })).rejects.toThrow(
    /has mail signed with two\._domainkey\.clinic\.example/,
  );
  await busy.store.close();

  await stage.act('keys dkim-remove', { domain: 'clinic.example', selector: 'two' });
  expect(await stage.store.keys.ownKeys()).toEqual([]);
  await expect(stage.act('keys dkim-remove', { domain: 'clinic.example', selector: 'two' })).rejects.toThrow(
    'no key two._domainkey.clinic.example is kept here',
  );
  await expect(usableDkimKeys(opened(), naming(entry('two')))).rejects.toThrow(
    /dkim\.0: no DKIM key is kept for the selector two of clinic\.example: `sallyport keys dkim/,
  );
});

it('is none of the keys that sign content', async () => {
  const { fingerprint } = await make();
  await expect(stage.act('keys remove-own', { fingerprint })).rejects.toThrow(
    /no signing key has the fingerprint/,
  );
  expect(await stage.signingKeys.signer('x509', 'ward3@clinic.example')).toBeUndefined();
  await expect(
    stage.act('keys import-own', {
      ...input({ kind: 'x509', material: Buffer.from('x') }),
      secret: '',
      kind: 'dkim',
    }),
  ).rejects.toThrow(/kind/);
});
