import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { revokeKey } from 'openpgp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuditReader } from '../../../../src/audit/reader.js';
import { searchAudit } from '../../../../src/audit/search.js';
import { generateKeyObject, makeKey } from '../../../support/openpgp-keys.js';
import { makeAuthority, TEST_NOW } from '../../../support/x509-authority.js';
import { input, type KeyStage, keyStage } from './key-stage.js';

const ADA = 'ada@hospital.example';
const pgp = (userIds: readonly string[], more: object = {}) =>
  makeKey({ userIds, type: 'curve25519legacy', ...more });
const ada = () => pgp([`Ada Example <${ADA}>`]);
const adaToo = () => pgp([`Ada Example <${ADA}>`, 'Ada at home <Ada.Home@home.example>']);
const end = (fingerprint: string) => fingerprint.slice(-4);

let stage: KeyStage;
beforeEach(async () => {
  stage = await keyStage();
});
afterEach(() => stage.store.close());

async function take(material: Uint8Array, more: object = {}) {
  return stage.act('keys import', { keys: [input({ kind: 'openpgp', material })], ...more });
}

describe('an imported OpenPGP key', () => {
  it('is taken for each of its addresses', async () => {
    const key = await adaToo();
    expect(await take(key.publicBinary)).toEqual({
      taken: [ADA, 'Ada.Home@home.example'].map((address) => ({
        kind: 'openpgp',
        fingerprint: key.fingerprint,
        address,
        algorithm: 'X25519',
        state: 'active',
        unchanged: false,
      })),
      refused: [],
    });
    expect(await stage.stored(ADA)).toMatchObject([
      { source: 'imported', actor: 'grace', pinned: false, firstSeenAt: TEST_NOW, confirmedAt: TEST_NOW },
    ]);
  });

  it('is taken for one address where that is asked, and only if it names it', async () => {
    const key = await adaToo();
    await take(key.publicBinary, { address: 'ADA.home@home.example' });
    expect(stage.rows()).toEqual([`Ada.Home@home.example ${end(key.fingerprint)} active`]);
    expect(await take(key.publicBinary, { address: 'eve@home.example' })).toMatchObject({
      taken: [],
      refused: [{ fingerprint: key.fingerprint, reason: 'it does not name eve@home.example' }],
    });
  });

  it('waits for a person beside another one, and changes nothing the second time', async () => {
    const [first, second] = [await ada(), await adaToo()];
    await take(first.publicBinary);
    expect(await take(second.publicBinary)).toMatchObject({
      taken: [
        { address: ADA, state: 'pending' },
        { address: 'Ada.Home@home.example', state: 'active' },
      ],
    });
    const head = await stage.store.auditHead();
    expect(await take(second.publicBinary)).toMatchObject({
      taken: [
        { state: 'pending', unchanged: true },
        { state: 'active', unchanged: true },
      ],
    });
    expect(await stage.store.auditHead()).toEqual(head);
  });

  it('brings its revocation along, also without naming an address any more', async () => {
    const key = await generateKeyObject({ userIds: [`Ada <${ADA}>`], type: 'curve25519legacy' });
    await take(key.toPublic().write());
    const { publicKey } = await revokeKey({ key, format: 'object', date: new Date(TEST_NOW - 1000) });
    expect(await take(publicKey.write())).toMatchObject({
      taken: [{ address: ADA, state: 'active', unchanged: false, note: expect.stringContaining('revoked') }],
    });
    // The copy without the revocation doesn't undo it.
    expect(await take(key.toPublic().write())).toMatchObject({
      taken: [{ unchanged: true, note: expect.stringContaining('revoked') }],
    });
  });

  it('that is known and of no use any more does not come back', async () => {
    const key = await generateKeyObject({ userIds: [`Ada <${ADA}>`], type: 'curve25519legacy' });
    await take(key.toPublic().write());
    const second = await ada();
    await take(second.publicBinary);
    await stage.act('keys trust', { fingerprint: second.fingerprint });
    const { publicKey } = await revokeKey({ key, format: 'object', date: new Date(TEST_NOW - 1000) });
    for (const copy of [publicKey, key.toPublic()])
      expect(await take(copy.write())).toMatchObject({
        taken: [],
        refused: [{ reason: expect.stringContaining('revoked') }],
      });
    expect(stage.rows().map((row) => row.split(' ').at(-1))).toEqual(
      expect.arrayContaining(['active', 'replaced']),
    );
  });

  describe('that was removed', () => {
    const revokedCopy = async (more: object = {}) => {
      const key = await generateKeyObject({
        userIds: [`Ada <${ADA}>`, 'Ada <ada@home.example>'],
        type: 'curve25519legacy',
        ...more,
      });
      const { publicKey } = await revokeKey({ key, format: 'object', date: new Date(TEST_NOW - 1000) });
      return { old: key.toPublic().write(), revoked: publicKey.write(), fingerprint: key.getFingerprint() };
    };
    const remove = (fingerprint: string, more: object = {}) =>
      stage.act('keys remove', { fingerprint, ...more });

    it('is taken anew, and no person’s decision is left of it', async () => {
      const { old, fingerprint } = await revokedCopy();
      await take(old);
      await remove(fingerprint);
      expect(stage.rows()).toEqual([]);
      await expect(stage.act('keys trust', { fingerprint })).rejects.toThrow(/no key has the fingerprint/);
      expect(await take(old)).toMatchObject({ taken: [{ state: 'active', unchanged: false }, {}] });
    });

    it('does not keep another key from being the first', async () => {
      const { old, fingerprint } = await revokedCopy();
      await take(old);
      await remove(fingerprint);
      expect(await take((await ada()).publicBinary)).toMatchObject({ taken: [{ state: 'active' }] });
    });

    it('keeps its revocation, whichever copy comes later', async () => {
      const { old, revoked, fingerprint } = await revokedCopy();
      await take(old);
      await take(revoked);
      await remove(fingerprint);
      expect(await take(old)).toMatchObject({
        taken: [],
        refused: [
          { address: ADA, reason: expect.stringContaining('revoked') },
          { address: 'ada@home.example', reason: expect.stringContaining('revoked') },
        ],
      });
      expect(stage.rows()).toEqual([]);
    });

    it('takes a revocation that comes after its removal', async () => {
      const { old, revoked, fingerprint } = await revokedCopy();
      await take(old, { address: ADA });
      await remove(fingerprint);
      expect(await take(revoked)).toMatchObject({ taken: [] });
      // Nor does it come in by another of its addresses.
      expect(await take(old)).toMatchObject({ taken: [] });
    });

    it('for one address remembers for all', async () => {
      const { old, revoked, fingerprint } = await revokedCopy();
      await take(old, { address: ADA });
      await take(revoked, { address: ADA });
      await remove(fingerprint, { address: ADA });
      expect(await take(old, { address: 'ada@home.example' })).toMatchObject({
        taken: [],
        refused: [{ reason: expect.stringContaining('revoked') }],
      });
    });
  });

  it.each([
    ['expired', { expires: TEST_NOW - 86_400_000 }, /expired/],
    ['made in the future', { now: TEST_NOW + 86_400_000 }, /./],
  ])('is refused when it is %s', async (_, more, reason) => {
    const key = await pgp([`Ada Example <${ADA}>`], more);
    expect(await take(key.publicBinary)).toMatchObject({
      taken: [],
      refused: [{ reason: expect.stringMatching(reason) }],
    });
    expect(stage.rows()).toEqual([]);
  });

  it('is refused without an address', async () => {
    const key = await pgp(['Nobody in particular']);
    expect(await take(key.publicBinary)).toMatchObject({
      taken: [],
      refused: [{ reason: 'no user ID with a valid self-signature names an address' }],
    });
  });

  it('is refused with a word about its user ID where that names two addresses', async () => {
    const key = await pgp([`bob@hospital.example <${ADA}>`]);
    expect(await take(key.publicBinary)).toMatchObject({
      taken: [],
      refused: [{ reason: 'a user ID names two addresses, so it counts for neither' }],
    });
    const same = await pgp([`${ADA} <${ADA}>`]);
    expect(await take(same.publicBinary)).toMatchObject({ taken: [{ address: ADA }] });
  });

  it('is one key, and public', async () => {
    const [first, second] = [await ada(), await adaToo()];
    for (const bytes of [
      Buffer.concat([first.publicBinary, second.publicBinary]),
      first.secretBinary,
      randomBytes(200),
      Buffer.alloc(0),
    ])
      expect(await take(bytes)).toMatchObject({
        taken: [],
        refused: [{ reason: 'it is not one whole key' }],
      });
    await expect(
      stage.act('keys import', { keys: [{ kind: 'openpgp', material: '!' }] }),
    ).rejects.toMatchObject({
      exitStatus: 2,
    });
    await expect(stage.act('keys import', { keys: [] })).rejects.toMatchObject({ exitStatus: 2 });
  });

  it('waits when another one was faster in this very moment', async () => {
    const [first, second] = [await ada(), await adaToo()];
    const { keys } = stage.store;
    let overtaken = false;
    const racing = {
      ...stage.context,
      store: {
        ...stage.store,
        keys: {
          ...keys,
          put: async (...args: Parameters<typeof keys.put>) => {
            if (!overtaken) {
              overtaken = true;
              await take(first.publicBinary);
            }
            return keys.put(...args);
          },
        },
      },
    };
    const { performAct } = await import('../../../../src/ops/acts/index.js');
    const result = await performAct(racing, 'keys import', {
      keys: [input({ kind: 'openpgp', material: second.publicBinary })],
      address: ADA,
    });
    expect(result).toMatchObject({ taken: [{ state: 'pending' }] });
    expect(new Set(stage.rows())).toEqual(
      new Set([`${ADA} ${end(first.fingerprint)} active`, `${ADA} ${end(second.fingerprint)} pending`]),
    );
  });

  it('was recorded with whoever took it', async () => {
    const key = await ada();
    await take(key.publicBinary);
    await stage.store.close();
    const reader = openAuditReader(join(stage.dataDir, 'audit'));
    const { events } = searchAudit(reader, { type: 'key.imported', limit: 10 });
    reader.close();
    expect(JSON.stringify(events)).toContain(key.fingerprint);
    expect(JSON.stringify(events)).toContain('grace');
  });
});

