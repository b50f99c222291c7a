import { readFileSync } from 'node:fs';
import * as openpgp from 'openpgp';
import { describe, expect, it } from 'vitest';
import { armour, judgeOpenPgp, openOpenPgpSecret, readOpenPgp } from '../../../../src/keys/openpgp/index.js';
import { join, packet } from '../../../support/openpgp-forge.js';
import { generateKeyObject, KEYS_MADE_AT, makeKey } from '../../../support/openpgp-keys.js';

const LIMITS = { localPart: 'ignore-case', minRsaBits: 2048, curves: ['P-256', 'X25519'] } as const;
const NOW = Date.UTC(2026, 6, 1);
const ada = await makeKey({
  userIds: ['Ada Example <ada@clinic.test>', 'Ada <ada@home.test>'],
  type: 'p256',
});
const bob = await makeKey({ userIds: ['bob@clinic.test'], type: 'x25519v6', expires: Date.UTC(2030, 0, 1) });

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));
const text = (...parts: readonly string[]) => Buffer.from(parts.join('\n'));

describe('readOpenPgp', () => {
  it('says what a key names and until when', async () => {
    const { publics, secrets, refused } = await readOpenPgp(join(ada.publicBinary, bob.publicBinary));
    expect(publics).toMatchObject([
      {
        kind: 'openpgp',
        fingerprint: ada.fingerprint,
        addresses: ['ada@clinic.test', 'ada@home.test'],
        algorithm: 'P-256',
        notBefore: KEYS_MADE_AT,
        chain: [],
      },
      {
        fingerprint: bob.fingerprint,
        addresses: ['bob@clinic.test'],
        algorithm: 'X25519',
        notAfter: Date.UTC(2030, 0, 1),
      },
    ]);
    expect(publics[0]).not.toHaveProperty('notAfter');
    expect([secrets, refused]).toEqual([[], []]);
  });

  it('reads its own output again as the same', async () => {
    const [read] = (await readOpenPgp(ada.publicBinary)).publics;
    const [again] = (await readOpenPgp(Buffer.from(armour(read!.material)))).publics;
    expect(again).toEqual(read);
  });

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])('finds armoured blocks in any text, with %s', async (_name, newline) => {
    const file = [
      'Dear administrator,',
      armour(ada.publicBinary),
      'and my colleague’s, with headers and a wrong checksum:',
      armour(bob.publicBinary)
        .replace('\n\n', '\nVersion: Example\nComment: none\n\n')
        .replace('-----END', '=AAAA\n-----END'),
    ].join('\n');
    const { publics, refused } = await readOpenPgp(Buffer.from(file.replace(/\r?\n/g, newline)));
    expect(publics.map(({ fingerprint }) => fingerprint)).toEqual([ada.fingerprint, bob.fingerprint]);
    expect(refused).toEqual([]);
  });

  it('takes the good keys and refuses the broken ones by themselves', async () => {
    const truncated = ada.publicBinary.subarray(0, -10);
    const version3 = packet(6, Uint8Array.of(3, 0, 0, 0, 0, 1));
    const unsigned = packet(
      6,
      (await generateKeyObject({ userIds: ['x@clinic.test'], type: 'p256' })).keyPacket.write(),
    );
    const read = await readOpenPgp(join(version3, unsigned, bob.publicBinary, truncated));
    expect(read.publics.map(({ fingerprint }) => fingerprint)).toEqual([bob.fingerprint, ada.fingerprint]);
    expect(read.refused.map(({ reason }) => reason)).toEqual([
      'malformed: a packet is longer than what is there',
      'keys of version 3 are not accepted',
      expect.stringMatching(/^malformed|^nothing in it is signed/),
    ]);
    // What was cut off is the last binding signature: the key is there, but can't be encrypted to.
    expect(await judgeOpenPgp(read.publics[1]!.material, 'ada@clinic.test', LIMITS, NOW)).toEqual({
      usable: false,
      reason: 'no part of it may encrypt (sign-only)',
    });
  });

  it.each([
    ['nothing', new Uint8Array(0), 'there is no OpenPGP key in it'],
    ['text', text('hello'), 'there is no OpenPGP key in it'],
    ['an HTML page', text('<html>', '<body>404</body>'), 'there is no OpenPGP key in it'],
    ['binary noise', Uint8Array.of(0xff, 0xff), 'malformed: a packet is longer than what is there'],
    ['a marker alone', packet(10, Buffer.from('PGP')), 'there is no key in it'],
    [
      'a message',
      text('-----BEGIN PGP MESSAGE-----', '', 'AAAA', '-----END PGP MESSAGE-----'),
      'an armoured block that is not a key',
    ],
    [
      'a block without an end',
      text(armour(ada.publicBinary).replace(/-----END.*/s, '')),
      'malformed: an armoured block is damaged',
    ],
    [
      'a block with letters that are not base64',
      text('-----BEGIN PGP PUBLIC KEY BLOCK-----', '', 'A*AA', '-----END PGP PUBLIC KEY BLOCK-----'),
      'malformed: an armoured block is damaged',
    ],
    [
      'a block that ends as another',
      text('-----BEGIN PGP PUBLIC KEY BLOCK-----', '', 'AAAA', '-----END PGP MESSAGE-----'),
      'malformed: an armoured block is damaged',
    ],
    ['too much', new Uint8Array(16 * 1024 * 1024 + 1), 'it is larger than 16777216 bytes'],
  ])('refuses %s', async (_name, bytes, reason) => {
    const { publics, refused } = await readOpenPgp(bytes);
    expect(publics).toEqual([]);
    expect(refused.map((one) => one.reason)).toContain(reason);
  });

  it('says what to do with a revocation certificate', async () => {
    const key = await generateKeyObject({ userIds: ['x@clinic.test'], type: 'p256' });
    const revoked = await openpgp.revokeKey({ key, date: new Date(NOW), format: 'object' });
    const certificate = await revoked.publicKey.getRevocationCertificate(new Date(NOW));
    const { refused } = await readOpenPgp(Buffer.from(String(certificate)));
    expect(refused.map(({ reason }) => reason)).toEqual([
      'a signature or revocation certificate without its key; export the key that has it',
    ]);
  });

  it('reads the certificate of RFC 9580 A.3, which names nobody', async () => {
    const { publics, refused } = await readOpenPgp(fixture('rfc9580-a3-certificate.asc'));
    expect(refused).toEqual([]);
    expect(publics).toMatchObject([
      {
        fingerprint: 'CB186C4F0609A697E4D52DFA6C722B0C1F1E27C18A56708F6525EC27BAD9ACC9',
        algorithm: 'X25519',
        addresses: [],
        notBefore: Date.UTC(2022, 10, 30, 16, 8, 3),
      },
    ]);
    expect(await judgeOpenPgp(publics[0]!.material, 'ada@clinic.test', LIMITS, NOW)).toEqual({
      usable: false,
      reason: 'no user ID with a valid self-signature names this address',
    });
  });
});

