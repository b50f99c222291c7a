import { describe, expect, it } from 'vitest';
import { allText, HEADER, isClean, read, textsAt } from './limits.js';

const parts = (reading: ReturnType<typeof read>) =>
  reading.parts.map((part) => `${part.path} ${part.mediaType} ${part.status}`);

describe('structure', () => {
  it('numbers parts like IMAP', () => {
    const reading = read(
      `${HEADER}Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\nplain\n--i\nContent-Type: text/html\n\n<p>html\n--i--\n--o\nContent-Type: message/rfc822\n\nSubject: inner\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=n\n\n--n\n\ndeep\n--n--\n--o\nContent-Type: message/rfc822\n\nSubject: single\n\nalone\n--o--\n`,
    );
    expect(parts(reading)).toEqual([
      '0 message/rfc822 read',
      '1 multipart/alternative read',
      '1.1 text/plain read',
      '1.2 text/html read',
      '2 message/rfc822 read',
      '2.1 text/plain read',
      '3 message/rfc822 read',
      '3.1 text/plain read',
    ]);
    expect(textsAt(reading, '2')).toContain('subject: inner');
    expect(textsAt(reading, '2.1')).toBe('deep');
    expect(textsAt(reading, '3.1').trim()).toBe('alone');
  });

  it('takes the parts of a digest for messages', () => {
    const reading = read(
      `${HEADER}Content-Type: multipart/digest; boundary=d\n\n--d\n\nSubject: one\n\nfirst\n--d--\n`,
    );
    expect(parts(reading)).toContain('1 message/rfc822 read');
    expect(textsAt(reading, '1.1').trim()).toBe('first');
  });

  it('gives policies the headers and the decoded subject', () => {
    const reading = read('Subject: =?utf-8?Q?caf=C3=A9?=\n =?utf-8?Q?_au_lait?=\nX-Two: 1\nX-Two: 2\n\nx\n');
    expect(reading.subject).toBe('café au lait');
    expect(reading.headers).toContainEqual({ name: 'x-two', value: '2' });
  });

  it.each([
    ['a PDF', 'application/pdf', '%PDF-1.7\nx', 'unsupported'],
    ['an encrypted PDF', 'application/pdf', '%PDF-1.7\ntrailer << /Encrypt 5 0 R >>', 'encrypted'],
    ['a PDF called text', 'text/plain', '%PDF-1.7\nx', 'unsupported'],
    ['a zip', 'application/zip', 'PK\x03\x04\x14\0\0\0\0\0xxxx', 'unsupported'],
    ['an encrypted zip', 'application/zip', 'PK\x03\x04\x14\0\x01\0\0\0xxxx', 'encrypted'],
    [
      'an encrypted workbook',
      'application/vnd.ms-excel',
      '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0',
      'encrypted',
    ],
    ['an image', 'image/png', '\x89PNG\r\n\x1a\n\0\0\0', 'unsupported'],
    ['RTF', 'text/rtf', '{\\rtf1 hello}', 'unsupported'],
    [
      'enveloped S/MIME',
      'application/pkcs7-mime',
      '\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0',
      'encrypted',
    ],
    [
      'opaque-signed S/MIME',
      'application/pkcs7-mime',
      '\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0',
      'unsupported',
    ],
    [
      'a detached signature',
      'application/pkcs7-signature',
      '\x30\x23\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x16\x30\x14\x02\x01\x01\x31\0\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01\x31\0',
      'read',
    ],
    [
      'a zip called a signature',
      'application/pkcs7-signature',
      'PK\x03\x04\x14\0\0\0\0\0xxxx',
      'unsupported',
    ],
    [
      'inline PGP',
      'text/plain',
      '-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n',
      'encrypted',
    ],
    [
      'a PGP signature',
      'application/pgp-signature',
      '-----BEGIN PGP SIGNATURE-----\r\n\r\niQ\r\n-----END PGP SIGNATURE-----\r\n',
      'read',
    ],
    ['a table called a stream', 'application/octet-stream', 'a,b\r\n1,2\r\n', 'read'],
    ['a table called an image', 'image/png', 'a,b\r\n1,2\r\n', 'read'],
    ['nothing', 'application/octet-stream', '', 'empty'],
    ['binary called text', 'text/plain', '\x01\x02\0\x03\xff\xfe\0\x04', 'ambiguous'],
  ])('%s is %s', (_name, type, content, status) => {
    const encoded = Buffer.from(content, 'latin1').toString('base64');
    const reading = read(`${HEADER}Content-Type: ${type}\nContent-Transfer-Encoding: base64\n\n${encoded}\n`);
    expect(reading.parts.find((part) => part.path === '1')?.status).toBe(status);
  });

  it('does not take an image within HTML for read', () => {
    const reading = read(
      `${HEADER}Content-Type: text/html\n\n<p>x<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB">\n`,
    );
    expect(parts(reading)).toContain('1.1 image/png unsupported');
  });

  it('scans what stands before an inline encrypted block', () => {
    const reading = read(
      `${HEADER}\nMRN 0012345\n-----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n`,
    );
    expect(textsAt(reading, '1')).toContain('MRN 0012345');
  });
});

