import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { armor, config, decryptKey, encryptKey, enums, readPrivateKey } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AskPassphrase, readKeyFile } from '../../../src/cli/key-files.js';
import { batches } from '../../../src/cli/keys-import.js';
import type { ReadKey } from '../../../src/keys/types.js';
import { makeKey } from '../../support/openpgp-keys.js';
import { describeWithTools } from '../../support/tools.js';
import { makeAuthority } from '../../support/x509-authority.js';

const none: AskPassphrase = async () => undefined;
const noQuestion: AskPassphrase = () => {
  throw new Error('no passphrase is needed here');
};
const ada = () => makeKey({ userIds: ['Ada <ada@hospital.example>'], type: 'curve25519legacy' });
const bob = () => makeKey({ userIds: ['Bob <bob@hospital.example>'], type: 'curve25519legacy' });
const root = makeAuthority();
const leaf = root.issue({ emails: ['ada@hospital.example'] });

async function facts(bytes: Uint8Array | string, ask = noQuestion) {
  const { publics, secrets, refused } = await readKeyFile(Buffer.from(bytes), ask);
  return {
    publics: publics.map((one) => one.fingerprint),
    secrets: secrets.map((one) => one.fingerprint),
    refused: refused.map((one) => one.reason),
  };
}

describe('a file with OpenPGP keys', () => {
  it('is read binary, armoured, as a ring, and with text around', async () => {
    const [first, second] = [await ada(), await bob()];
    const fingerprints = [first.fingerprint, second.fingerprint];
    const armoured = (bytes: Uint8Array) => armor(enums.armor.publicKey, bytes);
    const ring = Buffer.concat([first.publicBinary, second.publicBinary]);
    const texts = `\uFEFFHello,\n\n${armoured(first.publicBinary)}\nand\r\n${armoured(second.publicBinary)}`;
    for (const file of [ring, armoured(ring), texts])
      expect(await facts(file)).toEqual({ publics: fingerprints, secrets: [], refused: [] });
  });

  it('gives secret keys for signing, without a question where they are not protected', async () => {
    const { secretBinary, armouredSecret, fingerprint } = await ada();
    for (const file of [secretBinary, armouredSecret])
      expect(await facts(file)).toEqual({ publics: [], secrets: [fingerprint], refused: [] });
  });

  it('asks for the passphrase of a protected one', async () => {
    const { secretBinary, fingerprint } = await ada();
    const locked = await encryptKey({
      privateKey: await readPrivateKey({ binaryKey: secretBinary }),
      passphrase: 'made-up',
    });
    const asked: string[] = [];
    const answers = (...given: string[]): AskPassphrase => {
      return async (forWhat, attempt) => {
        asked.push(forWhat);
        return given[attempt - 1];
      };
    };
    const opened = await readKeyFile(locked.write(), answers('wrong', 'made-up'));
    expect(opened.secrets.map((one) => one.fingerprint)).toEqual([fingerprint]);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toContain(fingerprint);
    const [secret] = opened.secrets;
    const again = await readPrivateKey({ binaryKey: secret?.secret ?? new Uint8Array() });
    expect(again.isDecrypted()).toBe(true);
    await expect(decryptKey({ privateKey: again, passphrase: '', config })).rejects.toThrow();
    for (const ask of [none, answers('wrong')])
      expect(await facts(locked.write(), ask)).toMatchObject({
        secrets: [],
        refused: [expect.stringContaining('passphrase')],
      });
  });
});

describe('a file with certificates', () => {
  it('is read as PEM and DER; a CA’s certificate is only the way to its anchor', async () => {
    for (const file of [leaf.certificate, leaf.pem, `${leaf.pem}${root.pem}`])
      expect(await facts(file)).toEqual({ publics: [leaf.fingerprint], secrets: [], refused: [] });
    const { publics } = await readKeyFile(Buffer.from(leaf.pem + root.pem), noQuestion);
    expect(publics[0]?.chain).toHaveLength(1);
    expect(await facts(root.pem)).toMatchObject({ publics: [], refused: [expect.stringContaining('CA')] });
  });

  it('says so when there are OpenPGP keys in it too, or a private key', async () => {
    const both = `${armor(enums.armor.publicKey, (await ada()).publicBinary)}\n${leaf.pem}`;
    expect(await facts(both)).toMatchObject({ refused: [expect.stringContaining('a file of their own')] });
    const key = String(leaf.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    expect(await facts(key)).toMatchObject({
      publics: [],
      secrets: [],
      refused: [expect.stringContaining('private')],
    });
  });
});

describe('any other file', () => {
  it.each([
    ['nothing', ''],
    ['text', 'Dear Ada, my key follows.'],
    ['an empty SEQUENCE', Buffer.of(0x30, 0)],
    ['bytes with the first bit set', Buffer.concat([Buffer.of(0x99), randomBytes(300)])],
    ['random text bytes', Buffer.from(randomBytes(300).toString('base64'))],
  ])('is refused in words: %s', async (_, bytes) => {
    const { publics, secrets, refused } = await facts(bytes, none);
    expect([...publics, ...secrets]).toEqual([]);
    expect(refused.length).toBeGreaterThan(0);
  });
});

describeWithTools(['openssl'], 'files of OpenSSL', ({ openssl = 'openssl' }) => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-keyfiles-'));
    writeFileSync(join(folder, 'key.pem'), leaf.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'all.pem'), leaf.pem + root.pem);
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const run = (...args: string[]) => execFileSync(openssl, args, { cwd: folder, stdio: 'pipe' });

  it('PKCS#12 opens with its passphrase', async () => {
    const file = run('pkcs12', '-export', '-inkey', 'key.pem', '-in', 'all.pem', '-passout', 'pass:made-up');
    const { secrets } = await readKeyFile(file, async () => 'made-up');
    expect(secrets).toMatchObject([
      { kind: 'x509', fingerprint: leaf.fingerprint, addresses: ['ada@hospital.example'] },
    ]);
    expect(secrets[0]?.chain).toHaveLength(1);
    expect(await facts(file, none)).toMatchObject({ secrets: [], refused: ['wrong passphrase'] });
  });

  it('a PKCS#7 bundle gives its certificates', async () => {
    for (const form of ['PEM', 'DER']) {
      const file = run('crl2pkcs7', '-nocrl', '-certfile', 'all.pem', '-outform', form);
      expect(await facts(file)).toEqual({ publics: [leaf.fingerprint], secrets: [], refused: [] });
    }
  });
});

describe('requests', () => {
  const key = (size: number): ReadKey => ({
    kind: 'openpgp',
    fingerprint: 'A'.repeat(40),
    addresses: [],
    algorithm: '',
    material: new Uint8Array(size),
    chain: [],
  });

  it('carry as many keys as fit, in their order', () => {
    expect(batches([])).toEqual([]);
    expect(batches([key(1), key(2)]).map((one) => one.length)).toEqual([2]);
    const large = 900 * 1024;
    expect(batches([key(large), key(large), key(large), key(1)]).map((one) => one.length)).toEqual([2, 2]);
    expect(batches(Array.from({ length: 1200 }, () => key(1))).map((one) => one.length)).toEqual([
      500, 500, 200,
    ]);
  });
});
