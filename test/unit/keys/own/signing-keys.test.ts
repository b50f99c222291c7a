import { createSecretKey, randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createSigningKeys, SecretDamaged, secretSealer } from '../../../../src/keys/own/index.js';
import type { KeyKind, OwnKey } from '../../../../src/model/key.js';
import { generateKeyObject, KEYS_MADE_AT, makeKey } from '../../../support/openpgp-keys.js';
import {
  extendedKeyUsage,
  keyUsage,
  makeAuthority,
  TEST_NOW,
  type TestCertificate,
  type TestLeafRequest,
} from '../../../support/x509-authority.js';

const masterKey = { secret: createSecretKey(randomBytes(32)), source: 'test' };
const seal = secretSealer(masterKey);
const root = makeAuthority();
const WARD = 'ward3@clinic.example';

function signing(rows: readonly OwnKey[], now = TEST_NOW) {
  const warnings: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void warnings.push(line) });
  const keys = createSigningKeys({
    store: {
      ownKeysFor: async (kind: KeyKind, sender: string) =>
        [sender, undefined].flatMap((address) =>
          rows.filter((row) => row.kind === kind && row.address === address),
        ),
    },
    masterKey,
    clock: { now: () => now },
    log,
  });
  return { keys, warnings };
}

function own(
  kind: KeyKind,
  fingerprint: string,
  address: string | undefined,
  material: Uint8Array,
  secret: Uint8Array,
) {
  const owner = { kind, fingerprint, ...(address === undefined ? {} : { address }) };
  const row: OwnKey = {
    ...owner,
    addedAt: 1,
    actor: 'ada',
    material,
    chain: [],
    sealedSecret: seal(owner, secret),
  };
  return row;
}

const pkcs8 = (made: TestCertificate) => made.keys.privateKey.export({ type: 'pkcs8', format: 'der' });
const certificate = (made: TestCertificate, address?: string) =>
  own('x509', made.fingerprint, address, made.certificate, pkcs8(made));

describe('the certificate that signs', () => {
  const gateway = root.issue({ name: 'Gateway', emails: ['gateway@clinic.example'] });
  const ward = root.issue({ name: 'Ward 3', emails: [WARD] });

  it("is the sender's, else the gateway's, with its opened key", async () => {
    const { keys } = signing([certificate(gateway), certificate(ward, WARD)]);
    expect(await keys.signer('x509', WARD)).toEqual({
      kind: 'x509',
      fingerprint: ward.fingerprint,
      certificate: ward.certificate,
      chain: [],
      pkcs8: pkcs8(ward),
    });
    expect((await keys.signer('x509', 'ward4@clinic.example'))?.fingerprint).toBe(gateway.fingerprint);
    expect(await keys.signer('openpgp', WARD)).toBeUndefined();
  });

  it.each<[string, TestLeafRequest]>([
    ['expired', { notAfter: new Date(TEST_NOW - 1000) }],
    ['not yet valid', { notBefore: new Date(TEST_NOW + 1000) }],
    ['for encryption only', { keyType: 'rsa-2048', extensions: [keyUsage(['keyEncipherment'])] }],
    ['for servers', { extensions: [extendedKeyUsage(['1.3.6.1.5.5.7.3.1'])] }],
    ['of RSA 1024', { keyType: 'rsa-1024' }],
    ['of Ed25519', { keyType: 'ed25519' }],
  ])('is never one that is %s; the gateway’s takes its place', async (name, request) => {
    const bad = root.issue({ name: `Bad ${name}`, ...request });
    const alone = signing([certificate(bad, WARD)]);
    expect(await alone.keys.signer('x509', WARD)).toBeUndefined();
    expect(alone.warnings.join()).toContain(bad.fingerprint);
    const both = signing([certificate(gateway), certificate(bad, WARD)]);
    expect((await both.keys.signer('x509', WARD))?.fingerprint).toBe(gateway.fingerprint);
  });

  it('is valid in its first and last second', async () => {
    const from = new Date('2026-03-01T00:00:00Z');
    const to = new Date('2026-04-01T00:00:00Z');
    const row = certificate(root.issue({ name: 'Short', notBefore: from, notAfter: to }));
    const at = async (now: number) => (await signing([row], now).keys.signer('x509', WARD)) !== undefined;
    expect(await at(from.getTime() - 1)).toBe(false);
    expect(await at(from.getTime())).toBe(true);
    expect(await at(to.getTime())).toBe(true);
    expect(await at(to.getTime() + 1000)).toBe(false);
  });

  it('fails rather than signs when its secret was given to another sender', async () => {
    const moved = { ...certificate(ward, WARD), address: 'ward4@clinic.example' };
    await expect(signing([moved]).keys.signer('x509', 'ward4@clinic.example')).rejects.toThrow(SecretDamaged);
  });
});

describe('the OpenPGP key that signs', () => {
  const DAY = 86_400_000;
  const userIds = ['Ward 3 <ward3@clinic.example>'];

  it('is opened while it is valid', async () => {
    const made = await makeKey({ userIds, type: 'curve25519legacy', expires: KEYS_MADE_AT + 10 * DAY });
    const row = own('openpgp', made.fingerprint, WARD, made.publicBinary, made.secretBinary);
    const at = (day: number) => signing([row], KEYS_MADE_AT + day * DAY).keys.signer('openpgp', WARD);
    expect(await at(5)).toEqual({
      kind: 'openpgp',
      fingerprint: made.fingerprint,
      secret: Buffer.from(made.secretBinary),
    });
    expect(await at(11)).toBeUndefined();
    expect(await at(-1)).toBeUndefined();
    const { keys } = signing([row], KEYS_MADE_AT + DAY);
    expect(await keys.signer('openpgp', WARD)).toEqual(await keys.signer('openpgp', WARD));
  });

  it('is not one that was revoked', async () => {
    const key = await generateKeyObject({ userIds, type: 'curve25519legacy' });
    const { privateKey } = await (await import('openpgp')).revokeKey({
      key,
      format: 'object',
      date: new Date(KEYS_MADE_AT + DAY),
    });
    const fingerprint = key.getFingerprint().toUpperCase();
    const row = own('openpgp', fingerprint, undefined, privateKey.toPublic().write(), privateKey.write());
    const { keys, warnings } = signing([row], KEYS_MADE_AT + 5 * DAY);
    expect(await keys.signer('openpgp', WARD)).toBeUndefined();
    expect(warnings.join()).toContain('revoked');
  });
});