describe('headers and file names', () => {
  it.each([
    ['a custom field', 'X-Note: MRN 0012345', 'header:x-note'],
    ['a domain with a number', 'To: MRN@0012345.example', 'header:to'],
    ['a display name', 'From: "MRN 0012345" <a@clinic.example>', 'header:from'],
    ['base64 words', 'Subject: =?utf-8?B?TVJOIDAwMTIzNDU=?=', 'header:subject'],
    ['a word inside quotation marks', 'To: "=?utf-8?Q?MRN_0012345?=" <b@partner.example>', 'header:to'],
    ['a word with blanks', 'Subject: =?utf-8?Q?MRN 0012345?=', 'header:subject'],
    ['words split within', 'Subject: =?utf-8?Q?MRN_00?= =?utf-8?Q?12345?=', 'header:subject'],
    ['words glued to text', 'Subject: x=?utf-8?Q?MRN_0012345?=x', 'header:subject'],
    ['raw UTF-8', 'Subject: ＭＲＮ ００１２３４５', 'header:subject'],
    ['folding', 'Subject: MRN\n 0012345', 'header:subject'],
    ['a date that is none', 'Date: MRN 0012345', 'header:date'],
    ['a Received field that is none', 'Received: MRN 0012345', 'header:received'],
    ['a signature with an odd tag', 'DKIM-Signature: v=1; note=MRN 0012345', 'header:dkim-signature'],
    ['words beside a Message-ID', 'References: <a@b.example> MRN 0012345', 'header:references'],
  ])('reads %s', (_name, field, where) => {
    expect(textsAt(read(`${field}\n\nx\n`), where).replace(' at ', ' ')).toContain('MRN 0012345');
  });

  it('leaves out what programs write', () => {
    const reading = read(
      'Received: from mx.partner.example (mx.partner.example [192.0.2.1]) by relay.clinic.example with ESMTPS id 123456789; Tue, 3 Nov 2026 10:00:00 +0000\nDate: Tue, 3 Nov 2026 10:00:00 +0000\nMessage-ID: <123456789.4111111111111111@clinic.example>\nDKIM-Signature: v=1; a=rsa-sha256; d=clinic.example; s=x;\n h=from:to; t=1793700000; bh=abc123=;\n b=AAAA/BBBB\n CCCC=\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=_4111111111111111"\n\n--=_4111111111111111\n\nx\n--=_4111111111111111--\n',
    );
    expect(allText(reading)).not.toMatch(/\d{4}/);
  });

  it('does not show the correspondents as addresses', () => {
    const reading = read('From: "Ada Test" <ada@clinic.example>\n\nx\n');
    expect(textsAt(reading, 'header:from')).toBe('"Ada Test" <ada>');
  });

  it.each([
    ['plain', 'filename="MRN 0012345.txt"'],
    ['RFC 2231', "filename*=utf-8''MRN%200012345.txt"],
    ['RFC 2231 in pieces', "filename*0*=utf-8''MRN%20; filename*1=0012345.txt"],
    ['RFC 2047', 'filename="=?utf-8?Q?MRN_0012345.txt?="'],
    ['with underscores', 'filename=MRN_0012345.txt'],
    ['the second of two', 'filename=x.txt; filename="MRN 0012345.txt"'],
    ['beside a harmless extended one', `filename*=utf-8''x.txt; filename="MRN 0012345.txt"`],
  ])('reads a file name %s', (_name, parameter) => {
    const reading = read(`${HEADER}Content-Disposition: attachment; ${parameter}\n\nx\n`);
    expect(textsAt(reading, 'name:1')).toContain('MRN 0012345');
    expect(isClean(reading)).toBe(true);
    expect(reading.parts.find((part) => part.path === '1')?.disposition).toBe('attachment');
  });
});
