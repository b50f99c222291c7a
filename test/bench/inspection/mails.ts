import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** A mail to inspect, and how many bytes of text a reader sees in it (of HTML: its markup too). */
export interface BenchMail {
  readonly bytes: Buffer;
  readonly text: number;
}

const FOLDER = 'test/eval/own';
const rowSchema = z.object({ text: z.string(), label: z.string(), technique: z.string().optional() });
/** One text in so many holds what is looked for, as in the mail of an organisation that gives care. */
const LOUD_EVERY = 8;
/** Characters of one mail in a thread. */
const ANSWER = 1_500;

export interface Letters {
  readonly quiet: readonly string[];
  readonly loud: readonly string[];
}

let known: Letters | undefined;

/** The made-up letters that detection is measured with: those with patient data, and the others. */
export function letters(): Letters {
  known ??= readLetters();
  return known;
}

function readLetters(): Letters {
  const rows = readdirSync(FOLDER)
    .filter((name) => /^(?:letters|mail).*\.jsonl$/.test(name))
    .sort()
    .flatMap((name) => readFileSync(join(FOLDER, name), 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => rowSchema.parse(JSON.parse(line)))
    .filter(({ technique }) => technique === undefined);
  const texts = (wanted: (label: string) => boolean) =>
    rows
      .filter(({ label }) => wanted(label))
      .map(({ text }) => text.replace(/^Subject: [^\n]*\n+/, '').trimEnd());
  return { quiet: texts((label) => label !== 'phi'), loud: texts((label) => label === 'phi') };
}

/** Mails of about so many bytes of text in the shapes in which clients send them, the same at each run. */
export function benchMails(count: number, size: number): readonly BenchMail[] {
  const { quiet, loud } = letters();
  let nth = 0;
  const text = () => {
    const pool = nth % LOUD_EVERY === 0 ? loud : quiet;
    return pool[(nth++ * 7919) % pool.length] ?? '';
  };
  const body = (least: number) => {
    let all = 'Hello,\n\n';
    for (let answers = 1; all.length < least; ) {
      all += `${text()}\n\n`;
      if (all.length > answers * ANSWER) all += `${quoted(answers++)}\n\n`;
    }
    return wrapped(all.slice(0, least));
  };
  return Array.from(
    { length: count },
    (_, index) => SHAPES[index % SHAPES.length]?.(body, size, index) ?? plain(body(size), index),
  );
}

type Shape = (body: (least: number) => string, size: number, index: number) => BenchMail;

const SHAPES: readonly Shape[] = [
  (body, size, index) => plain(body(size), index),
  (body, size, index) => alternative(body(Math.floor(size / 2.2)), index),
  (body, size, index) => plain(body(size), index, 'quoted-printable'),
  (body, size, index) => alternative(body(Math.floor(size / 2.2)), index),
  (body, size, index) => plain(body(size), index, 'base64'),
];

function quoted(part: number): string {
  return `On Mon, 2 Mar 2026 at 09:${String(10 + (part % 50))}, Ward Office <ward@clinic.example> wrote:`;
}

export function wrapped(text: string): string {
  return text.replace(/(.{60,76}) /g, '$1\n').replaceAll('\n', '\r\n');
}

function head(index: number): string {
  return [
    'Received: from ward3.clinic.example by relay.clinic.example with ESMTPS; Mon, 02 Mar 2026 09:00:00 +0000',
    'From: "Ward Office" <ward@clinic.example>',
    'To: "Office of a Partner" <office@partner.example>',
    'Subject: Notes of this week',
    `Message-ID: <bench-${index}@clinic.example>`,
    'Date: Mon, 02 Mar 2026 09:00:00 +0000',
    'X-Mailer: Bench 1.0',
    'MIME-Version: 1.0',
    '',
  ].join('\r\n');
}

function plain(text: string, index: number, encoding = '8bit'): BenchMail {
  const type = `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`;
  return {
    bytes: Buffer.from(`${head(index)}${type}${encoded(text, encoding)}\r\n`),
    text: Buffer.byteLength(text),
  };
}

function alternative(text: string, index: number): BenchMail {
  const paragraphs = text
    .split('\r\n\r\n')
    .map((paragraph) => `<p class="MsoNormal" style="margin:0 0 8pt">${escaped(paragraph)}</p>`)
    .join('\r\n');
  const html = `<html><head><style>p.MsoNormal{font-size:11pt}</style></head><body><div>${paragraphs}</div></body></html>`;
  const part = (type: string, content: string) =>
    `--=_alt\r\nContent-Type: text/${type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${encoded(content, 'quoted-printable')}\r\n`;
  const bytes = `${head(index)}Content-Type: multipart/alternative; boundary="=_alt"\r\n\r\n${part('plain', text)}${part('html', html)}--=_alt--\r\n`;
  return { bytes: Buffer.from(bytes), text: Buffer.byteLength(text) + Buffer.byteLength(html) };
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r\n', '<br>\r\n');
}

/** As mail programs write a text into a part: its lines end in CR LF, as no relay takes any others. */
export function encoded(content: string, encoding: string): string {
  const text = content.replace(/\r\n|\r|\n/g, '\r\n');
  if (encoding === 'base64') return Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n');
  if (encoding !== 'quoted-printable') return text;
  return [...Buffer.from(text)]
    .map((byte) =>
      byte === 0x3d || byte > 0x7e || (byte < 0x20 && byte !== 0x0d && byte !== 0x0a && byte !== 0x09)
        ? `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
        : String.fromCharCode(byte),
    )
    .join('')
    .replace(/[^\r\n]{70}(?=[^\r\n]{6})/g, (line) => {
      const cut = /=.?$/.exec(line)?.index ?? line.length;
      return `${line.slice(0, cut)}=\r\n${line.slice(cut)}`;
    });
}
