import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditedInspection } from '../../../src/decide/inspection-record.js';
import { readCms } from '../../../src/inspect/cms-content.js';
import { inspectMessage } from '../../../src/inspect/inspect-message.js';
import { readPgpText } from '../../../src/inspect/pgp-text.js';
import type { MessageReading } from '../../../src/inspect/structure.js';
import { watchProcessor } from '../../support/processor-time.js';
import { describeWithTools } from '../../support/tools.js';
import {
  ber,
  contentInfo,
  der,
  ENVELOPED,
  enveloped,
  octets,
  signedData,
  streamedSignedData,
} from './cms-bytes.js';
import { allText, HEADER, isClean, LIMITS, mail, read } from './limits.js';

const PHI = 'Patient Ellie Example, MRN 0012345, diagnosis diabetes mellitus';
const ENTITY = Buffer.from(`Content-Type: text/plain\r\n\r\n${PHI}\r\n`);

/** PKESK (version 3) for a made-up key, then SEIPD version 1. */
const PGP = Buffer.concat([
  Buffer.from([0xc1, 14, 3]),
  Buffer.alloc(13, 7),
  Buffer.from([0xd2, 21, 1]),
  Buffer.alloc(20, 9),
]);
const armoured = (bytes: Buffer) =>
  `-----BEGIN PGP MESSAGE-----\n\n${bytes.toString('base64')}\n=abcd\n-----END PGP MESSAGE-----`;
/** Literal data: not encrypted at all. */
const LITERAL = Buffer.from([0xcb, 8, 0x62, 0, 0, 0, 0, 0, 0x68, 0x69]);

function part(type: string, bytes: Buffer, more = ''): string {
  return `Content-Type: ${type}\nContent-Transfer-Encoding: base64\n${more}\n${bytes.toString('base64')}\n`;
}

function multipart(type: string, ...parts: readonly string[]): string {
  return `Content-Type: multipart/${type}; boundary=b1\n\n${parts.map((one) => `--b1\n${one}\n`).join('')}--b1--\n`;
}

const status = (reading: MessageReading, path: string) =>
  reading.parts.find((one) => one.path === path)?.status;

const PGP_MIME = multipart(
  'encrypted; protocol="application/pgp-encrypted"',
  'Content-Type: application/pgp-encrypted\n\nVersion: 1\n',
  `Content-Type: application/octet-stream; name=encrypted.asc\n\n${armoured(PGP)}\n`,
);
const SMIME = (bytes: Buffer, type = 'enveloped-data') =>
  part(`application/pkcs7-mime; smime-type=${type}; name=smime.p7m`, bytes);
const TEXT = `Content-Type: text/plain\n\n${PHI}\n`;

describe('messages that are encrypted as a whole', () => {
  it.each([
    ['PGP/MIME', PGP_MIME, 'pgp-mime'],
    ['enveloped-data', SMIME(enveloped()), 'smime'],
    ['authEnveloped-data', SMIME(enveloped('authEnveloped'), 'authEnveloped-data'), 'smime'],
    ['enveloped-data without any parameter', part('application/x-pkcs7-mime', enveloped()), 'smime'],
    [
      'enveloped-data called a stream',
      part('application/octet-stream; name=smime.p7m', enveloped()),
      'smime',
    ],
    ['inline PGP', `\n${armoured(PGP)}\n`, 'pgp-inline'],
    [
      'inline PGP, declared and with a version line',
      `Content-Type: text/plain; charset=utf-8\n\n${armoured(PGP).replace('\n\n', '\nVersion: Made up 1.0\n\n')}\n`,
      'pgp-inline',
    ],
    ['the only part of a multipart', multipart('mixed', `\n${armoured(PGP)}\n`), 'pgp-inline'],
    [
      'inline PGP and an encrypted attachment',
      multipart('mixed', `\n${armoured(PGP)}\n`, part('application/octet-stream', PGP)),
      'pgp-inline',
    ],
  ])('%s', (_name, body, kind) => {
    const reading = read(`${HEADER}${body}`);
    expect(reading.protection).toEqual({ kind, encrypted: true, signed: false });
    expect(isClean(reading)).toBe(false);
    expect(reading.parts.some((one) => one.status === 'encrypted')).toBe(true);
  });

  it('signed outside of the encryption', () => {
    const body = multipart(
      'signed; protocol="application/pkcs7-signature"',
      SMIME(enveloped()),
      part('application/pkcs7-signature', signedData(undefined)),
    );
    expect(read(`${HEADER}${body}`).protection).toEqual({ kind: 'smime', encrypted: true, signed: true });
    const opaque = SMIME(signedData(octets(mail(SMIME(enveloped())))), 'signed-data');
    const reading = read(`${HEADER}${opaque}`);
    expect(reading.protection).toEqual({ kind: 'smime', encrypted: true, signed: true });
    expect(status(reading, '1.1')).toBe('encrypted');
  });
});

