import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../../src/inspect/structure.js';
import { buildPayload } from '../../../../src/protect/payload/build-payload.js';
import { SealFailed } from '../../../../src/protect/seal-failed.js';
import { collect, lines, mail, original, split, valuesOf } from './messages.js';

const LIMITS = { deadline: 60_000, max_depth: 20, max_parts: 1000, max_part_text: 20 * 1024 * 1024 };
const ADDRESSED = `From: Ana <a@clinic.example>
To: Bo <b@partner.example>,
 Cy <c@partner.example>
Cc: d@other.example
`;

const OUTSIDE = ['From: a@clinic.example', 'To: b@partner.example, c@partner.example', 'Cc: d@other.example'];

/** What a field becomes: outside, and whether it travels inside. */
const FIELDS: readonly (readonly [string, string | undefined, boolean])[] = [
  ['Subject: MRN 0012345', 'Subject: [...]', true],
  ['Reply-To: a@clinic.example', 'Reply-To: a@clinic.example', true],
  ['Sender: s@clinic.example', 'Sender: s@clinic.example', true],
  ['Auto-Submitted: auto-generated', 'Auto-Submitted: auto-generated', true],
  ['Precedence: bulk', 'Precedence: bulk', true],
  ['X-Priority: 1 (Highest)', 'X-Priority: 1 (Highest)', true],
  ['Importance: high', 'Importance: high', true],
  ['Importance: MRN 0012345', undefined, true],
  ['List-Id: MRN 0012345 <ward.clinic.example>', undefined, true],
  ['List-Unsubscribe: <mailto:mrn0012345@clinic.example>', undefined, true],
  ['Reply-To: MRN 0012345 <a@clinic.example>', 'Reply-To: a@clinic.example', true],
  ['Reply-To: "MRN, <x@y.example>" <a@clinic.example> (MRN)', 'Reply-To: a@clinic.example', true],
  ['Reply-To: MRN 0012345: a@clinic.example (b@x.example);', 'Reply-To: a@clinic.example', true],
  ['Reply-To: "mrn 0012345"@clinic.example', undefined, true],
  ['Return-Receipt-To: MRN 0012345', undefined, true],
  ['Return-Receipt-To: MRN <a@clinic.example>', 'Return-Receipt-To: a@clinic.example', true],
  ['List-Subject: MRN 0012345', undefined, true],
  ['Disposition-Notification-To: a@clinic.example', 'Disposition-Notification-To: a@clinic.example', true],
  ['Thread-Topic: MRN 0012345', undefined, true],
  ['Thread-Index: AdXyz==', undefined, true],
  ['X-Original-Subject: MRN 0012345', undefined, true],
  ['Keywords: MRN 0012345', undefined, true],
  ['Comments: MRN 0012345', undefined, true],
  ['X-Mailer: Made Up 1.0', undefined, true],
  ['X-Sallyport-Require: sealed', undefined, true],
  ['Content-Description: MRN 0012345', undefined, true],
  ['Content-Disposition: inline; filename="MRN 0012345.txt"', undefined, true],
  [
    'Received: from [192.0.2.1] by clinic.example id 1; Sat, 20 Feb 2021 10:09:02 -0500',
    'Received: by clinic.example; Sat, 20 Feb 2021 10:09:02 -0500',
    false,
  ],
  [
    'Received: from mrn-0012345 (MRN 0012345) by a.example for <hidden@partner.example>; MRN 0012345',
    'Received: by a.example',
    false,
  ],
  ['Received: MRN 0012345', 'Received: by a server', false],
  ['DKIM-Signature: v=1; d=clinic.example', undefined, false],
  ['ARC-Seal: i=1', undefined, false],
  ['ARC-Message-Signature: i=1', undefined, false],
  ['Authentication-Results: clinic.example; spf=pass', undefined, false],
  ['Return-Path: <a@clinic.example>', undefined, false],
  ['Bcc: hidden@partner.example', undefined, false],
  ['bCC: hidden@partner.example', undefined, false],
  ['Resent-Bcc: hidden@partner.example', undefined, false],
  ['Delivered-To: hidden@partner.example', undefined, false],
  ['HP-Outer: Subject: forged', undefined, false],
  ['MIME-Version: 1.0', undefined, false],
  ['In-Reply-To: <1@clinic.example>', 'same', true],
  ['In-Reply-To: your note on MRN 0012345 <1@clinic.example>', 'In-Reply-To: <1@clinic.example>', true],
  ['References: <1@a.example> <2@a.example>', 'same', true],
  ['References: MRN 0012345', undefined, true],
  ['Message-ID: <1@clinic.example>', 'same', true],
  ['Date: Sat, 20 Feb 2021 10:09:02 -0500 (EST)', 'same', true],
  ['Date: Sat, 20 Feb 2021 10:09:02 -0500 (MRN 0012345)', 'Date: Sat, 20 Feb 2021 10:09:02 -0500', true],
  ['Date: the day of MRN 0012345', undefined, true],
];

