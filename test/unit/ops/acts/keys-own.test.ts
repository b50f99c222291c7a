import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeKey } from '../../../support/openpgp-keys.js';
import { makeAuthority, TEST_NOW, type TestCertificate } from '../../../support/x509-authority.js';
import { input, type KeyStage, keyStage } from './key-stage.js';

const WARD = 'ward3@clinic.example';
const root = makeAuthority();
const gateway = root.issue({ name: 'Gateway', emails: ['gateway@clinic.example'] });
const ward = root.issue({ name: 'Ward 3', emails: [WARD], keyType: 'rsa-2048' });

let stage: KeyStage;
beforeEach(async () => {
  stage = await keyStage();
});
afterEach(() => stage.store.close());

const stranger = root.issue({ name: 'Stranger', emails: ['eve@partner.example'] });

const pkcs8 = (made: TestCertificate) => made.keys.privateKey.export({ type: 'pkcs8', format: 'der' });

function take(made: TestCertificate, secret: Buffer, more: object = {}) {
  return stage.act('keys import-own', {
    ...input({ kind: 'x509', material: made.certificate, chain: [root.certificate] }),
    secret: secret.toString('base64'),
    ...more,
  });
}

it('keeps a certificate’s key sealed, and signs with it', async () => {
  expect(await take(gateway, pkcs8(gateway))).toEqual({
    kind: 'x509',
    fingerprint: gateway.fingerprint,
    algorithm: 'P-256',
  });
  await take(ward, pkcs8(ward), { address: WARD });
  expect(await stage.signingKeys.signer('x509', WARD)).toMatchObject({ fingerprint: ward.fingerprint });
  const signer = await stage.signingKeys.signer('x509', 'ward4@clinic.example');
  if (signer?.kind !== 'x509') throw new Error('no signer');
  expect(signer.fingerprint).toBe(gateway.fingerprint);
  expect(Buffer.from(signer.pkcs8).equals(pkcs8(gateway))).toBe(true);
  expect(signer.chain).toHaveLength(1);

  const everything = Buffer.concat(
    readdirSync(stage.dataDir)
      .filter((name) => name.startsWith('relay.db'))
      .map((name) => readFileSync(join(stage.dataDir, name))),
  );
  expect(everything.includes(Buffer.from(gateway.certificate))).toBe(true);
  for (const { keys } of [gateway, ward]) {
    // Read back from DER first: on Node 20 the JWK of a key that was just made can hang for ever.
    const read = createPrivateKey({
      key: keys.privateKey.export({ type: 'pkcs8', format: 'der' }),
      type: 'pkcs8',
      format: 'der',
    });
    const { d = '' } = read.export({ format: 'jwk' });
    expect(d).not.toBe('');
    expect(everything.includes(Buffer.from(d, 'base64url'))).toBe(false);
  }
});

it('keeps an OpenPGP key sealed, and signs with it', async () => {
  const key = await makeKey({ userIds: [`Ward 3 <${WARD}>`], type: 'curve25519legacy' });
  const own = {
    ...input({ kind: 'openpgp', material: key.publicBinary }),
    secret: Buffer.from(key.secretBinary).toString('base64'),
  };
  await stage.act('keys import-own', { ...own, address: WARD });
  expect(await stage.signingKeys.signer('openpgp', WARD)).toEqual({
    kind: 'openpgp',
    fingerprint: key.fingerprint,
    secret: Buffer.from(key.secretBinary),
  });
  expect(await stage.signingKeys.signer('openpgp', 'ward4@clinic.example')).toBeUndefined();

  const other = await makeKey({ userIds: [`Other <${WARD}>`], type: 'curve25519legacy' });
  await expect(
    stage.act('keys import-own', { ...own, secret: Buffer.from(other.secretBinary).toString('base64') }),
  ).rejects.toThrow(/different keys/);
  await expect(
    stage.act('keys import-own', { ...own, secret: Buffer.from('nothing').toString('base64') }),
  ).rejects.toThrow(/can’t be read/);
});

it('refuses what can’t sign for whom it is meant', async () => {
  await expect(take(gateway, pkcs8(ward))).rejects.toThrow(/belongs to another certificate/);
  await expect(take(gateway, Buffer.from('nothing'))).rejects.toThrow(/can’t be read/);
  await expect(take(gateway, pkcs8(gateway), { address: WARD })).rejects.toThrow(/does not name ward3/);
  const expired = root.issue({ name: 'Expired', notAfter: new Date(TEST_NOW - 1000) });
  await expect(take(expired, pkcs8(expired))).rejects.toThrow(/expired on/);
  expect(await stage.store.keys.ownKeys()).toEqual([]);
});

it('replaces the one before, and removes', async () => {
  const newer = root.issue({ name: 'Gateway 2', emails: ['gateway@clinic.example'] });
  await take(gateway, pkcs8(gateway));
  expect(await take(newer, pkcs8(newer))).toMatchObject({ replaced: gateway.fingerprint });
  expect(await take(newer, pkcs8(newer))).not.toHaveProperty('replaced');
  expect((await stage.store.keys.ownKeys()).map((one) => one.fingerprint)).toEqual([newer.fingerprint]);
  await expect(stage.act('keys remove-own', { fingerprint: gateway.fingerprint })).rejects.toThrow(
    /no signing key/,
  );
  await stage.act('keys remove-own', { fingerprint: newer.fingerprint.slice(0, 10) });
  expect(await stage.signingKeys.signer('x509', WARD)).toBeUndefined();
});

it('is not the gateway’s by chance: it names an address of ours, or a person says so', async () => {
  await expect(take(stranger, pkcs8(stranger))).rejects.toThrow(/organisation\.domains.*--for.*--gateway/);
  expect(await stage.store.keys.ownKeys()).toEqual([]);
  await expect(
    take(stranger, pkcs8(stranger), { gateway: true, address: 'eve@partner.example' }),
  ).rejects.toMatchObject({ exitStatus: 2 });
  await take(stranger, pkcs8(stranger), { address: 'eve@partner.example' });
  await take(stranger, pkcs8(stranger), { gateway: true });
  expect(await stage.store.keys.ownKeys()).toMatchObject([
    { fingerprint: stranger.fingerprint },
    { fingerprint: stranger.fingerprint, address: 'eve@partner.example' },
  ]);
});
