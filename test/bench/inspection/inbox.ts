import { type BenchMail, encoded, escaped, letters, wrapped } from './mails.js';

/**
 * Mail as it lies in the inbox of an office that gives care: answers with the thread below, letters out of a mail program
 * with its HTML, and newsletters. Each says one thing or a few (texts of `test/eval/own`) and carries what mail carries
 * beside that: headers of the servers it passed, signatures, disclaimers, quoted mails, links, markup. One mail in eight
 * has a text with patient data.
 */
export function inboxMails(count: number, size: number): readonly BenchMail[] {
  return Array.from({ length: count }, (_, index) => {
    const make = KINDS[index % KINDS.length] ?? answer;
    return make(index, size);
  });
}

const LOUD_EVERY = 8;
const KINDS: readonly ((index: number, size: number) => BenchMail)[] = [answer, letter, newsletter, letter];

const PEOPLE = ['Jordan Example', 'Robin Sample', 'Casey Muster', 'Alex Placeholder'] as const;
const SUBJECTS = ['Notes of this week', 'Next steps', 'Your question', 'Schedule for March'] as const;

const DISCLAIMER =
  'This message and what is attached to it are meant for the person or office named above, and may hold information that ' +
  'is private. If it reached you by mistake, please tell the sender, delete it and keep no copy. Views in it are those of ' +
  'the writer and not always those of the organisation. Please think before you print.';

/** Texts of letters, other ones for each mail. */
function texts(index: number, count: number): readonly string[] {
  const { quiet, loud } = letters();
  return Array.from({ length: count }, (_, nth) => {
    const pool = index % LOUD_EVERY === 0 && nth === 0 ? loud : quiet;
    return pool[((index * 17 + nth) * 7919) % pool.length] ?? '';
  });
}

function signature(index: number): string {
  const name = PEOPLE[index % PEOPLE.length] ?? '';
  return `${name}\nOffice of Projects\nClinic Example, 5th floor\nTel. 555-010${index % 10}\nwww.clinic.example\n\n${DISCLAIMER}`;
}

/** Plain text with the mails that it answers below it, each quoted once more than the one above. */
function answer(index: number, size: number): BenchMail {
  let all = '';
  for (let depth = 0; all.length < size; depth++) {
    const mark = depth === 0 ? '' : `${'>'.repeat(Math.min(depth, 5))} `;
    const said = wrapped(
      [
        `Hi ${PEOPLE[(index + depth) % PEOPLE.length]?.split(' ')[0] ?? ''},`,
        ...texts(index + depth, 2),
      ].join('\n\n'),
    );
    const below = wrapped(`\n\nBest regards,\n\n${signature(index + depth)}\n\n`);
    const quoting = `On Mon, Mar ${1 + (depth % 28)}, 2026 at 9:${10 + (depth % 50)} AM Ward Office <ward@clinic.example> wrote:\r\n`;
    all += `${said}${below}${quoting}`.replace(/^/gm, mark);
  }
  const text = all.slice(0, size);
  const encoding = index % 3 === 0 ? 'base64' : 'quoted-printable';
  const body = `Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${encoded(text, encoding)}\r\n`;
  return { bytes: Buffer.from(`${head(index)}${body}`), text: Buffer.byteLength(text) };
}

/** A letter out of a mail program: what it says as plain text and as HTML, in which each line has its styles. */
function letter(index: number, size: number): BenchMail {
  const lines: string[] = [`Dear ${PEOPLE[(index + 1) % PEOPLE.length] ?? ''},`];
  const paragraph = (line: string) =>
    `<p class="MsoNormal" style="margin:0in;font-size:11pt;font-family:Calibri,sans-serif"><span style="color:black">${escaped(line)}</span><o:p></o:p></p>`;
  const isFull = () => lines.join('').length * 2 + lines.length * 160 + HTML_HEAD.length > size;
  for (let nth = 0; !isFull(); nth++) {
    lines.push(...texts(index + nth, 2).flatMap((text) => text.split('\n')));
    lines.push('Kind regards,', ...signature(index + nth).split('\n'));
    lines.push(
      'From: Ward Office <ward@clinic.example>',
      'Sent: Monday, March 2, 2026 9:12 AM',
      `Subject: RE: ${subject(index)}`,
    );
  }
  const written = lines.filter((line) => line !== '');
  return both(
    index,
    written.join('\n\n'),
    `${HTML_HEAD}${written.map(paragraph).join('\r\n')}</div></body></html>`,
  );
}