describe('each field', () => {
  it.each(FIELDS)('%s', async (field, outside, inside) => {
    const { outer, inner, entity } = await split(`${ADDRESSED}${field}\n\nbody\n`);
    const name = field.slice(0, field.indexOf(':')).toLowerCase();
    const expected = outside === 'same' ? field : outside;
    const addresses = ['from', 'to', 'cc'];
    expect(lines(outer.filter((one) => !addresses.includes(one.name)))).toEqual(
      expected === undefined ? [] : [expected],
    );
    const kept = name === 'hp-outer' ? [] : lines(inner.filter((one) => one.name === name));
    expect(kept).toEqual(inside ? [field] : []);
    // What stands outside is recorded inside, but for trace fields.
    const recorded = valuesOf(inner, 'hp-outer').filter((value) => !/^(?:From|To|Cc):/.test(value));
    expect(recorded).toEqual(expected === undefined || !inside ? [] : [expected]);
    expect(entity.toString('latin1')).not.toContain('hidden@partner.example');
    expect(entity.toString('latin1')).not.toContain('forged');
  });

  it('of addresses the names stay inside', async () => {
    const { outer, inner } = await split(`${ADDRESSED}\nbody\n`);
    expect(outer.map((field) => field.raw.replace(/\r\n /g, ' ').trim())).toEqual(OUTSIDE);
    for (const name of ['from', 'to', 'cc']) expect(valuesOf(inner, name)).toHaveLength(1);
  });

  it('other IDs stand outside where the message’s own tell something', async () => {
    const header =
      'Message-ID: <mrn-0012345@a.example>\nIn-Reply-To: <1@a.example>\nReferences: <1@a.example>\n';
    const { outer, inner } = await split(`${header}\nbody\n`, { messageId: '<other@relay.example>' });
    expect(lines(outer)).toEqual(['Message-ID: <other@relay.example>']);
    expect(valuesOf(inner, 'message-id')).toEqual(['<mrn-0012345@a.example>']);
    expect(valuesOf(inner, 'in-reply-to')).toEqual(['<1@a.example>']);
  });
});