describe('an imported certificate', () => {
  const root = makeAuthority();
  const sub = makeAuthority({ name: 'Sub', parent: root });
  const leaf = sub.issue({ emails: [ADA], keyType: 'rsa-2048' });
  const takeLeaf = (certificate: Uint8Array, chain: readonly Uint8Array[] = []) =>
    stage.act('keys import', { keys: [input({ kind: 'x509', material: certificate, chain })] });

  it('of an unknown CA is taken, with a word that it can’t be used yet', async () => {
    expect(await takeLeaf(leaf.certificate, [sub.certificate])).toMatchObject({
      taken: [
        { kind: 'x509', address: ADA, state: 'active', algorithm: 'RSA 2048', note: expect.anything() },
      ],
      refused: [],
    });
    // What leads to the anchor may come later, and nothing is forgotten.
    await takeLeaf(leaf.certificate, [root.certificate]);
    expect((await stage.stored(ADA))[0]?.chain).toHaveLength(2);
    expect(await takeLeaf(leaf.certificate)).toMatchObject({ taken: [{ unchanged: true }] });
  });

  it('stays beside an OpenPGP key of the same address', async () => {
    await take((await ada()).publicBinary);
    await takeLeaf(leaf.certificate);
    expect(stage.rows().map((row) => row.split(' ').at(-1))).toEqual(['active', 'active']);
  });

  describe('that could not be used, beside one that can', () => {
    const good = sub.issue({ name: 'Good', emails: [ADA] });
    const other = makeAuthority({ name: 'Nobody knows' }).issue({ name: 'Other', emails: [ADA] });
    const useGood = async () => {
      await takeLeaf(good.certificate);
      await stage.act('keys trust', { fingerprint: good.fingerprint, pin: true });
    };

    it('is refused with the reason, and the good one is used on', async () => {
      await useGood();
      expect(await takeLeaf(other.certificate)).toMatchObject({
        taken: [],
        refused: [{ reason: expect.stringMatching(/issued by nobody that is trusted.*keys remove/) }],
      });
      expect(stage.rows()).toEqual([`${ADA} ${end(good.fingerprint)} active pinned`]);
    });

    it('waits where the one in use is no better', async () => {
      await takeLeaf(good.certificate);
      expect(await takeLeaf(other.certificate)).toMatchObject({ taken: [{ state: 'pending' }] });
    });

    it('is not trusted without a pin', async () => {
      await takeLeaf(good.certificate);
      await takeLeaf(other.certificate);
      await expect(stage.act('keys trust', { fingerprint: other.fingerprint })).rejects.toThrow(/--pin/);
    });
  });

  it('that was revoked is not pinned', async () => {
    await takeLeaf(leaf.certificate, [sub.certificate]);
    stage.revocation = { status: 'revoked', reason: 'revoked on 2027-05-01' };
    await expect(stage.act('keys trust', { fingerprint: leaf.fingerprint, pin: true })).rejects.toThrow(
      /revoked on 2027-05-01/,
    );
    stage.revocation = { status: 'undetermined' };
    await stage.act('keys trust', { fingerprint: leaf.fingerprint, pin: true });
    expect(stage.rows()).toEqual([`${ADA} ${end(leaf.fingerprint)} active pinned`]);
  });

  it.each([
    ['expired', { notAfter: new Date(TEST_NOW - 1000) }, /expired/],
    ['of RSA 1024', { keyType: 'rsa-1024' as const }, /1024/],
    ['without address', { emails: [] }, /no subject alternative name/],
  ])('is refused when it is %s', async (name, request, reason) => {
    const bad = sub.issue({ name, emails: [ADA], ...request });
    expect(await takeLeaf(bad.certificate)).toMatchObject({
      taken: [],
      refused: [{ reason: expect.stringMatching(reason) }],
    });
  });

  it('is refused when it is one of a CA', async () => {
    expect(await takeLeaf(root.certificate)).toMatchObject({ taken: [], refused: [{ kind: 'x509' }] });
  });
});