/** Short notices between links, in tables of tables. */
function newsletter(index: number, size: number): BenchMail {
  const notices: string[] = [];
  const item = (text: string, nth: number) =>
    `<tr><td align="left" style="padding:12px 24px 12px 24px;font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#333333"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td width="120" valign="top"><a href="https://news.partner.example/l/${index}a${nth}?utm_source=mail&amp;utm_medium=newsletter" target="_blank"><img src="https://img.partner.example/${nth}.png" width="120" height="80" alt="" style="display:block;border:0"></a></td><td valign="top" style="padding-left:16px">${escaped(text)}<br><a href="https://news.partner.example/l/${index}b${nth}?utm_source=mail&amp;utm_medium=newsletter" style="color:#1155cc;text-decoration:none">Read more</a></td></tr></table></td></tr>`;
  for (let length = 0, nth = 0; length < size; nth++) {
    const [text = ''] = texts(index + nth, 1);
    notices.push(text);
    length += item(text, nth).length + text.length;
  }
  const html = `<html><head><meta name="viewport" content="width=device-width"><style>a{color:#1155cc}@media only screen and (max-width:600px){td{display:block}}</style></head><body style="margin:0;background:#f4f4f4"><table role="presentation" width="600" align="center">${notices.map(item).join('\r\n')}<tr><td style="font-size:11px">You get this because you signed up. <a href="https://news.partner.example/u/${index}">Unsubscribe</a></td></tr></table></body></html>`;
  return both(index, notices.join('\n\n'), html);
}

const HTML_HEAD =
  '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style><!--\r\np.MsoNormal{margin:0in;font-size:11.0pt;font-family:"Calibri",sans-serif}\r\na:link{color:#0563C1;text-decoration:underline}\r\n--></style></head><body lang="EN-US" link="#0563C1" style="word-wrap:break-word"><div class="WordSection1">';

function both(index: number, text: string, html: string): BenchMail {
  const part = (type: string, content: string) =>
    `--=_alt\r\nContent-Type: text/${type}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${encoded(content, 'quoted-printable')}\r\n`;
  const body = wrapped(text);
  const bytes = `${head(index)}Content-Type: multipart/alternative; boundary="=_alt"\r\n\r\n${part('plain', body)}${part('html', html)}--=_alt--\r\n`;
  return { bytes: Buffer.from(bytes), text: Buffer.byteLength(body) + Buffer.byteLength(html) };
}

function subject(index: number): string {
  return SUBJECTS[index % SUBJECTS.length] ?? '';
}

function head(index: number): string {
  const day = `Mon, 02 Mar 2026 09:${10 + (index % 50)}:00 +0000`;
  return [
    `Received: from mx2.clinic.example (192.0.2.12) by relay.clinic.example with ESMTPS id q${index}; ${day}`,
    `Received: from ward3.clinic.example (192.0.2.31) by mx2.clinic.example (Postfix) with ESMTPSA id p${index}; ${day}`,
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=clinic.example; s=mail; t=17724${index}; h=from:to:subject:date; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=dzdVyOfAKCdLXdJOc9G2q8LoXSlEniSbav+yuU4zGeeruD00lszZVoG4ZHRNiYzR`,
    `From: "${PEOPLE[index % PEOPLE.length] ?? ''}" <office@clinic.example>`,
    'To: "Office of a Partner" <office@partner.example>',
    `Subject: RE: ${subject(index)}`,
    `Thread-Topic: ${subject(index)}`,
    `Thread-Index: AQHaab${index}cdefghijklmnopqrstuv==`,
    `Date: ${day}`,
    `Message-ID: <inbox-${index}@clinic.example>`,
    `In-Reply-To: <before-${index}@partner.example>`,
    `References: <first-${index}@partner.example> <before-${index}@partner.example>`,
    'Accept-Language: en-US',
    'X-Mailer: Bench 1.0',
    'MIME-Version: 1.0',
    '',
  ].join('\r\n');
}