describe('the entity', () => {
  it.each([
    ['no Content-Type', '', 'text/plain; charset=us-ascii; hp="cipher"'],
    ['a plain one', 'Content-Type: text/html\n', 'text/html; hp="cipher"'],
    [
      'a folded one',
      'Content-Type: multipart/mixed;\n\tboundary="a;b"\n',
      'multipart/mixed; hp="cipher"; boundary="a;b"',
    ],
    [
      'a comment',
      'Content-Type: text/plain (a; b); charset=utf-8\n',
      'text/plain (a; b); hp="cipher"; charset=utf-8',
    ],
    [
      'a forged parameter',
      'Content-Type: text/plain; hp=clear; HP="clear"; charset=utf-8\n',
      'text/plain; hp="cipher"; charset=utf-8',
    ],
    ['a forged display', 'Content-Type: text/plain; hp-legacy-display=1\n', 'text/plain; hp="cipher"'],
    [
      'a trailing semicolon',
      'Content-Type: text/plain; charset=utf-8;\n',
      'text/plain; hp="cipher"; charset=utf-8',
    ],
    [
      'an open quotation',
      'Content-Type: text/plain; charset="utf-8\n',
      'text/plain; hp="cipher"; charset="utf-8',
    ],
    ['no media type', 'Content-Type: text\n', 'text'],
  ])('%s', async (_name, field, expected) => {
    const { inner } = await split(`${ADDRESSED}MIME-Version: 1.0\n${field}\nbody\n`);
    const value = valuesOf(inner, 'content-type');
    expect(
      value.map((one) =>
        one.replace(/\s+/g, ' ').replace('hp="cipher"; charset=us-ascii', 'charset=us-ascii; hp="cipher"'),
      ),
    ).toEqual([expected]);
  });

  it('keeps the transfer encoding, the file name and the order of the fields', async () => {
    const { inner } = await split(
      `X-A: 1\n${ADDRESSED}X-B: 2\nX-A: 3\nContent-Transfer-Encoding: base64\nContent-ID: <x@y.example>\n\nYQ==\n`,
    );
    expect(lines(inner).filter((line) => /^X-|^Content-(?:T.*Enc|ID)/.test(line))).toEqual([
      'X-A: 1',
      'X-B: 2',
      'X-A: 3',
      'Content-Transfer-Encoding: base64',
      'Content-ID: <x@y.example>',
    ]);
  });
});

describe('odd headers', () => {
  it('a message that is all header', async () => {
    for (const text of ['Subject: x', 'Subject: x\n', 'Subject: x\n\n']) {
      const { outer, inner, body } = await split(text);
      expect(lines(outer)).toEqual(['Subject: [...]']);
      expect(valuesOf(inner, 'subject')).toEqual(['x']);
      expect(body).toBe('');
    }
  });

  it('no header, and nothing at all', async () => {
    expect((await split('\nbody\n')).body).toBe('body\r\n');
    const nothing = await split('');
    expect(lines(nothing.inner)).toEqual(['Content-Type: text/plain; hp="cipher"; charset=us-ascii']);
    expect(nothing.size).toBe(nothing.entity.length);
  });

  it('lines that are no fields are kept as the values of fields', async () => {
    const { inner, outer, body } = await split(
      ' leading\nFrom a@clinic.example Sat Feb 20 10:09:02 2021\nno colon\n and more\nX-A: 1\n   \n 2\nContent Type: text/html\nSubject: x\n\nbody\n',
    );
    expect(valuesOf(inner, 'x-malformed-header')).toEqual([
      'leading',
      'From a@clinic.example Sat Feb 20 10:09:02 2021',
      'no colon and more',
      'Content Type: text/html',
    ]);
    expect(valuesOf(inner, 'x-a')).toEqual(['1 2']);
    expect(lines(outer)).toEqual(['Subject: [...]']);
    expect(body).toBe('body\r\n');
  });

  it('line ends of other systems inject nothing', async () => {
    const bytes = Buffer.from(
      'Subject: x\rBcc: hidden@partner.example\r\nX-A: a\0b\nTo: b@partner.example\r\n\r\nbody',
      'latin1',
    );
    const { outer, inner, body } = await split(bytes);
    expect(lines(outer)).toEqual(['Subject: [...]', 'To: b@partner.example']);
    expect(valuesOf(inner, 'subject')).toEqual(['x Bcc: hidden@partner.example']);
    expect(valuesOf(inner, 'x-a')).toEqual(['a b']);
    expect(body).toBe('body');
  });

  it('blanks before the colon hide no field', async () => {
    const { outer, entity } = await split('Subject : secret\nBcc : hidden@partner.example\n\nbody\n');
    expect(lines(outer)).toEqual(['Subject: [...]']);
    expect(entity.toString()).not.toContain('hidden@');
  });

  it('two Subjects become one outside and stay two inside', async () => {
    const { outer, inner } = await split('Subject: one\nSubject: two\n\nbody\n');
    expect(lines(outer)).toEqual(['Subject: [...]']);
    expect(valuesOf(inner, 'subject')).toEqual(['one', 'two']);
  });

  it('octets above 127 stay as they are', async () => {
    const { outer, inner } = await split('From: Zoë <zoë@clinic.example>\nSubject: Müller\n\nbody\n');
    expect(Buffer.from(outer[0]?.raw ?? '', 'latin1').toString('utf8')).toBe('From: zoë@clinic.example\r\n');
    expect(Buffer.from(valuesOf(inner, 'subject')[0] ?? '', 'latin1').toString('utf8')).toBe('Müller');
  });

  it('long lines get no longer', async () => {
    const to = `References: <${'b'.repeat(900)}@${'p'.repeat(60)}.example>`;
    const { inner, outer, entity } = await split(`${to}\n\nbody\n`);
    expect(lines(outer)).toEqual([to]);
    expect(valuesOf(inner, 'hp-outer')).toEqual([to]);
    const longest = Math.max(
      ...entity
        .toString()
        .split('\r\n')
        .map((line) => line.length),
    );
    expect(longest).toBe(to.length);
  });

  it('a header without end is refused', async () => {
    const bytes = Buffer.from(`X-A: ${'a'.repeat(70)}\r\n`.repeat(20_000), 'latin1');
    const options = { subject: '[...]', legacyDisplay: false };
    await expect(buildPayload(original(bytes), options)).rejects.toThrow(SealFailed);
  });
});