describe('openOpenPgpSecret', () => {
  const passphrase = 'correct horse of the test stable';

  it('opens the secret key of RFC 9580 A.4', async () => {
    const { publics, secrets } = await readOpenPgp(fixture('rfc9580-a4-secret-key.asc'));
    const [{ material } = { material: null }] = (await readOpenPgp(fixture('rfc9580-a3-certificate.asc')))
      .publics;
    expect(publics).toEqual([]);
    const opened = await openOpenPgpSecret(secrets[0]!);
    expect(opened.material).toEqual(material);
    const key = await openpgp.readPrivateKey({ binaryKey: opened.secret });
    expect(key.isDecrypted()).toBe(true);
  });

  it.each(['p256', 'curve25519legacy', 'x25519v6'] as const)('opens a protected %s key', async (type) => {
    const privateKey = await generateKeyObject({ userIds: ['Ada <ada@clinic.test>'], type });
    const locked = await openpgp.encryptKey({ privateKey, passphrase });
    const { secrets, refused } = await readOpenPgp(Buffer.from(locked.armor()));
    expect(refused).toEqual([]);
    expect(secrets[0]!.key.addresses).toEqual(['ada@clinic.test']);
    const opened = await openOpenPgpSecret(secrets[0]!, passphrase);
    expect((await openpgp.readPrivateKey({ binaryKey: opened.secret })).isDecrypted()).toBe(true);
    expect((await judgeOpenPgp(opened.material, 'ada@clinic.test', LIMITS, NOW)).usable).toBe(true);
    await expect(openOpenPgpSecret(secrets[0]!, 'wrong')).rejects.toThrow('the passphrase is wrong');
    await expect(openOpenPgpSecret(secrets[0]!)).rejects.toThrow('is protected by a passphrase');
  });

  it('refuses secrets that do not belong to their public key', async () => {
    const [one, two] = [
      await generateKeyObject({ userIds: ['ada@clinic.test'], type: 'p256' }),
      await generateKeyObject({ userIds: ['ada@clinic.test'], type: 'p256' }),
    ];
    const [packetOne, packetTwo] = [one.keyPacket, two.keyPacket];
    if (!(packetOne instanceof openpgp.SecretKeyPacket) || !(packetTwo instanceof openpgp.SecretKeyPacket))
      throw new Error();
    packetOne.privateParams = packetTwo.privateParams;
    const { secrets } = await readOpenPgp(one.write());
    await expect(openOpenPgpSecret(secrets[0]!)).rejects.toThrow('do not belong together');
  });
});
