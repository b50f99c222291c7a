import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenPgpSealingKey } from '../../../../src/keys/types.js';
import { type Gpg, openGpg, pgpPart } from '../../../support/gpg.js';
import { describeWithTools } from '../../../support/tools.js';
import { packetsOf, payloadOf, sealed, sealingKeyOf, signerOf, someBytes } from './sealing.js';

const TYPES = ['rsa3072', 'cv25519', 'nistp256', 'nistp384'] as const;

const MIXED = Buffer.concat([
  Buffer.from(
    'Content-Type: multipart/mixed; boundary=b; hp="cipher"\r\nSubject: Größe\r\n\r\n--b\r\n' +
      'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße, 日本\r\n--b\r\n' +
      'Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n\r\n',
  ),
  someBytes(3000),
  Buffer.from('\r\n--b--\r\n'),
]);

describeWithTools(['gpg', 'gpgconf'], 'PGP/MIME messages, opened by GnuPG', (tools) => {
  let gpg: Gpg;
  const fingerprints = new Map<string, string>();
  const keys = new Map<string, OpenPgpSealingKey>();
  const keyOf = (type: string): OpenPgpSealingKey => keys.get(type)!;
  const open = (message: Buffer) => gpg.decrypt(pgpPart(message.toString('latin1')));
  /** Our clock and gpg's are the same here: its keys were made just now. */
  const now = () => Date.now();

  beforeAll(async () => {
    gpg = openGpg(tools);
    for (const type of TYPES) {
      const fingerprint = gpg.generate(`Rita Roe ${type} <${type}@keys.example>`, type);
      fingerprints.set(type, fingerprint);
      keys.set(type, await sealingKeyOf(gpg.exportPublic(fingerprint)));
    }
  });
  afterAll(() => gpg.close());

  describe.each(TYPES)('%s', (type) => {
    it.each([
      ['a mixed entity', MIXED],
      ['nothing', Buffer.alloc(0)],
      ['a header alone', Buffer.from('Content-Type: text/plain\r\n\r\n')],
      ['200 kB', someBytes(200_000)],
    ])('gives back %s', async (_, entity) => {
      const opened = open(await sealed({ payload: payloadOf(entity), keys: [keyOf(type)] }));
      expect(opened.content.equals(entity)).toBe(true);
      expect(opened.status).toContain('DECRYPTION_OKAY');
      expect(opened.status).toContain('GOODMDC');
      expect(opened.status).not.toContain('GOODSIG');
    });

    it('finds our signature inside', async () => {
      const fingerprint = fingerprints.get(type)!;
      const signer = signerOf(fingerprint, gpg.exportSecret(fingerprint));
      const opened = open(
        await sealed({ payload: payloadOf(MIXED), keys: [keyOf('cv25519')], signer, now: now() }),
      );
      expect(opened.content.equals(MIXED)).toBe(true);
      expect(opened.status).toContain('GOODSIG');
      expect(opened.status).toMatch(new RegExp(`VALIDSIG ${fingerprint} `));
    });

    it('has nobody else’s key ID in a copy', async () => {
      const message = await sealed({ payload: payloadOf(MIXED), keys: [keyOf(type)] });
      const ids = [...gpg.packets(packetsOf(message)).matchAll(/keyid ([0-9A-F]{16})/g)].map(([, id]) => id);
      expect(ids).toEqual([keyOf(type).encryptionKey.slice(-16)]);
    });
  });

  it('is opened by each of its recipients', async () => {
    const message = await sealed({ payload: payloadOf(MIXED), keys: TYPES.map(keyOf) });
    for (const type of TYPES) {
      const alone = openGpg(tools);
      try {
        alone.import(gpg.exportSecret(fingerprints.get(type)!));
        expect(alone.decrypt(pgpPart(message.toString('latin1'))).content.equals(MIXED)).toBe(true);
      } finally {
        alone.close();
      }
    }
  });

  it('names nobody where key IDs are hidden', async () => {
    const fingerprint = fingerprints.get('cv25519')!;
    const message = await sealed({
      payload: payloadOf(MIXED),
      keys: TYPES.map(keyOf),
      hiddenKeyIds: true,
      signer: signerOf(fingerprint, gpg.exportSecret(fingerprint)),
      now: now(),
    });
    const ids = [...gpg.packets(packetsOf(message)).matchAll(/keyid ([0-9A-F]{16})/g)].map(([, id]) => id);
    expect(ids).toEqual(TYPES.map(() => '0000000000000000'));
    const opened = open(message);
    expect(opened.content.equals(MIXED)).toBe(true);
    expect(opened.status).toContain('GOODSIG');
  });

  it('doesn’t sign what the sender signed', async () => {
    const fingerprint = fingerprints.get('rsa3072')!;
    const message = await sealed({
      payload: payloadOf(MIXED, { alreadySigned: true }),
      keys: [keyOf('cv25519')],
      signer: signerOf(fingerprint, gpg.exportSecret(fingerprint)),
      now: now(),
    });
    const opened = open(message);
    expect(opened.content.equals(MIXED)).toBe(true);
    expect(opened.status).not.toContain('SIG');
  });

  it('gives back 20 MB, signed', async () => {
    const entity = someBytes(20 * 1024 * 1024);
    const fingerprint = fingerprints.get('rsa3072')!;
    const signer = signerOf(fingerprint, gpg.exportSecret(fingerprint));
    const opened = open(
      await sealed({ payload: payloadOf(entity), keys: [keyOf('rsa3072')], signer, now: now() }),
    );
    expect(opened.content.equals(entity)).toBe(true);
    expect(opened.status).toContain('GOODMDC');
    expect(opened.status).toContain('GOODSIG');
  });

  it('is refused with any byte changed', async () => {
    const message = packetsOf(
      await sealed({
        payload: payloadOf(Buffer.from('Subject: x\r\n\r\nbody\r\n')),
        keys: [keyOf('cv25519')],
      }),
    );
    // Behind the session key packet, whose length is one octet here, and the header of the encrypted data.
    const start = 2 + message[1]! + 2;
    expect(message[start]).toBe(1);
    for (let at = start; at < message.length; at += 3) {
      const changed = Buffer.from(message);
      changed[at]! ^= 0x01;
      expect(() => gpg.decrypt(changed), `byte ${at}`).toThrow();
    }
  });
});