describe('signed by the sender', () => {
  const signed = `Content-Type: multipart/signed; micalg=sha-256; protocol="application/pgp-signature"; boundary=s

--s
Content-Type: text/plain

text \t
--s
Content-Type: application/pgp-signature

-----BEGIN PGP SIGNATURE-----
-----END PGP SIGNATURE-----
--s--
`;
  const opaque = Buffer.from('308006092a864886f70d010702a0800000', 'hex').toString('base64');
  it.each([
    ['multipart/signed', signed],
    ['opaque, declared', 'Content-Type: application/pkcs7-mime; smime-type="signed-data"\n\nMIAG\n'],
    [
      'opaque, by its bytes',
      `Content-Type: application/x-pkcs7-mime\nContent-Transfer-Encoding: base64\n\n${opaque}\n`,
    ],
    ['inline', '\n-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n'],
  ])('%s: nothing below the header changes, whatever is asked', async (_name, entity) => {
    const message = `${ADDRESSED}Subject: secret\n${entity}`;
    const { alreadySigned, body, inner } = await split(message, { legacyDisplay: true });
    expect(alreadySigned).toBe(true);
    expect(body).toBe(mail(message.slice(message.indexOf('\n\n') + 2)).toString());
    expect(valuesOf(inner, 'subject')).toEqual(['secret']);
    expect(valuesOf(inner, 'content-type')[0] ?? '').toContain('hp="cipher"');
  });

  it.each([
    ['text', 'Content-Type: text/plain\n\nMIAG\n'],
    ['encrypted only', 'Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nMIAG\n'],
  ])('%s is not', async (_name, entity) => {
    expect((await split(`${ADDRESSED}${entity}`)).alreadySigned).toBe(false);
  });
});

describe('streams', () => {
  it('passes a large body through, the same each time, and says its size before', async () => {
    const body = Buffer.alloc(5 * 1024 * 1024, 'attachment\r\n');
    const message = Buffer.concat([mail(`${ADDRESSED}Subject: x\n\n`), body]);
    for (const piece of [64 * 1024, 1_000_003]) {
      const payload = await buildPayload(original(message, piece), {
        subject: '[...]',
        legacyDisplay: false,
      });
      const first = await collect(payload.open());
      expect(first.length).toBe(payload.size);
      expect((await collect(payload.open())).equals(first)).toBe(true);
      expect(first.subarray(-body.length).equals(body)).toBe(true);
    }
  });

  it('does not read the whole message to split it', async () => {
    let given = 0;
    async function* open(): AsyncGenerator<Uint8Array> {
      yield mail('Subject: x\n\n');
      for (; given < 500; given++) yield Buffer.alloc(64 * 1024);
    }
    await buildPayload({ open, size: 12 + 2 + 500 * 64 * 1024 }, { subject: '[...]', legacyDisplay: true });
    expect(given).toBeLessThan(40);
  });

  it('fails where the stored message has another length than it says', async () => {
    const bytes = mail('Subject: x\n\nbody\n');
    for (const size of [bytes.length - 1, bytes.length + 1]) {
      const payload = await buildPayload(
        { ...original(bytes), size },
        { subject: '[...]', legacyDisplay: false },
      );
      await expect(collect(payload.open())).rejects.toThrow(SealFailed);
    }
  });
});