/** PGP/MIME with changed pieces. */
const pgpMime = (wish: {
  readonly control?: string;
  readonly controlHeader?: string;
  readonly armour?: string;
  readonly before?: string;
  readonly behind?: string;
}) =>
  `Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b1\n\n${wish.before ?? ''}--b1\nContent-Type: application/pgp-encrypted${wish.controlHeader ?? ''}\n\n${wish.control ?? 'Version: 1\n'}\n--b1\nContent-Type: application/octet-stream\n\n${wish.armour ?? armoured(PGP)}\n--b1--\n${wish.behind ?? ''}`;
const BASE64 = PGP.toString('base64');
const withHeaders = (...lines: readonly string[]) =>
  armoured(PGP).replace('\n\n', `\n${lines.join('\n')}\n\n`);
/** The same packet in two pieces (RFC 9580 4.2.1.4). */
const IN_PIECES = Buffer.concat([
  PGP.subarray(0, 16),
  Buffer.from([0xd2, 0xe4, 1]),
  Buffer.alloc(15, 9),
  Buffer.from([5]),
  Buffer.alloc(5, 9),
]);
/** In the old format, without a length: to the end. */
const TO_THE_END = Buffer.concat([PGP.subarray(0, 16), Buffer.from([0xa7]), Buffer.alloc(30, 9)]);
/** Literal data with the text. */
const SPOKEN = Buffer.concat([Buffer.from([0xcb, PHI.length + 6, 0x62, 0, 0, 0, 0, 0]), Buffer.from(PHI)]);

describe('what programs write around encrypted data', () => {
  it.each([
    ['a preamble', pgpMime({ before: 'This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\n' })],
    ['blank lines around the parts', pgpMime({ before: '\n', behind: '\n\n' })],
    [
      'a description of the control part',
      pgpMime({ controlHeader: '\nContent-Description: PGP/MIME version' }),
    ],
    ['armour headers', `\n${withHeaders('Version: Made up 1.0', 'Charset: utf-8')}\n`],
    ['no checksum', `\n${armoured(PGP).replace('=abcd\n', '')}\n`],
    ['no empty line', `\n${armoured(PGP).replace('\n\n', '\n')}\n`],
    ['short lines', `\n${armoured(PGP).replace(BASE64, BASE64.replace(/(.{20})/g, '$1\n'))}\n`],
    ['data in pieces', `\n${armoured(IN_PIECES)}\n`],
    ['data to the end', `\n${armoured(TO_THE_END)}\n`],
    ['data in pieces, in binary', multipart('mixed', part('application/octet-stream', IN_PIECES))],
  ])('does not keep it from being encrypted: %s', (_name, body) => {
    const reading = read(`${HEADER}${body}`);
    expect(reading.protection?.encrypted).toBe(true);
  });
});

