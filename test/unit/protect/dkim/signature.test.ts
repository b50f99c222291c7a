import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readToSign } from '../../../../src/protect/dkim/read-to-sign.js';
import { dkimSignature } from '../../../../src/protect/dkim/signature.js';
import { type TestDkimKey, testDkimKey, verifyAllDkim, verifyDkim } from '../../../support/dkim.js';
import { describeWithTools } from '../../../support/tools.js';

const NOW = Date.now();
const RSA = testDkimKey('rsa', 'clinic.example', 's2026a');
const ED25519 = testDkimKey('ed25519', 'clinic.example', 's2026b');

async function sign(message: string, keys: readonly TestDkimKey[], now = NOW): Promise<string> {
  const read = await readToSign(Readable.from([Buffer.from(message, 'latin1')]));
  let fields = '';
  for (const key of keys) fields += await dkimSignature(read, key, now);
  return fields + message;
}

const HEAD = 'From: Ward 3 <ward3@clinic.example>\r\nTo: ada@hospital.example\r\nSubject: Form\r\n';
const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');

const MESSAGES: readonly [string, string][] = [
  ['a plain message', `${HEAD}\r\nHello\r\n`],
  ['no body but an empty line', `${HEAD}\r\n`],
  ['no empty line', HEAD],
  ['a body of empty lines', `${HEAD}\r\n\r\n\r\n\r\n`],
  ['empty lines at the end', `${HEAD}\r\nHello\r\n\r\n \t\r\n\r\n`],
  ['empty lines at the beginning', `${HEAD}\r\n\r\n \r\nHello\r\n`],
  ['blanks at the ends of lines and between words', `${HEAD}\r\nHello  \t there \r\n\t indented\t\r\n`],
  [
    'folded fields',
    'From:\r\n  Ward 3\r\n\t<ward3@clinic.example>\r\nTo: ada@hospital.example,\r\n bo@hospital.example\r\nSubject:  a   long\r\n   one \r\n\r\nHello\r\n',
  ],
  [
    'an 8-bit body',
    `${HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n${latin1('Fièvre à 39 °C à')}\r\n`,
  ],
  [
    'an 8-bit header that ends in an octet like a blank',
    `From: ward3@clinic.example\r\nSubject: ${latin1('voilà')}\r\n\r\nx\r\n`,
  ],
  [
    'fields twice',
    `${HEAD}Subject: another\r\nReferences: <1@a.example>\r\nReferences: <2@a.example>\r\n\r\nx\r\n`,
  ],
  ['names in odd case', 'FROM:   ward3@clinic.example\r\nsubJECT:x\r\n\r\nx\r\n'],
  [
    'fields of lists and others',
    `${HEAD}List-Unsubscribe: <https://clinic.example/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nSender: desk@clinic.example\r\nX-Other: not signed\r\nReceived: from a by b; Mon, 1 Jan 2026 00:00:00 +0000\r\n\r\nx\r\n`,
  ],
  ['lines that begin with dots', `${HEAD}\r\n.\r\n..\r\n.x\r\n`],
];

