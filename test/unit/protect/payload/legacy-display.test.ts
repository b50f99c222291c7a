import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { mail, type Split, split, valuesOf } from './messages.js';

const SUBJECT = 'Results of =?utf-8?Q?M=C3=BCller_=E2=82=AC?=';
const DECODED = 'Results of Müller €';
const HEADER = `From: a@clinic.example\nTo: b@partner.example\nMIME-Version: 1.0\n`;
const MARK = 'hp-legacy-display="1"';

const display = (entity: string | Buffer, subject = SUBJECT): Promise<Split> => {
  const header = mail(`${HEADER}Subject: ${subject}\n`);
  const body = typeof entity === 'string' ? mail(entity) : entity;
  return split(Buffer.concat([header, body]), { legacyDisplay: true });
};

/** The text or HTML that another reader shows. */
async function shown(made: Split, kind: 'text' | 'html' = 'text'): Promise<string> {
  const read = await simpleParser(made.entity);
  return (kind === 'text' ? read.text : read.html || '') ?? '';
}

const count = (made: Split) => made.entity.toString('latin1').split(MARK).length - 1;

const HTML = '<html><head><title>t</title></head><body class="x">\r\n<p>Für Zoë</p></body></html>';
const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/.{76}/g, '$&\r\n');
const leaf = (type: string, encoding: string, content: Buffer | string) =>
  Buffer.concat([
    Buffer.from(
      `Content-Type: ${type}\r\n${encoding === '' ? '' : `Content-Transfer-Encoding: ${encoding}\r\n`}\r\n`,
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);

describe('text/plain', () => {
  it.each<[string, Buffer, string]>([
    ['nothing declared', Buffer.from('\r\nHello\r\n'), 'Hello'],
    ['7bit', leaf('text/plain', '7bit', 'Hello'), 'Hello'],
    ['us-ascii', leaf('text/plain; charset=us-ascii', '', 'Hello'), 'Hello'],
    ['utf-8, 8bit', leaf('text/plain; charset=utf-8', '8bit', 'Für Zoë'), 'Für Zoë'],
    ['utf-8, undeclared 8 bits', leaf('text/plain; charset=utf-8', '', 'Für Zoë'), 'Für Zoë'],
    [
      'utf-8, base64',
      leaf('text/plain; charset="utf-8"', 'base64', base64(Buffer.from('Für Zoë'))),
      'Für Zoë',
    ],
    [
      'quoted-printable',
      leaf('text/plain; charset=utf-8', 'Quoted-Printable', 'F=C3=BCr =\r\nZo=C3=AB'),
      'Für Zoë',
    ],
    [
      'iso-8859-1, 8bit',
      leaf('text/plain; charset=iso-8859-1', '8bit', Buffer.from('Für Zoë', 'latin1')),
      'Für Zoë',
    ],
    [
      'iso-8859-15, which has the euro',
      leaf('text/plain; charset=iso-8859-15', '8bit', Buffer.from('F\xfcr \xa4', 'latin1')),
      'Für €',
    ],
    [
      'utf-16',
      leaf('text/plain; charset=utf-16le', 'base64', base64(Buffer.from('Für Zoë', 'utf16le'))),
      'Für Zoë',
    ],
    ['iso-2022-jp', leaf('text/plain; charset=iso-2022-jp', '7bit', '\x1b$B$"\x1b(B'), 'あ'],
  ])('%s', async (_name, entity, text) => {
    const made = await display(entity);
    expect((await shown(made)).replace(/\s+$/, '')).toBe(`Subject: ${DECODED}\n\n${text}`);
    expect(count(made)).toBe(1);
    expect(valuesOf(made.inner, 'content-type')[0]).toContain('hp="cipher"');
    expect(made.size).toBe(made.entity.length);
  });

  it('leaves what it can as it was', async () => {
    const made = await display(leaf('text/plain; charset=us-ascii', '7bit', 'Hello'), 'plain words');
    expect(made.body).toBe('Subject: plain words\r\n\r\nHello\r\n');
    expect(valuesOf(made.inner, 'content-transfer-encoding')).toEqual(['7bit']);
  });

  it('a Subject that breaks lines is one line', async () => {
    const made = await display('\nHello\n', '=?utf-8?Q?a=0D=0A=0D=0Ab?=');
    expect(made.body.startsWith('Subject: a b\r\n\r\nHello')).toBe(true);
  });
});

describe('text/html', () => {
  it.each<[string, Buffer]>([
    ['8bit', leaf('text/html; charset=utf-8', '8bit', HTML)],
    ['base64', leaf('text/html; charset=utf-8', 'base64', base64(Buffer.from(HTML)))],
    [
      'quoted-printable',
      leaf('text/html; charset=utf-8', 'quoted-printable', '<bo=\r\ndy>F=C3=BCr Zo=C3=AB</body>'),
    ],
    ['windows-1252', leaf('text/html; charset=windows-1252', '8bit', Buffer.from(HTML, 'latin1'))],
  ])('%s', async (_name, entity) => {
    const made = await display(entity, `${SUBJECT} <b>&"`);
    const html = await shown(made, 'html');
    expect(html).toMatch(
      /<body[^>]*>\s*<div class="header-protection-legacy-display">\s*<pre>Subject: Results of M&#252;ller &#8364; &#60;b&#62;&#38;&#34;<\/pre>\s*<\/div>/,
    );
    expect(html).toContain('Für Zoë');
    expect(count(made)).toBe(1);
  });

  it.each([
    [
      'a comment',
      '<html><head><!-- <body> --><style>/*<body>*/</style></head><body>text</body></html>',
      '<body>',
    ],
    ['no body', '<!DOCTYPE html><html><head></head><p>text</p></html>', '</head>'],
    ['no head', '<!DOCTYPE html><html><p>text</p></html>', '<html>'],
    ['no html', '<!DOCTYPE html><p>text</p>', '<!DOCTYPE html>'],
    ['nothing', '<p>text</p>', ''],
  ])('%s', async (_name, html, before) => {
    const { body } = await display(leaf('text/html', '', html));
    const at = body.indexOf('<div class');
    expect(body.slice(0, at).trimEnd().endsWith(before)).toBe(true);
    expect(body.slice(0, at)).not.toContain('text');
  });
});

describe('which parts', () => {
  const multi = (subtype: string, ...parts: readonly (string | Buffer)[]) =>
    Buffer.concat([
      Buffer.from(`Content-Type: multipart/${subtype}; boundary=${subtype.slice(0, 3)}\r\n\r\n`),
      ...parts.flatMap((one) => [
        Buffer.from(`--${subtype.slice(0, 3)}\r\n`),
        Buffer.from(one),
        Buffer.from('\r\n'),
      ]),
      Buffer.from(`--${subtype.slice(0, 3)}--\r\n`),
    ]);
  const plain = leaf('text/plain', '', 'one');
  const html = leaf('text/html', '', '<body>two');
  const file = leaf('text/plain; name=a.txt', '', 'attached');

  it('each alternative, not the attachments', async () => {
    const attachment = Buffer.concat([Buffer.from('Content-Disposition: attachment\r\n'), file]);
    const image = leaf('image/png', 'base64', 'AAAA');
    const entity = multi('mixed', multi('alternative', plain, multi('related', html, image)), attachment);
    const made = await display(entity);
    expect(count(made)).toBe(2);
    const read = await simpleParser(made.entity);
    expect(read.text?.startsWith(`Subject: ${DECODED}`)).toBe(true);
    expect(String(read.html)).toContain('header-protection-legacy-display');
    expect(read.attachments.map((one) => one.content.toString('latin1').trim())).toContain('attached');
    // But for what was put in, nothing of the message changed.
    expect(made.entity.includes(attachment)).toBe(true);
    expect(made.entity.includes(image)).toBe(true);
  });

  it.each<[string, Buffer]>([
    [
      'an attachment at the front',
      multi('mixed', Buffer.concat([Buffer.from('Content-Disposition: attachment\r\n'), file]), plain),
    ],
    [
      'a signed part',
      multi('mixed', multi('signed', plain, leaf('application/pgp-signature', '', 'x')), file),
    ],
    ['a forwarded message', leaf('message/rfc822', '', plain)],
    ['a root that is not the first', multi('related; start="<x@y>"', html, html)],
    ['two Content-Types', Buffer.concat([Buffer.from('Content-Type: text/html\r\n'), plain])],
    ['no boundary', Buffer.from('Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\none\r\n')],
    [
      'a boundary that never ends',
      Buffer.from('Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\none\r\n'),
    ],
    ['junk in base64', leaf('text/plain', 'base64', 'SGVs!!bG8=')],
    ['an unknown encoding', leaf('text/plain', 'x-uuencode', 'one')],
    ['an unknown character set', leaf('text/plain; charset=x-made-up', '', 'one')],
    ['8 bits called ASCII', leaf('text/plain; charset=us-ascii', '', Buffer.from('F\xfcr', 'latin1'))],
    [
      'a block of PGP',
      leaf('text/plain', '', '-----BEGIN PGP MESSAGE-----\r\n\r\nx\r\n-----END PGP MESSAGE-----'),
    ],
    ['a document', leaf('application/pdf', 'base64', 'JVBERg==')],
  ])('not where there is %s', async (_name, entity) => {
    const made = await display(entity);
    expect(count(made)).toBe(0);
    const body = entity.indexOf('\r\n\r\n') + 4;
    expect(made.body).toBe(entity.toString('utf8', body));
  });

  it('not without a Subject, or one that is not hidden', async () => {
    const entity = '\nHello\n';
    expect((await display(entity, '')).body).toBe('Hello\r\n');
    expect((await display(entity, '[...]')).body).toBe('Hello\r\n');
    expect((await split(`${HEADER}${entity}`, { legacyDisplay: true })).body).toBe('Hello\r\n');
  });

  it('before large attachments, which stream through', async () => {
    const big = leaf('application/octet-stream', 'binary', Buffer.alloc(6 * 1024 * 1024, 'data '));
    const made = await display(multi('mixed', plain, big));
    expect(count(made)).toBe(1);
    expect(made.entity.includes(big)).toBe(true);
    expect(made.size).toBe(made.entity.length);
    expect(
      (
        await display(leaf('text/plain', '', Buffer.alloc(3 * 1024 * 1024, 'line\r\n')), 'words')
      ).body.startsWith('Subject: words'),
    ).toBe(true);
    // A text that would have to be encoded anew and isn't all there stays as it is.
    const long = leaf(
      'text/plain; charset=utf-8',
      'base64',
      base64(Buffer.alloc(3 * 1024 * 1024, 'line\r\n')),
    );
    expect(count(await display(long))).toBe(0);
  });

  it('wherever the beginning that is looked at ends', async () => {
    const limit = 2 * 1024 * 1024;
    const entity = (padding: number) =>
      Buffer.concat([
        Buffer.from('Content-Type: multipart/alternative; boundary=x\r\n\r\n--x\r\n'),
        leaf('text/plain', '', Buffer.alloc(padding, 'a')),
        Buffer.from('--x\r\n'),
        leaf('text/html', '8bit', '<body>two'),
        Buffer.from('--x--\r\n'),
      ]);
    const fixed = mail(`${HEADER}Subject: words\n`).length + entity(0).length;
    for (let back = -2; back < 90; back += 3) {
      const made = await display(entity(limit - fixed + back), 'words');
      expect(made.size).toBe(made.entity.length);
      const read = await simpleParser(made.entity);
      expect(read.text?.includes('aaaa')).toBe(true);
      expect(String(read.html)).toContain('two');
      expect(read.text?.startsWith('Subject: words')).toBe(count(made) > 0);
    }
  });
});

describe('the end of what is looked at', () => {
  it('is not taken for a boundary', async () => {
    const entity = (padding: number) =>
      Buffer.concat([
        Buffer.from('Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n'),
        Buffer.from('Content-Transfer-Encoding: quoted-printable\r\n\r\n'),
        Buffer.alloc(padding, 'a'),
        Buffer.from('\r\n--xyz and the rest of the text\r\n--x--\r\n'),
      ]);
    const head = mail(`${HEADER}Subject: words\n`).length + entity(0).indexOf('yz and');
    const made = await display(entity(2 * 1024 * 1024 - head), 'words');
    expect(count(made)).toBe(0);
    expect(made.body.endsWith('--xyz and the rest of the text\r\n--x--\r\n')).toBe(true);
  });
});

describe('whatever the text', () => {
  const chars = fc.constantFrom('a', 'ü', '€', '=', ' ', '.', '\r\n', 'あ', '<');
  it('the Subject is before it and the text is the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: chars, maxLength: 200 }),
        fc.string({ unit: fc.constantFrom('a', 'é', '😀', '=', '"'), minLength: 1, maxLength: 30 }),
        fc.constantFrom('8bit', 'base64'),
        async (content, subject, encoding) => {
          const word = `=?utf-8?B?${Buffer.from(subject).toString('base64')}?=`;
          const body = encoding === 'base64' ? base64(Buffer.from(content)) : content;
          const plainly = Buffer.concat([mail(HEADER), leaf('text/plain; charset=utf-8', encoding, body)]);
          const before = (await simpleParser(plainly)).text ?? '';
          const after = await shown(await display(leaf('text/plain; charset=utf-8', encoding, body), word));
          expect(after.trimEnd()).toBe(`Subject: ${subject}\n\n${before}`.trimEnd());
        },
      ),
      { numRuns: 100 },
    );
  });
});