describe('clear text within what is encrypted', () => {
  it.each([
    ['an armour comment', `\n${withHeaders(`Comment: ${PHI}`)}\n`],
    ['an armour comment in PGP/MIME', pgpMime({ armour: withHeaders(`Comment: ${PHI}`) })],
    ['any other armour header', `\n${withHeaders(`Note: ${PHI}`)}\n`],
    ['a long version', `\n${withHeaders(`Version: ${PHI} ${'x'.repeat(60)}`)}\n`],
    ['many versions', `\n${withHeaders('Version: 1', `Version: ${PHI}`)}\n`],
    [
      'a line with a colon among the data',
      `\n${armoured(PGP).replace('\n=abcd', `\nNote: ${PHI}\n=abcd`)}\n`,
    ],
    ['a line that is no data', `\n${armoured(PGP).replace('\n=abcd', `\n${PHI}\n=abcd`)}\n`],
    ['a line behind the checksum', `\n${armoured(PGP).replace('=abcd', `=abcd\n${PHI}`)}\n`],
    ['a line that begins like a checksum', `\n${armoured(PGP).replace('=abcd', `=${PHI}`)}\n`],
    ['text on the first line of the armour', `\n${armoured(PGP).replace('\n\n', ` ${PHI}\n\n`)}\n`],
    ['text on its last line', `\n${armoured(PGP)} ${PHI}\n`],
    ['text in its last line', `\n${armoured(PGP).replace('END PGP MESSAGE', `END PGP MESSAGE ${PHI}`)}\n`],
    ['a preamble', pgpMime({ before: `${PHI}\n` })],
    ['an epilogue', pgpMime({ behind: `${PHI}\n` })],
    [
      'a preamble of something else',
      `Content-Type: multipart/mixed; boundary=b1\n\n${PHI}\n--b1\n\n${armoured(PGP)}\n--b1--\n`,
    ],
    ['more in the control part', pgpMime({ control: `Version: 1\n${PHI}\n` })],
    ['something else in the control part', pgpMime({ control: `Version: ${PHI}\n` })],
    ['a file name of the control part', pgpMime({ controlHeader: `; name="${PHI}"` })],
    [
      'the file name of an empty part',
      multipart('mixed', `\n${armoured(PGP)}\n`, `Content-Type: text/plain; name="${PHI}"\n\n`),
    ],
  ])('means that the message is not, and is read: %s', (_name, body) => {
    const reading = read(`${HEADER}${body}`);
    expect(reading.protection?.encrypted ?? false).toBe(false);
    expect(allText(reading)).toContain('MRN 0012345');
  });

  const behind = (bytes: Buffer) => Buffer.concat([PGP, bytes]);
  it.each([
    ['a literal packet', behind(SPOKEN)],
    ['a literal packet behind data in pieces', Buffer.concat([IN_PIECES, SPOKEN])],
    ['another encrypted packet', behind(PGP)],
    ['text', behind(Buffer.from(PHI))],
    [
      'a packet to skip before the data',
      Buffer.concat([Buffer.from([0xd5, PHI.length]), Buffer.from(PHI), PGP]),
    ],
    ['a marker that is none', Buffer.concat([Buffer.from([0xca, PHI.length]), Buffer.from(PHI), PGP])],
  ])('is not read where it is in the armour or binary: %s', (_name, bytes) => {
    for (const body of [
      `\n${armoured(bytes)}\n`,
      pgpMime({ armour: armoured(bytes) }),
      multipart('mixed', part('application/octet-stream', bytes)),
    ]) {
      const reading = read(`${HEADER}${body}`);
      expect(reading.protection?.encrypted ?? false).toBe(false);
      expect(reading.parts.some((one) => one.status === 'unsupported')).toBe(true);
      expect(isClean(reading)).toBe(false);
    }
  });

  it.each([
    [
      'beside the content',
      contentInfo('enveloped', Buffer.concat([der(0x30, ENVELOPED), der(0x0c, Buffer.from(PHI))])),
    ],
    [
      'in attributes that are not protected',
      contentInfo('enveloped', der(0x30, ENVELOPED, der(0xa1, der(0x0c, Buffer.from(PHI))))),
    ],
    ['in place of the recipients', contentInfo('enveloped', der(0x30, der(0x0c, Buffer.from(PHI))))],
  ])('is not encrypted where CMS has it %s', (_name, bytes) => {
    const reading = read(`${HEADER}${SMIME(bytes)}`);
    expect(reading.protection?.encrypted ?? false).toBe(false);
    expect(isClean(reading)).toBe(false);
  });
});