describeWithTools(['dkimverify'], 'signatures that dkimpy accepts', ({ dkimverify = '' }) => {
  const records = [RSA.record, ED25519.record];
  it.each(MESSAGES)('of %s', async (_, message) => {
    const signed = await sign(message, [RSA, ED25519]);
    expect(await verifyDkim(dkimverify, signed, records)).toEqual(['good', 'good']);
  });

  it('of a body without CRLF at its end, as it is sent', async () => {
    const signed = await sign(`${HEAD}\r\nHello`, [RSA]);
    expect(await verifyDkim(dkimverify, `${signed}\r\n`, records)).toEqual(['good']);
  });

  it.each<[string, (signed: string) => string]>([
    ['a word of the body', (text) => text.replace('Hello', 'Hallo')],
    ['a line more in the body', (text) => `${text}PS\r\n`],
    ['the Subject', (text) => text.replace('Subject: Form', 'Subject: Farm')],
    ['another From', (text) => `From: mallory@evil.test\r\n${text}`],
    ['another To', (text) => `To: mallory@evil.test\r\n${text}`],
    ['a Reply-To where there was none', (text) => `Reply-To: mallory@evil.test\r\n${text}`],
    ['a Content-Type where there was none', (text) => `Content-Type: text/html\r\n${text}`],
    ['a Message-ID where there was none', (text) => `Message-ID: <x@evil.test>\r\n${text}`],
    ['another domain', (text) => text.replaceAll('d=clinic.example', 'd=clinic.test')],
    ['a later end', (text) => text.replace(/x=\d/g, 'x=9')],
  ])('and that %s breaks', async (_, change) => {
    const signed = change(await sign(`${HEAD}\r\nHello\r\n`, [RSA, ED25519]));
    const lookup = [
      ...records,
      ...records.map((one) => ({ ...one, name: one.name.replace('.example', '.test') })),
    ];
    const results = await verifyDkim(dkimverify, signed, lookup);
    expect(results).toHaveLength(2);
    expect(results).not.toContain('good');
  });

  it('and that servers on the way do not break', async () => {
    const signed = await sign(`${HEAD}\r\nHello\r\n`, [RSA, ED25519]);
    const onTheWay = `Return-Path: <bounces@clinic.example>\r\nReceived: from a by b; Mon, 1 Jan 2026 00:00:00 +0000\r\nAuthentication-Results: mx.test; none\r\n${signed}`;
    expect(await verifyDkim(dkimverify, onTheWay, records)).toEqual(['good', 'good']);
  });

  it('until they end', async () => {
    const old = await sign(`${HEAD}\r\nHello\r\n`, [RSA], NOW - 15 * 86_400_000);
    expect(await verifyDkim(dkimverify, old, records)).not.toContain('good');
  });

  it('of any message', async () => {
    const text = fc.string({
      unit: fc.constantFrom(' ', '\t', '\r\n', '\r\n', 'a', 'B:', '=', '.', '\xe0', '\xa0', '\r\n\r\n'),
      maxLength: 60,
    });
    const messages: string[] = [];
    for (const [subject, body] of fc.sample(fc.tuple(text, text), 300)) {
      // Lines of blanks within a field, some take for the end of the header.
      const folded = `x${subject}y`.replace(/[ \t]*(?:\r\n[ \t]*)+/g, '\r\n ');
      messages.push(
        await sign(`From: ward3@clinic.example\r\nSubject: ${folded}\r\n\r\n${body}\r\n`, [ED25519]),
      );
    }
    const results = await verifyAllDkim(dkimverify, messages, records);
    expect(messages.filter((_, i) => results[i]?.join() !== 'good')).toEqual([]);
  });
});

describe('a signature', () => {
  it('names each field that counts once more than it is there, and no length', async () => {
    const signed = await sign(`${HEAD}Subject: again\r\n\r\nHello\r\n`, [RSA]);
    const tags = Object.fromEntries(
      (signed.split('\r\nFrom:')[0] ?? '')
        .replace(/^DKIM-Signature:/, '')
        .replace(/\s+/g, '')
        .split(';')
        .map((tag) => [tag.slice(0, tag.indexOf('=')), tag.slice(tag.indexOf('=') + 1)]),
    );
    expect(tags).toMatchObject({
      v: '1',
      a: 'rsa-sha256',
      c: 'relaxed/relaxed',
      d: 'clinic.example',
      s: 's2026a',
      t: String(Math.floor(NOW / 1000)),
      x: String(Math.floor(NOW / 1000) + 14 * 86_400),
      h: 'from:from:reply-to:to:to:cc:subject:subject:subject:date:message-id:in-reply-to:references:mime-version:content-type:content-transfer-encoding',
    });
    expect(tags).not.toHaveProperty('l');
    for (const line of signed.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
  });

  it('gives the same body hash however the content is cut', async () => {
    const body = fc.string({
      unit: fc.constantFrom(' ', '\t', '\r\n', 'a', 'bc', '\r\n\r\n', '.'),
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(body, fc.array(fc.nat({ max: 90 }), { maxLength: 12 }), async (text, cuts) => {
        const bytes = Buffer.from(`${HEAD}\r\n${text}`, 'latin1');
        const at = [0, ...cuts.map((cut) => cut + HEAD.length - 6).sort((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((end, i) => bytes.subarray(at[i], end));
        const whole = await readToSign(Readable.from([bytes]));
        const cut = await readToSign(Readable.from(pieces));
        expect(cut).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  it('is refused to a header with more fields than any message has', async () => {
    await expect(sign(`${HEAD}${'To: x@y.example\r\n'.repeat(200)}\r\nx\r\n`, [RSA])).rejects.toThrow(
      'too many fields',
    );
    await expect(sign(`X: ${'a'.repeat(5 * 1024 * 1024)}`, [RSA])).rejects.toThrow('too long');
  });
});
