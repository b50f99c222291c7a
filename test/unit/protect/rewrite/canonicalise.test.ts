import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../../src/inspect/structure.js';
import { canonicaliseMessage } from '../../../../src/protect/rewrite/canonicalise-message.js';
import { LIMITS, mail } from '../../inspect/limits.js';
import { tree, words, write } from '../../inspect/mime-tree.js';
import { bytesOf, copyOf, inspect } from './copies.js';

const HEADER_FORM =
  'From: a@clinic.example\nTo: b@partner.example\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n';

const CANONICAL = { canonicalise: true } as const;
const TOP =
  'Date: Mon, 2 Nov 2026 10:00:00 +0000\nFrom: ward3@clinic.example\nTo: roe@partner.example\nMessage-ID: <1@clinic.example>\n';
const MIME = `${TOP}MIME-Version: 1.0\n`;
const file = Buffer.from(Array.from({ length: 700 }, (_, i) => (i * 37) % 256));

describe('rebuilding', () => {
  it.each([
    [
      'two Content-Types',
      `${MIME}Content-Type: text/plain\nContent-Type: text/html\n\nhello there\n`,
      'hello there',
    ],
    ['two Subjects', `${MIME}Subject: one\nSubject: two\n\nhello there\n`, 'hello there'],
    [
      'missing MIME-Version',
      `${TOP}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${Buffer.from('hello there').toString('base64')}\n`,
      'hello there',
    ],
    ['junk in base64', `${MIME}Content-Transfer-Encoding: base64\n\naGVsbG8g!!dGhlcmU=\n`, 'hello there'],
    [
      'an unclosed multipart',
      `${MIME}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello there\n`,
      'hello there',
    ],
    [
      'a padded boundary',
      `${MIME}Content-Type: multipart/mixed; boundary=b\n\n--b  \n\nhello there\n--b--\n`,
      'hello there',
    ],
    [
      'text that hides after the end',
      `${MIME}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello there\n--b--\nContent-Type: x\n`,
      'hello there',
    ],
  ])('makes one message of one with %s', async (_, source, shown) => {
    const message = mail(source);
    const bytes = await bytesOf(message, CANONICAL);
    const { ambiguities, parts } = inspect(bytes);
    expect(ambiguities).toEqual([]);
    expect(parts.map((part) => part.status)).not.toContain('ambiguous');
    expect((await simpleParser(bytes)).text?.trim()).toBe(shown);
    expect(bytes.toString('latin1').match(/^(?:Content-Type|Subject):/gm)?.length ?? 0).toBeLessThan(3);
    expect(await bytesOf(message, CANONICAL)).toEqual(bytes);
  });

  it('keeps addresses, dates, IDs and texts, and writes nothing that was not understood', async () => {
    const message = mail(
      'Received: from [192.0.2.1] by relay.clinic.example; Mon, 2 Nov 2026 10:00:00 +0000\n' +
        'Date: Mon, 2 Nov 2026 10:00:00 +0000 (somewhere)\nFrom: "Ward, 3" <ward3@clinic.example>\n' +
        'To: =?iso-8859-1?Q?J=FCrgen_Roe?= <roe@partner.example>,\n sam@partner.example, Team: a@x.example, b@x.example;\n' +
        'Subject: =?utf-8?B?R3LDvMOfZQ==?= =?utf-8?B?IGFuIGFsbGU=?=\nMessage-ID: <1@clinic.example>\n' +
        'References: <0@clinic.example>\n <00@clinic.example>\nX-Own: something\nMIME-Version: 1.0\n' +
        'Content-Type: multipart/related; boundary=b; type="text/html"\n\nnobody sees this\n--b\nContent-Type: text/html; charset=iso-8859-1\n' +
        'Content-Transfer-Encoding: quoted-printable\n\n<!-- unseen --><p onclick="run()" title="a &amp; b">Gr=FC=DFe</p><script>run()</script><img src="cid:pic@x">\n' +
        `--b\nContent-Type: image/png; name="b=?utf-8?Q?=C3=A4?=d../x.png"\nContent-ID: <pic@x>\nContent-Transfer-Encoding: base64\n\n${file.toString('base64').replace(/.{60}/g, '$&\n')}\n--b--\n`,
    );
    const bytes = await bytesOf(message, CANONICAL);
    const read = await simpleParser(bytes);
    expect(read.from?.value).toEqual([{ address: 'ward3@clinic.example', name: 'Ward, 3' }]);
    expect(JSON.stringify(read.to)).toContain('Jürgen Roe');
    expect(
      read.to && !Array.isArray(read.to)
        ? read.to.value.map((one) => one.address ?? one.group?.map((inner) => inner.address))
        : [],
    ).toEqual(['roe@partner.example', 'sam@partner.example', ['a@x.example', 'b@x.example']]);
    expect(read.subject).toBe('Grüße an alle');
    expect(read.messageId).toBe('<1@clinic.example>');
    expect(read.references).toEqual(['<0@clinic.example>', '<00@clinic.example>']);
    expect(read.headers.has('x-own')).toBe(false);
    expect(read.headers.has('received')).toBe(true);
    expect(read.html).toContain('<p title="a &amp; b">Grüße</p>');
    expect(bytes.toString('latin1')).not.toMatch(/unseen|run\(\)|nobody/);
    expect(read.attachments.map((one) => [one.contentType, one.cid, one.content.equals(file)])).toEqual([
      ['image/png', 'pic@x', true],
    ]);
    expect(read.attachments[0]?.filename).not.toMatch(/\.\.|\//);
  });

  it.each([
    [
      'encrypted',
      `${MIME}Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n\nx\n-----END PGP MESSAGE-----\n--b--\n`,
      /signed or encrypted/,
    ],
    [
      'signed',
      `${MIME}Content-Type: multipart/signed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n`,
      /signed or encrypted/,
    ],
    [
      'From an unclear sender',
      `Date: Mon, 2 Nov 2026 10:00:00 +0000\nFrom: <a@x.example> <b@x.example>\n\nhello\n`,
      /its field From is not understood/,
    ],
    ['To two lists', `${MIME}To: other@partner.example\n\nhello\n`, /its field To is not understood/],
    [
      'a piece of another message',
      `${MIME}Content-Type: message/partial; id=x; number=1; total=2\n\nhello\n`,
      /a part of a message/,
    ],
    [
      'without the parts that it declares',
      `${MIME}Content-Type: multipart/mixed; boundary=b\n\nhello\n`,
      /no parts/,
    ],
    ['text and none', `${MIME}\nhello \0there\n`, /a part unread that was not/],
    [
      'a text with a file in it',
      `${MIME}\nsee\nbegin 644 a.txt\n%:&5L;&\\\n\`\nend\n`,
      /could still read it differently/,
    ],
    [
      'a choice that would be lost',
      `${HEADER_FORM}<input type=checkbox checked> yes <input type=checkbox> no\n`,
      /controls of a form/,
    ],
  ])('holds what is %s', async (_, source, reason) => {
    await expect(copyOf(mail(source), CANONICAL)).resolves.toMatchObject({
      ok: false,
      reason: expect.stringMatching(reason),
    });
  });

  it('redacts what it rebuilt', async () => {
    const message = mail(`${MIME}Content-Type: text/plain\nContent-Type: text/html\n\nSSN: 536-90-4399\n`);
    const bytes = await bytesOf(message, { canonicalise: true, redact: ['us-ssn'] });
    expect((await simpleParser(bytes)).text).toContain('SSN: [redacted]');
  });

  it('is read alike by mailparser and by the inspector, with every text of the original', async () => {
    await fc.assert(
      fc.asyncProperty(tree, async (node) => {
        const bytes = canonicaliseMessage(write(node), LIMITS);
        const { parts, ambiguities, views } = readMessage(bytes, LIMITS);
        expect(ambiguities.filter((one) => one.material)).toEqual([]);
        const leaves = parts.filter((part) => !/^(?:multipart\/|message\/rfc822)/.test(part.mediaType));
        expect(leaves).toHaveLength(words(node).length);
        const all = views.map((view) => view.text).join('\n');
        const shown = await shownBy(bytes);
        for (const word of words(node)) {
          expect(all).toContain(word);
          expect(shown).toContain(word);
        }
        expect(canonicaliseMessage(bytes, LIMITS).length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });

  it('gives attachments back to the byte, whatever they are called', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 300 }),
        fc.string({
          unit: fc.constantFrom('a', 'é', '€', ' ', '/', '"', '.', '%', '🙂', '\u202e'),
          maxLength: 90,
        }),
        fc.constantFrom('application/octet-stream', 'application/x-thing', 'image/png', 'text/csv'),
        async (content, name, type) => {
          const encoded = `utf-8''${encodeURIComponent(name)}`;
          const message = mail(
            `${MIME}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhello\n--b\nContent-Type: ${type}\n` +
              `Content-Disposition: attachment; filename*=${encoded}\nContent-Transfer-Encoding: base64\n\n` +
              `${Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\n')}\n--b--\n`,
          );
          const bytes = canonicaliseMessage(message, LIMITS);
          const [attachment] = (await simpleParser(bytes)).attachments;
          expect(attachment?.content.equals(Buffer.from(content))).toBe(true);
          const part = readMessage(bytes, LIMITS).parts.find((one) => one.path === '2');
          expect(part?.size).toBe(content.length);
          expect(part?.fileName).toBe(attachment?.filename);
          expect(part?.fileName ?? '').not.toMatch(/[/\p{Cc}\p{Cf}]/u);
        },
      ),
      { numRuns: 100 },
    );
  });
});

/** All that mailparser shows of a message, those within it too. */
async function shownBy(message: Buffer): Promise<string> {
  const { text, html, attachments } = await simpleParser(message);
  const inner = await Promise.all(
    attachments.map(({ contentType, content }) =>
      contentType === 'message/rfc822' ? shownBy(content) : content.toString('latin1'),
    ),
  );
  return [text ?? '', html || '', ...inner].join('\n');
}