describe('what only looks encrypted', () => {
  it.each([
    ['text before a block', `\n${PHI}\n${armoured(PGP)}\n`],
    ['text behind a block', `\n${armoured(PGP)}\n${PHI}\n`],
    ['text beside PGP/MIME', multipart('mixed', TEXT, part('application/octet-stream', PGP))],
    ['text beside enveloped-data', multipart('mixed', SMIME(enveloped()), TEXT)],
    ['text as an alternative', multipart('alternative', TEXT, `\n${armoured(PGP)}\n`)],
    [
      'text in the place of the encrypted part',
      multipart(
        'encrypted; protocol="application/pgp-encrypted"',
        'Content-Type: application/pgp-encrypted\n\nVersion: 1\n',
        TEXT,
      ),
    ],
    [
      'text in the control part',
      multipart(
        'encrypted; protocol="application/pgp-encrypted"',
        `Content-Type: application/pgp-encrypted\n\nVersion: 1\n${PHI}\n${'x '.repeat(100)}\n`,
        `Content-Type: application/octet-stream\n\n${armoured(PGP)}\n`,
      ),
    ],
    [
      'a third part',
      multipart(
        'encrypted; protocol="application/pgp-encrypted"',
        'Content-Type: application/pgp-encrypted\n\nVersion: 1\n',
        `Content-Type: application/octet-stream\n\n${armoured(PGP)}\n`,
        TEXT,
      ),
    ],
    ['an envelope with something behind it', SMIME(Buffer.concat([enveloped(), Buffer.from(PHI)]))],
    ['armour around what everybody can read', `\n${armoured(LITERAL)}\n${PHI}\n`],
    ['armour around nonsense', `\n${armoured(Buffer.from('nonsense'))}\n${PHI}\n`],
  ])('%s is not protected, and its text is read', (_name, body) => {
    const reading = read(`${HEADER}${body}`);
    expect(reading.protection?.encrypted ?? false).toBe(false);
    if (!body.includes(PHI)) return;
    expect(allText(reading)).toContain('MRN 0012345');
  });

  it('an encrypted attachment is one, whatever stands beside it', () => {
    const reading = read(`${HEADER}${multipart('mixed', TEXT, SMIME(enveloped()))}`);
    expect(status(reading, '2')).toBe('encrypted');
    expect(status(reading, '1')).toBe('read');
  });

  it('a block that everybody can read is unread, not encrypted', () => {
    const reading = read(`${HEADER}\n${armoured(LITERAL)}\n`);
    expect(status(reading, '1')).toBe('unsupported');
    expect(reading.protection).toBeUndefined();
  });

  it('compressed-data is unsupported', () => {
    const reading = read(`${HEADER}${SMIME(contentInfo('compressed', der(0x30)), 'compressed-data')}`);
    expect(status(reading, '1')).toBe('unsupported');
    expect(reading.protection).toBeUndefined();
  });

  it('an ambiguous message is not', () => {
    const reading = read(`${HEADER}Content-Type: text/plain\n${SMIME(enveloped())}`);
    expect(reading.protection).toBeUndefined();
  });
});

describe('opaque signatures', () => {
  const inner = (entity: Buffer) => signedData(octets(entity));
  it.each([
    ['in DER', inner(ENTITY)],
    ['streamed in pieces', streamedSignedData(octets(ENTITY.subarray(0, 50)), octets(ENTITY.subarray(50)))],
    [
      'in pieces of pieces',
      streamedSignedData(
        ber(0x24, octets(ENTITY.subarray(0, 9)), der(0x24, octets(ENTITY.subarray(9, 60)))),
        octets(ENTITY.subarray(60)),
      ),
    ],
    ['signed twice', inner(mail(SMIME(inner(ENTITY), 'signed-data')))],
    ['with a base64 part inside', inner(mail(part('text/plain', Buffer.from(PHI))))],
  ])('%s are read', (_name, bytes) => {
    const reading = read(`${HEADER}${SMIME(bytes, 'signed-data')}`);
    expect(allText(reading)).toContain('MRN 0012345');
    expect(reading.protection).toEqual({ kind: 'smime', encrypted: false, signed: true });
    expect(isClean(reading)).toBe(true);
  });

  it.each([
    ['declared as a detached signature', 'application/pkcs7-signature'],
    ['declared as a stream', 'application/octet-stream; name=smime.p7m'],
    ['declared as text', 'text/plain'],
  ])('%s are read as well', (_name, type) => {
    const body = multipart('mixed', 'Content-Type: text/plain\n\nsee below\n', part(type, inner(ENTITY)));
    const reading = read(`${HEADER}${body}`);
    expect(allText(reading)).toContain('MRN 0012345');
    expect(reading.parts.map((one) => one.path)).toContain('2.1');
    expect(reading.protection).toBeUndefined();
  });

  it('a signed file that is no mail is read as a file', () => {
    const text = `${HEADER}${part('application/pkcs7-mime; name=list.txt.p7m', inner(Buffer.from('%PDF-1.7\n\0\x01')))}`;
    const reading = read(text);
    expect(status(reading, '1.1')).toBe('unsupported');
    const list = read(`${HEADER}${part('application/octet-stream', inner(Buffer.from(`${PHI}\r\n`)))}`);
    expect(status(list, '1.1')).toBe('read');
    expect(allText(list)).toContain('MRN 0012345');
  });

  const whole = inner(ENTITY);
  it.each([
    ['cut off', whole.subarray(0, -10)],
    ['with something behind it', Buffer.concat([whole, ENTITY])],
    ['of something else than data', signedData(octets(ENTITY), '2a864886f70d0109100104')],
    ['that hold no octets', signedData(der(0x30, octets(ENTITY)))],
    [
      'with a second content',
      signedData(Buffer.concat([octets('Content-Type: text/plain\r\n\r\nx'), octets(ENTITY)])),
    ],
    [
      'pieces of something else',
      streamedSignedData(octets('Content-Type: text/plain\r\n\r\n'), der(0x0c, ENTITY)),
    ],
  ])('%s are never clean', (_name, bytes) => {
    const reading = read(`${HEADER}${SMIME(bytes, 'signed-data')}`);
    expect(isClean(reading)).toBe(false);
    expect(reading.protection).toBeUndefined();
  });

  it('nested beyond the limit are unread', () => {
    let entity: Buffer = ENTITY;
    for (let depth = 0; depth < LIMITS.max_depth + 2; depth++) {
      entity = mail(SMIME(signedData(octets(entity)), 'signed-data'));
    }
    const reading = read(Buffer.concat([mail(HEADER), entity]));
    expect(reading.parts.some((one) => one.status === 'too-deep')).toBe(true);
  });

  it('with more than a signature around a little content are unread', () => {
    const bytes = contentInfo(
      'signed',
      der(
        0x30,
        der(0x02, Buffer.from([1])),
        der(0x31),
        der(0x30, der(0x06, Buffer.from('2a864886f70d010701', 'hex')), der(0xa0, octets(ENTITY))),
        der(0xa0, octets(Buffer.alloc(100_000, 0x41))),
      ),
    );
    expect(status(read(`${HEADER}${SMIME(bytes, 'signed-data')}`), '1')).toBe('unsupported');
  });
});

