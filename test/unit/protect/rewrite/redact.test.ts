import fc from 'fast-check';
import iconv from 'iconv-lite';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { LAB_RESULT } from '../../../support/submit.js';
import { mail } from '../../inspect/limits.js';
import { bytesOf, copyOf, inspect } from './copies.js';

const SSN = { redact: ['us-ssn'] };
const HEADER = 'From: ward3@clinic.example\nTo: roe@partner.example\nMIME-Version: 1.0\n';
const NUMBER = '536-90-4399';
const DIGITS = /5\D*3\D*6\D*9\D*0\D*4\D*3\D*9\D*9/;

const text = (body: string, type = 'text/plain; charset=utf-8') =>
  mail(`${HEADER}Subject: note\nContent-Type: ${type}\n\n${body}\n`);
const html = (body: string) => text(body, 'text/html; charset=utf-8');
const withFile = (name: string, type: string, content: Buffer) =>
  mail(
    `${HEADER}Subject: note\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSSN: ${NUMBER}\n` +
      `--b\nContent-Type: ${type}; name="${name}"\nContent-Disposition: attachment; filename="${name}"\n` +
      `Content-Transfer-Encoding: base64\n\n${content.toString('base64')}\n--b--\n`,
  );

describe('redacting', () => {
  it.each([
    ['mrn', 'MRN: 4821 3775', 'seen'],
    ['mrn', 'MRN 482 137 75', '2026 visit'],
    ['mrn', 'MRN: 4821\u00a03775', '12 April 2026'],
    ['mrn', 'MRN: 4821 – 3775', 'seen'],
    ['mrn', 'MRN: 48-21-37-75-01-02-03', 'seen'],
    ['health-plan-id', 'Member ID: WPX 4071 8822', 'at 14:30'],
    ['health-plan-id', 'Policy no. 4471-2291 08', 'since 2019'],
  ])('masks %s wholly in %j', async (detector, number, behind) => {
    const read = await simpleParser(await bytesOf(text(`On ${number}, ${behind}`), { redact: [detector] }));
    expect(read.text).toMatch(new RegExp(`\\[redacted\\], ${behind}\\s*$`));
    expect(read.text?.replace(behind, '')).not.toMatch(/\d/);
  });

  it.each([
    ['plain text', text(`Her SSN: ${NUMBER}.`), 'Her SSN: [redacted].'],
    ['a number spread out', text('SSN 5 3 6 - 9 0 - 4 3 9 9 ok'), 'SSN [redacted] ok'],
    ['other digits and dashes', text('SSN ５３６‐９０‐４３９９ ok'), 'SSN [redacted] ok'],
    ['characters that are not drawn', text('SSN 536\u200b-90-\u00ad4399 ok'), 'SSN [redacted] ok'],
    [
      'a reply in flowed text',
      text('> SSN 536-90-4399 \n> and more', 'text/plain; format=flowed'),
      'and more',
    ],
    [
      'a number that is drawn backwards',
      text('before\nSSN \u202e9934-09-635\u202c ok\nafter'),
      'before\n[redacted]\nafter',
    ],
    [
      'words for its digits',
      text('SSN is five three six, nine zero, four three nine nine ok'),
      'SSN is [redacted] ok',
    ],
    [
      'words between its groups',
      text('SSN first three numbers are 536, then the middle two are 90, and the last four are 4399 ok'),
      'SSN first three numbers are [redacted] ok',
    ],
    ['braille', text('SSN ⠼⠑⠉⠋⠤⠼⠊⠚⠤⠼⠙⠉⠊⠊ ok'), 'SSN [redacted] ok'],
    ['a table of values', text('name,ssn\nRoe,536904399\n', 'text/csv'), 'name,ssn\nRoe,[redacted]'],
  ])('masks it in %s', async (_, message, shown) => {
    const bytes = await bytesOf(message, SSN);
    const read = await simpleParser(bytes);
    const content = `${read.text ?? ''}${read.attachments.map((one) => one.content.toString()).join()}`;
    expect(content.replaceAll('\r\n', '\n')).toContain(shown);
    expect(content.normalize('NFKC')).not.toMatch(DIGITS);
    expect(inspect(bytes).findings.filter((one) => one.detector === 'us-ssn')).toEqual([]);
  });

  it.each([
    [
      'across inline tags',
      `<p>SSN: 536-<b>90</b>-<i>4399</i> end</p>`,
      '<p>SSN: [redacted]<b></b><i></i> end</p>',
    ],
    ['in entities', '<p>SSN: 536&#45;90-43&#x39;9 end</p>', '<p>SSN: [redacted] end</p>'],
    ['in an attribute', `<img alt="SSN ${NUMBER}"><p>x</p>`, '<img alt="[redacted]"><p>x</p>'],
    ['in a comment', `<p>x</p><!-- SSN ${NUMBER} -->`, '<p>x</p><!-- -->'],
    ['in a link', `<a href="mailto:x@y.example?body=SSN%20${NUMBER}">k</a>`, '<a href="#redacted">k</a>'],
    [
      'in a table below its header',
      '<table><tr><th>SSN</th></tr><tr><td>536904399</td></tr></table>',
      '<table><tr><th>SSN</th></tr><tr><td>[redacted]</td></tr></table>',
    ],
    ['hidden', `<p style="display:none">SSN ${NUMBER}</p>`, '<p style="display:none">SSN [redacted]</p>'],
  ])('masks it in HTML %s', async (_, source, expected) => {
    const bytes = await bytesOf(html(source), SSN);
    expect((await simpleParser(bytes)).html).toContain(expected);
  });

  it.each([
    ['of today, with which many a message ID begins', '2026-11-23', 'Mon, 23 Nov 2026 23:20:30 -0500', true],
    ['of another day', '2026-10-02', 'Mon, 23 Nov 2026 10:20:30 +0000', false],
    ['where Date tells none', '2026-11-23', 'Sat, 13 Sep 275760 00:00:00 GMT', false],
  ])('masks a day of care %s', async (_, day, date, isMade) => {
    const id = `<${day.replaceAll('-', '')}102030.GA1@clinic.example>`;
    const message = mail(
      `${HEADER}Date: ${date}\nMessage-ID: ${id}\nSubject: note\n\nPatient Jane Roe, date of service: ${day}\n`,
    );
    const made = await copyOf(message, { redact: ['service-date'] });
    expect(made.ok).toBe(isMade);
    if (made.ok) expect(made.bytes?.toString()).toContain('date of service: [redacted]');
  });

  it('masks a day in whatever form it stands elsewhere, but not where programs tell when it was sent', async () => {
    const message = (field: string) =>
      mail(
        `${HEADER}Date: Mon, 23 Nov 2026 10:20:30 +0000\n${field}\nSubject: Roe 19500304\n\n` +
          'Patient Jane Roe, DOB: 03/04/1950, date of service: 11/23/2026.\nFile of 4.3.1950, opened on March 4, 1950 and Nov 23, 2026\n',
      );
    const demand = { redact: ['date-of-birth', 'service-date'] };
    const bytes = await bytesOf(message('X-Arrival: 23 Nov 2026 10:20:30.0000 (UTC)'), demand);
    expect(bytes.toString()).toContain('Subject: Roe [redacted]');
    expect(bytes.toString()).toContain('File of [redacted], opened on [redacted] and [redacted]');
    const made = await copyOf(message('X-File: 4 Mar 1950'), demand);
    expect(made).toMatchObject({ ok: false, reason: expect.stringMatching(/written otherwise/) });
  });

  it('masks it in the Subject, in a text and its HTML alternative, and leaves everything else as it came', async () => {
    const message = mail(
      `${HEADER}X-Odd:   kept \nSubject: =?iso-8859-1?Q?Gr=FC=DFe,_SSN_${NUMBER}?=\nDKIM-Signature: v=1; bh=abc=; b=def=\n` +
        'Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\n' +
        `Content-Transfer-Encoding: quoted-printable\n\nGr=FC=DFe, SSN ${NUMBER}\n--b\nContent-Type: text/html\n\n<p>SSN ${NUMBER}\n--b--\n`,
    );
    const bytes = await bytesOf(message, SSN);
    const read = await simpleParser(bytes);
    expect(read.subject).toBe('Grüße, SSN [redacted]');
    expect(read.text).toBe('Grüße, SSN [redacted]');
    expect(read.html).toContain('<p>SSN [redacted]');
    expect(bytes.toString('latin1')).toContain('X-Odd:   kept \r\n');
    expect(bytes.toString('latin1')).toContain('charset=iso-8859-1');
    // Whoever has the hash of the original could find out by trying what was redacted.
    expect(bytes.toString('latin1')).not.toContain('DKIM-Signature');
  });

  const two = (first: string, second: string, subject = 'note') =>
    mail(
      `${HEADER}Subject: ${subject}\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n${first}\n` +
        `--b\nContent-Type: ${second}\n--b--\n`,
    );
  const CALENDAR = 'text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:';

  it.each([
    ['mrn', 'MRN: 48213', 're 48213', 'Patient MRN: 48213 has diabetes.', 'text/csv\n\nid,due\n48213,yes\n'],
    ['mrn', 'a page', 'note', 'Patient MRN: 48213 has diabetes.', 'text/html\n\n<p id="48213">Bed 48213'],
    [
      'person-name',
      'a name in other letters',
      'jane roe',
      'Patient Jane Roe has diabetes.',
      'text/plain\n\njane roe and JANE ROE and\njane\nroe; ask Xyzzyx',
    ],
  ])('masks a %s also where nothing says what it is: %s', async (detector, _, subject, first, second) => {
    const bytes = await bytesOf(two(first, second, subject), { redact: [detector] });
    expect(bytes.toString()).not.toMatch(/48213|jane|roe\b(?!@)/i);
    expect(bytes.toString()).toContain('[redacted]');
  });

  it.each([
    ['mrn', 'Patient MRN: 48213 has diabetes.', `${CALENDAR}48213 due\nEND:VEVENT\nEND:VCALENDAR`],
    ['person-name', 'Patient Jane Roe has diabetes.', `${CALENDAR}jane roe due\nEND:VEVENT\nEND:VCALENDAR`],
    ['mrn', 'Patient MRN: 48213 has diabetes.', 'application/json\n\n{"bed": 48213}'],
    ['mrn', 'Patient MRN: 48213 has diabetes.', 'text/html\n\n<p>x</p class="48213">'],
    ['person-name', 'Patient Jane Roe has diabetes.', 'application/octet-stream; name=jane_roe.bin\n\nx'],
  ])(
    'holds a %s that stands where it cannot be masked, and nothing says what it is',
    async (detector, ...parts) => {
      const made = await copyOf(two(...parts), { redact: [detector] });
      expect(made).toMatchObject({ ok: false, reason: expect.stringMatching(/written otherwise/) });
    },
  );

  it.each([
    ['mrn', '<p>Patient MRN: 4821<span style="display:none"> x </span>377 has diabetes'],
    ['mrn', '<style>.a::before{content:"77"}</style><p>Patient MRN: <i class="a">4821</i> has diabetes'],
    ['person-name', '<p>Patient Jane<span style="display:none">.</span> Xyzzyrova has diabetes'],
    ['person-name', '<p>Patient Ja<span style="font-size:0">;</span>ne Quillfeather has diabetes'],
  ])('holds a %s of which a mask would leave the end: %s', async (detector, source) => {
    const made = await copyOf(html(source), { redact: [detector] });
    expect(made).toMatchObject({ ok: false, reason: expect.stringMatching(/written otherwise/) });
  });

  it('holds what is surer to be patient data once it was masked', async () => {
    const links = Array.from({ length: 40 }, (_, n) => `https://shop.example/catalogue/${n}/season\n`).join(
      '',
    );
    const message = text(`Her SSN: ${NUMBER}.\n${links}The talk on diabetes is on Monday.`);
    expect(inspect(message).classifications).toContainEqual(
      expect.objectContaining({ classification: 'phi', confidence: 'low' }),
    );
    expect(await copyOf(message, { redact: ['url'] })).toEqual({
      ok: false,
      reason: 'rewriting makes it what was not decided on (phi, medium)',
    });
    expect(await copyOf(message, { redact: ['url', 'us-ssn'] })).toMatchObject({ ok: true });
  });

  it('leaves words alone that are those of a value by chance', async () => {
    const message = two(
      'Patient Rose Hope, MRN: 48213, seen 7 March 2026 for diabetes.',
      'text/plain\n\nrose and hope, 148213, 48213a, 4821-3, 2026',
    );
    const bytes = await bytesOf(message, { redact: ['mrn', 'person-name', 'service-date'] });
    expect(bytes.toString()).toContain('rose and hope, 148213, 48213a, 4821-3, 2026');
  });

  it('lets what holds nothing to be redacted leave as it came, whatever it is', async () => {
    for (const message of [
      text('nothing'),
      withFile('x.bin', 'application/octet-stream', Buffer.from([0, 1, 2])),
    ]) {
      await expect(copyOf(message, { redact: ['payment-card'] })).resolves.toEqual({
        ok: true,
        rewritten: { copy: 'original', places: 0 },
      });
    }
  });

  it('masks it in Thread-Topic, in which Outlook repeats the Subject', async () => {
    const message = mail(`${HEADER}Subject: AW: SSN ${NUMBER}\nThread-Topic: SSN\n ${NUMBER}\n\nx\n`);
    const { headers } = await simpleParser(await bytesOf(message, SSN));
    expect([headers.get('subject'), headers.get('thread-topic')]).toEqual([
      'AW: SSN [redacted]',
      'SSN [redacted]',
    ]);
  });

  it('masks nothing of what makes mail phi without a finding: that is for other rules to protect', async () => {
    const message = text(
      'Wrenlith van der Quorrowby tested positive for chlamydia; a partner has to be told.',
    );
    expect(inspect(message).classifications.map((one) => one.classification)).toContain('phi');
    await expect(copyOf(message, { redact: ['person-name', 'mrn'] })).resolves.toEqual({
      ok: true,
      rewritten: { copy: 'original', places: 0 },
    });
  });

  const PGP =
    '-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nSSN: 536-90-4399\n-----BEGIN PGP SIGNATURE-----\n\nwsBz\n-----END PGP SIGNATURE-----';
  it.each([
    [
      'another header field',
      mail(`${HEADER}Subject: x\nX-Note: SSN ${NUMBER}\n\nx\n`),
      /us-ssn cannot be redacted in every place \(header \(other\)\)/,
    ],
    [
      'a file name',
      withFile(`SSN ${NUMBER}.bin`, 'application/octet-stream', Buffer.from([0, 1])),
      /cannot be redacted in every place \(.*part 2/,
    ],
    [
      'a kind of text that a mask could break',
      text(`{"ssn": "${NUMBER}"}`, 'application/json'),
      /cannot be redacted in every place/,
    ],
    [
      'digits of a value in an address of a page',
      html(`SSN ${NUMBER} <a href="http://x.example/n536904399x">x</a>`),
      /written otherwise/,
    ],
    [
      'digits of a value in a message ID',
      mail(`${HEADER}Message-ID: <536904399.7@clinic.example>\n\nSSN ${NUMBER}\n`),
      /written otherwise/,
    ],
    [
      'digits of a value in the ID of another message',
      mail(`${HEADER}References: <1@clinic.example>\n <536904399@clinic.example>\n\nSSN ${NUMBER}\n`),
      /written otherwise/,
    ],
    [
      'digits of a value in the ID of a part',
      mail(
        `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSSN ${NUMBER}\n` +
          `--b\nContent-Type: image/gif\nContent-ID: <p536904399@clinic.example>\n\nGIF89a\n--b--\n`,
      ),
      /written otherwise/,
    ],
    [
      'digits of a value in a boundary',
      mail(
        `${HEADER}Content-Type: multipart/mixed; boundary="b536904399"\n\n--b536904399\n\nSSN ${NUMBER}\n--b536904399--\n`,
      ),
      /written otherwise/,
    ],
    ['what is signed', text(PGP), /signed/],
    [
      'an ambiguous message',
      mail(`${HEADER}Content-Type: text/plain\nContent-Type: text/html\n\nSSN ${NUMBER}\n`),
      /two readers/,
    ],
    [
      'encoded text within text',
      text(`see\n\n${Buffer.from(`${LAB_RESULT} SSN: ${NUMBER}`).toString('base64')}\n`),
      /cannot be redacted/,
    ],
  ])('holds it where it is in %s', async (_, message, reason) => {
    const made = await copyOf(message, SSN);
    expect(made).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
    expect(JSON.stringify(made)).not.toMatch(DIGITS);
  });

  it('gives the same bytes each time', async () => {
    const message = text(`Grüße SSN: ${NUMBER}`);
    expect(await bytesOf(message, SSN)).toEqual(await bytesOf(message, SSN));
  });

  it('leaves nothing of what it masks, in whatever it stands', async () => {
    const spelling = fc.constantFrom(
      NUMBER,
      '536 90 4399',
      '5 3 6 - 9 0 - 4 3 9 9',
      '536–90–4399',
      '５３６-９０-４３９９',
    );
    const filler = fc.string({
      unit: fc.constantFrom('a', 'ü', ' ', '.', '\r\n', '=', '<', '&', '€', '-', '7'),
      maxLength: 60,
    });
    const body = fc.array(fc.tuple(filler, spelling), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        body,
        fc.constantFrom('utf-8', 'iso-8859-15', 'windows-1252', 'utf-16le'),
        fc.constantFrom('base64', 'quoted-printable', '8bit'),
        fc.boolean(),
        async (pieces, charset, encoding, isHtml) => {
          const plain = pieces.map(([before, number]) => `${before} SSN: ${number} `).join('\r\n');
          const source = isHtml ? `<p>${plain.replace(/[<&]/g, ' ')}</p>` : plain;
          const bytes = iconv.encode(source, charset);
          fc.pre(iconv.decode(bytes, charset) === source);
          const written =
            encoding === 'base64'
              ? Buffer.from(bytes.toString('base64').replace(/.{76}/g, '$&\r\n'), 'latin1')
              : encoding === '8bit' && charset !== 'utf-16le'
                ? bytes
                : Buffer.from(
                    [...bytes]
                      .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
                      .join('')
                      .replace(/.{72}/g, '$&=\r\n'),
                    'latin1',
                  );
          const used = encoding === '8bit' && charset === 'utf-16le' ? 'quoted-printable' : encoding;
          const message = Buffer.concat([
            mail(
              `${HEADER}Subject: x\nContent-Type: text/${isHtml ? 'html' : 'plain'}; charset=${charset}\nContent-Transfer-Encoding: ${used}\n\n`,
            ),
            written,
            Buffer.from('\r\n'),
          ]);
          const made = await copyOf(message, SSN);
          if (!made.ok) throw new Error(made.reason);
          const copy = Buffer.from(made.bytes ?? message);
          expect(inspect(copy).findings.filter((one) => one.detector === 'us-ssn')).toEqual([]);
          expect(inspect(copy).ambiguities.filter((one) => one.material)).toEqual([]);
          const read = await simpleParser(copy);
          expect(read.text ?? '').toContain('[redacted]');
        },
      ),
      { numRuns: 100 },
    );
  });
});