describe('whatever the header', () => {
  const ALLOWED = new Set(
    FIELDS.flatMap(([field, outside]) =>
      outside === undefined ? [] : [field.slice(0, field.indexOf(':')).toLowerCase()],
    ),
  );
  const GONE = new Set([
    ...FIELDS.flatMap(([field, , inside]) =>
      inside ? [] : [field.slice(0, field.indexOf(':')).toLowerCase()],
    ),
  ]);
  const name = fc.oneof(
    fc.constantFrom(...FIELDS.map(([field]) => field.slice(0, field.indexOf(':')))),
    fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,15}$/),
  );
  const word = fc.oneof(
    fc.stringMatching(/^[!-~]{1,12}$/),
    fc.constantFrom('<1@a.example>', 'high', 'Müller', '=?utf-8?Q?x?=', 'text/plain', ';', '"', '('),
  );
  const field = fc.tuple(name, fc.array(word, { maxLength: 4 }), fc.constantFrom(' ', '\r\n ', '\r\n\t'));

  it('nothing leaks, nothing is lost, the body stays as it was', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(field, { maxLength: 12 }),
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 500 }),
        fc.boolean(),
        async (fields, body, piece, separated) => {
          const header = fields.map(([one, words, fold]) => `${one}: ${words.join(fold)}\r\n`).join('');
          const message = Buffer.concat([
            Buffer.from(header, 'utf8'),
            Buffer.from(separated || body.length > 0 ? '\r\n' : ''),
            body,
          ]);
          const { outer, inner, entity, size } = await split(message, {}, piece);
          expect(size).toBe(entity.length);
          expect(entity.subarray(entity.length - body.length).equals(Buffer.from(body))).toBe(true);
          const written = fields.map(([one]) => one.toLowerCase());
          for (const one of outer) {
            expect(ALLOWED.has(one.name), one.name).toBe(true);
            expect(written).toContain(one.name);
            if (one.name === 'subject') expect(one.raw).toBe('Subject: [...]\r\n');
          }
          // Every field that is somebody's, as often as it was written, and no other but what says how it is protected.
          const expected = written.filter((one) => !GONE.has(one));
          if (!written.includes('content-type')) expected.push('content-type');
          const got = inner.map((one) => one.name).filter((one) => one !== 'hp-outer');
          expect(got.toSorted()).toEqual(expected.toSorted());
          expect(valuesOf(inner, 'hp-outer').length).toBe(
            outer.filter((one) => one.name !== 'received').length,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('other readers and our own see the message that was written', async () => {
    const text = fc.string({
      unit: fc.constantFrom('a', 'Z', '7', ' ', 'ü', '€', '<', ':', '"'),
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(text, text, fc.boolean(), async (subject, content, multi) => {
        const encoded = `=?utf-8?B?${Buffer.from(`s${subject}s`).toString('base64')}?=`;
        const leaf = `Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${Buffer.from(content).toString('base64')}\n`;
        const entity = multi ? `Content-Type: multipart/mixed; boundary=b\n\n--b\n${leaf}\n--b--\n` : leaf;
        const { entity: payload } = await split(
          `${ADDRESSED}Subject: ${encoded}\nMIME-Version: 1.0\n${entity}`,
        );
        const theirs = await simpleParser(payload);
        expect(theirs.subject).toBe(`s${subject}s`);
        expect([theirs.to].flat().map((one) => one?.text)).toEqual([
          '"Bo" <b@partner.example>, "Cy" <c@partner.example>',
        ]);
        expect(theirs.text).toBe(content);
        const ours = readMessage(payload, LIMITS);
        expect(ours.subject).toBe(`s${subject}s`);
        expect(ours.parts.map((part) => part.mediaType)).toContain('text/plain');
      }),
      { numRuns: 60 },
    );
  });
});