describe('signed messages', () => {
  const signedBy = (type: string, signature: string) =>
    `${HEADER}${multipart(`signed; protocol="${type}"`, TEXT, `Content-Type: ${type}\n\n${signature}\n`)}`;

  it('PGP/MIME', () => {
    const reading = read(
      signedBy(
        'application/pgp-signature',
        '-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----',
      ),
    );
    expect(reading.protection).toEqual({ kind: 'pgp-mime', encrypted: false, signed: true });
    expect(allText(reading)).toContain('MRN 0012345');
  });

  it('multipart/signed with CMS', () => {
    const body = multipart('signed', TEXT, part('application/pkcs7-signature', signedData(undefined)));
    const reading = read(`${HEADER}${body}`);
    expect(reading.protection).toEqual({ kind: 'smime', encrypted: false, signed: true });
    expect(isClean(reading)).toBe(true);
  });

  it('inline, with its dashes unescaped', () => {
    const reading = read(
      `${HEADER}\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n- -MRN 0012345\n- - second\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n`,
    );
    expect(reading.protection).toEqual({ kind: 'pgp-inline', encrypted: false, signed: true });
    const cleartext = reading.views.find((view) => view.view === 'pgp-cleartext')?.text;
    expect(cleartext?.trim()).toBe('-MRN 0012345\n- second');
    expect(isClean(reading)).toBe(true);
  });

  it('only beside other text is not a signed message', () => {
    const block =
      '-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n';
    expect(read(`${HEADER}\n${PHI}\n${block}`).protection).toBeUndefined();
    expect(read(`${HEADER}${multipart('mixed', TEXT, `\n${block}`)}`).protection).toBeUndefined();
  });
});

describe('the record', () => {
  const options = { limits: LIMITS, fingerprintKey: new Uint8Array(32) };
  it('keeps the protection', () => {
    const inspection = inspectMessage(mail(`${HEADER}${PGP_MIME}`), options);
    expect(inspection.protection).toEqual({ kind: 'pgp-mime', encrypted: true, signed: false });
    expect(auditedInspection('m1', inspection, 3).protection).toEqual(inspection.protection);
  });

  it('finds patient data in an opaque signature', () => {
    const inspection = inspectMessage(
      mail(`${HEADER}${SMIME(signedData(octets(ENTITY)), 'signed-data')}`),
      options,
    );
    expect(inspection.classifications.map((one) => one.classification)).toContain('phi');
  });
});

describe('blocks of PGP that are shown otherwise', () => {
  const signed = (cleartext: string) =>
    `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${cleartext}\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n`;
  const html = (body: string) =>
    `Content-Type: text/html; charset=utf-8\n\n<html><body>${body}</body></html>\n`;
  const lines = (bytes: Buffer) => armoured(bytes).split('\n');

  it.each([
    ['in a reply', (bytes: Buffer) => `\nhi\n\n${lines(bytes).join('\n> ').replace(/^/, '> ')}\n`],
    ['indented', (bytes: Buffer) => `\nhi\n\n  ${lines(bytes).join('\n  ')}\n`],
    ['in lines of HTML', (bytes: Buffer) => html(`<div>${lines(bytes).join('<br>')}</div>`)],
    [
      'in blocks of HTML',
      (bytes: Buffer) =>
        html(
          lines(bytes)
            .map((line) => `<p>${line}</p>`)
            .join('\n'),
        ),
    ],
    ['in preformatted HTML', (bytes: Buffer) => html(`<pre>${armoured(bytes)}</pre>`)],
    ['in escapes of HTML', (bytes: Buffer) => html(`<pre>${armoured(bytes).replaceAll('-', '&#45;')}</pre>`)],
  ])('are not read: %s', (_name, body) => {
    const statuses = (bytes: Buffer) => read(`${HEADER}${body(bytes)}`).parts.map((one) => one.status);
    expect(statuses(PGP)).toEqual(['read', 'encrypted']);
    expect(statuses(LITERAL)).toEqual(['read', 'unsupported']);
  });

  it('are seen behind the beginning of one that is quoted in part', () => {
    const begin = '> -----BEGIN PGP SIGNED MESSAGE-----\n> Hash: SHA256\n>\n> see you\n\n';
    const end = '\n\n-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n';
    const { parts } = read(`${HEADER}\n${begin}${armoured(PGP)}${end}`);
    expect(parts.map((one) => one.status)).toEqual(['read', 'encrypted']);
  });

  it.each([
    ['as it stands', (block: string) => block],
    ['with its dashes escaped', (block: string) => block.replace(/^-/gm, '- -')],
    [
      'in a signed message of its own',
      (block: string) => signed(block.replace(/^-/gm, '- -')).replace(/^-/gm, '- -'),
    ],
    ['in a reply', (block: string) => block.replace(/^/gm, '> ')],
  ])('are seen in what is signed: %s', (_name, within) => {
    const { parts } = read(`${HEADER}\n${signed(within(armoured(PGP)))}`);
    expect(parts.map((one) => one.status)).toEqual(['read', 'encrypted']);
  });

  it('are none where mail only talks of them', () => {
    const talk = '<p>It begins with -----BEGIN PGP MESSAGE-----, and there is no end.</p>';
    expect(read(`${HEADER}${html(talk)}`).parts.map((one) => one.status)).toEqual(['read', 'read']);
  });
});

describe('hostile bytes', () => {
  it('CMS readers end and never throw', () => {
    const seeds = [signedData(octets(ENTITY)), streamedSignedData(octets(ENTITY)), enveloped()];
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
        fc.nat(300),
        (seed, changes, cut) => {
          const bytes = Buffer.from(seed);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          readCms(bytes.subarray(0, Math.max(1, bytes.length - (cut > 100 ? 0 : cut))));
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['marks without a block', '-----BEGIN PGP SIGNATURE-----\n'],
    [
      'signed texts',
      '-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----\n',
    ],
  ])('what stands behind many %s is read', (_, many) => {
    const encrypted = `-----BEGIN PGP MESSAGE-----\n\n${Buffer.of(0xc1, 1, 3, 0xd2, 1, 0).toString('base64')}\n-----END PGP MESSAGE-----\n`;
    const signed =
      '-----BEGIN PGP SIGNED MESSAGE-----\n\n- canary\n-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----\n';
    const { messages, cleartexts } = readPgpText(`${many.repeat(1100)}${encrypted}${signed}`);
    expect(messages).toEqual(['encrypted']);
    expect(cleartexts.at(-1)).toMatch(/(?:^|\n)canary\n$/);
    expect(cleartexts.length).toBeLessThan(1100);
  });

  it('many blocks that never end cost no more than the text is long', () => {
    const text = '-----BEGIN PGP MESSAGE-----\n-----BEGIN PGP SIGNED MESSAGE-----\n'.repeat(40_000);
    const work = watchProcessor();
    expect(readPgpText(text).messages).toEqual([]);
    const unended = `${'-----BEGIN PGP SIGNED MESSAGE-----\n'.repeat(80_000)}-----BEGIN PGP SIGNATURE-----\n`;
    expect(readPgpText(unended).cleartexts).toEqual([]);
    work.expectBelow(2000);
  });

  it('deep nesting of lengths that never end is no content', () => {
    const bytes = Buffer.concat([
      Buffer.from('3080', 'hex'),
      Buffer.from('06092a864886f70d010702', 'hex'),
      Buffer.from('a080'.repeat(200_000), 'hex'),
    ]);
    expect(readCms(bytes)).toBeUndefined();
  });
});

describeWithTools(['openssl'], 'what OpenSSL makes', ({ openssl = '' }) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'));
  const run = (...args: readonly string[]) =>
    execFileSync(openssl, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  beforeAll(() => {
    run(
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'key.pem',
      '-out',
      'cert.pem',
      '-subj',
      '/CN=Made Up',
    );
    writeFileSync(join(folder, 'entity'), Buffer.concat([ENTITY, Buffer.from('more text\r\n'.repeat(3000))]));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const message = (...args: readonly string[]) => {
    const made = run('cms', ...args)
      .toString('latin1')
      .replace(/\r?\n/g, '\r\n');
    return read(Buffer.from(`From: a@clinic.example\r\n${made}`, 'latin1'));
  };
  const sign = ['-sign', '-signer', 'cert.pem', '-inkey', 'key.pem', '-in', 'entity'];

  it.each([
    ['opaque', [...sign, '-nodetach', '-nosmimecap']],
    ['opaque and streamed', [...sign, '-nodetach', '-stream']],
    ['clear', sign],
  ])('%s signatures are read', (_name, args) => {
    const reading = message(...args);
    expect(allText(reading)).toContain('MRN 0012345');
    expect(reading.protection).toEqual({ kind: 'smime', encrypted: false, signed: true });
  });

  it.each([['-aes-256-cbc'], ['-aes-256-gcm']])('what is encrypted with %s is encrypted', (cipher) => {
    const reading = message('-encrypt', cipher, '-stream', '-in', 'entity', 'cert.pem');
    expect(reading.protection).toEqual({ kind: 'smime', encrypted: true, signed: false });
    expect(status(reading, '1')).toBe('encrypted');
  });
});

describeWithTools(['gpg', 'gpgconf'], 'what GnuPG makes', ({ gpg = '', gpgconf = '' }) => {
  const home = mkdtempSync(join(tmpdir(), 'sp-'));
  const run = (input: string, ...args: readonly string[]) =>
    execFileSync(
      gpg,
      ['--homedir', home, '--batch', '--yes', '--passphrase', '', '--trust-model', 'always', ...args],
      {
        input,
        stdio: ['pipe', 'pipe', 'pipe'],
      },
    );
  beforeAll(() => {
    run('', '--quick-generate-key', 'Made Up <a@clinic.example>', 'future-default', 'default', 'never');
  });
  afterAll(() => {
    execFileSync(gpgconf, ['--homedir', home, '--kill', 'all']);
    rmSync(home, { recursive: true, force: true });
  });
  const inline = (...args: readonly string[]) =>
    read(`${HEADER}\n${run(`-dash\n${PHI}\n`, '--armor', ...args).toString('latin1')}`);

  it('encrypted', () => {
    const reading = inline('--encrypt', '--recipient', 'a@clinic.example');
    expect(reading.protection).toEqual({ kind: 'pgp-inline', encrypted: true, signed: false });
  });

  it('encrypted, with a passphrase and in binary', () => {
    const bytes = run(PHI, '--symmetric', '--pinentry-mode', 'loopback', '--passphrase', 'x');
    const reading = read(`${HEADER}${multipart('mixed', TEXT, part('application/octet-stream', bytes))}`);
    expect(status(reading, '2')).toBe('encrypted');
    expect(reading.protection).toBeUndefined();
  });

  it('signed in the clear', () => {
    const reading = inline('--clearsign');
    expect(reading.protection).toEqual({ kind: 'pgp-inline', encrypted: false, signed: true });
    expect(allText(reading)).toContain('MRN 0012345');
  });

  it('signed only, in armour: not clean, not encrypted', () => {
    const reading = inline('--sign');
    expect(status(reading, '1')).toBe('unsupported');
    expect(reading.protection).toBeUndefined();
  });
});
