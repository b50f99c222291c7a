import { simpleParser } from 'mailparser';
import { describe, expect, it } from 'vitest';
import { bounceAll, bounceChange, rejectDecided } from '../../../src/deliver/bounce.js';
import { type DsnReport, dsn } from '../../../src/deliver/dsn.js';
import { holdDecided } from '../../../src/deliver/hold.js';
import { ownMail } from '../../../src/deliver/own-mail.js';
import type { StoredMessage, StoredRecipient } from '../../../src/model/message.js';
import { systemDecision } from '../../../src/model/system-decision.js';
import type { NewMessage } from '../../../src/store/ports.js';
import { createMemoryStore } from '../../support/memory-store.js';
import { CANARY, CONTENT, loadedConfig, START, tableResolver } from './harness.js';

const loaded = loadedConfig({ port: 25, resolver: tableResolver({}) });
const { bodies } = createMemoryStore();
const bytes = Buffer.from(CONTENT);

const message: StoredMessage = {
  id: '1mgatewayid',
  origin: 'submitted',
  receivedAt: START,
  identity: 'clinic',
  sender: 'ward3@clinic.example',
  headerMessageId: '<m1@clinic.example>',
  smtpUtf8: false,
  eightBitMime: false,
  dsn: { envid: 'ENV+2B1' },
  listener: 'submission',
  clientAddress: '127.0.0.1',
  state: 'decided',
  inspectAttempts: 1,
  subjectShowable: false,
  body: { wrappedKey: new Uint8Array(), size: bytes.length, content: { kind: 'inline', bytes } },
};
const recipient: StoredRecipient = {
  messageId: message.id,
  index: 0,
  address: 'a@peer.test',
  domain: 'peer.test',
  orcpt: 'rfc822;old+2Ba@peer.test',
  state: 'pending',
  attempts: 3,
};
const report: DsnReport = {
  recipient,
  action: 'failed',
  status: '5.1.1',
  reason: 'mx.peer.test refused it at RCPT with 550 5.1.1',
  host: 'mx.peer.test',
  replyCode: 550,
};

function textOf(created: NewMessage): string {
  const { content } = created.message.body;
  return content.kind === 'inline' ? Buffer.from(content.bytes).toString('utf8') : '';
}

async function dsnText(change: Partial<StoredMessage> = {}, reports: readonly DsnReport[] = [report]) {
  const about = { ...message, ...change };
  const made = await dsn({ loaded, message: about, to: message.sender, reports, now: START + 1000 }, bodies);
  return { made, text: textOf(made) };
}

describe('a DSN', () => {
  it('is a report that a mail program reads, from the null sender to the sender', async () => {
    const { made, text } = await dsnText();
    expect(made.message).toMatchObject({ origin: 'dsn', sender: '', aboutMessage: message.id });
    expect(made.recipients).toMatchObject([{ address: 'ward3@clinic.example', queued: { method: 'plain' } }]);
    expect(text).toContain('Content-Type: multipart/report; report-type=delivery-status;');
    expect(text).toContain('Auto-Submitted: auto-replied\r\n');
    expect(text).toContain('In-Reply-To: <m1@clinic.example>');
    expect(text).not.toMatch(/[^\r]\n/);
    const parsed = await simpleParser(text);
    expect(parsed.from?.value[0]?.address).toBe('postmaster@clinic.example');
    expect(parsed.text).toContain('a@peer.test');
    // mailparser shows the status as text, so the part is taken as it stands.
    const boundary = /boundary="([^"]+)"/.exec(text)?.[1] ?? '';
    const parts = text.split(`--${boundary}`).slice(1, -1);
    const [types, contents] = [0, 1].map((at) => parts.map((part) => part.split('\r\n\r\n')[at]));
    expect(types?.map((type) => /Content-Type: ([^;\r]+)/.exec(type ?? '')?.[1])).toEqual([
      'text/plain',
      'message/delivery-status',
      'text/rfc822-headers',
    ]);
    expect(contents?.[2]).toContain('Message-ID: <m1@clinic.example>');
    const status = parts[1]?.slice((types?.[1]?.length ?? 0) + 4);
    expect(status).toBe(
      [
        'Original-Envelope-Id: ENV+1',
        'Reporting-MTA: dns; relay.clinic.example',
        'Arrival-Date: Mon, 02 Nov 2026 12:00:00 +0000',
        '',
        'Original-Recipient: rfc822; old+a@peer.test',
        'Final-Recipient: rfc822; a@peer.test',
        'Action: failed',
        'Status: 5.1.1',
        'Remote-MTA: dns; mx.peer.test',
        'Diagnostic-Code: smtp; 550 5.1.1',
        'Last-Attempt-Date: Mon, 02 Nov 2026 12:00:01 +0000',
        '',
      ].join('\r\n'),
    );
  });

  it('shows no byte of the body, and the Subject only of a message without findings', async () => {
    const { text } = await dsnText();
    expect(text).not.toContain(CANARY);
    expect(text).not.toContain('Subject: CANARY');
    const shown = (await dsnText({ subjectShowable: true })).text;
    expect(shown).toContain(`Subject: ${CANARY} subject`);
    expect(shown).not.toContain(`${CANARY} body`);
    expect(shown).toContain('Date: Mon, 02 Nov 2026 12:00:00 +0000');
  });

  it('shows no Subject of what a rule protects, even without findings', async () => {
    const decision = { ...systemDecision('a@peer.test'), protected: true };
    const { text } = await dsnText({ subjectShowable: true }, [
      { ...report, recipient: { ...recipient, decision } },
    ]);
    expect(text).not.toContain('Subject: CANARY');
    expect(text).not.toContain(`${CANARY} subject`);
  });

  it.each([
    ['two Subjects', 'Subject: one\r\nSubject: two\r\n\r\nbody', 'Subject: one'],
    ['8-bit text', 'Subject: gr\u00fc\u00dfe\r\n\r\nbody', 'Subject: gr'],
    ['a control character', 'Subject: a\u0007b\r\n\r\nbody', 'Subject: a'],
    ['words in place of a date', 'Date: Jane Roe, E11.65\r\n\r\nbody', 'Roe'],
    ['words behind a date', 'Date: Mon, 2 Nov 2026 12:00:00 +0000 (Jane Roe)\r\n\r\nbody', 'Roe'],
    ['words before a date', 'Date: Jane Roe 2 Nov 2026 12:00:00 +0000\r\n\r\nbody', 'Roe'],
    ['a Subject in the body', 'X: y\r\n\r\nSubject: hidden\r\n', 'Subject: hidden'],
  ])('shows nothing doubtful with %s', async (_, content, absent) => {
    const body = Buffer.from(content);
    const sealed = {
      wrappedKey: new Uint8Array(),
      size: body.length,
      content: { kind: 'inline', bytes: body },
    };
    const { text } = await dsnText({ subjectShowable: true, body: sealed as StoredMessage['body'] & object });
    expect(text).not.toContain(absent);
  });

  it('holds whatever a rule says on one line', async () => {
    const { text } = await dsnText({}, [
      { ...report, reason: 'not\r\nFinal-Recipient: rfc822; x@evil.test' },
    ]);
    expect(text.match(/^Final-Recipient:/gm)).toHaveLength(1);
  });

  it('writes international addresses in ASCII where the format wants it', async () => {
    const { text } = await dsnText({}, [{ ...report, recipient: { address: 'jürgen@peer.test' } }]);
    expect(text).toContain('Final-Recipient: utf-8; j\\x{FC}rgen@peer.test');
  });

  it('says until when a delayed recipient is tried', async () => {
    const { text } = await dsnText({}, [
      { ...report, action: 'delayed', status: '4.4.1', retriedUntil: START + 86_400_000 },
    ]);
    expect(text).toContain('Action: delayed');
    expect(text).toContain('Will-Retry-Until: Tue, 03 Nov 2026 12:00:00 +0000');
    expect(text).toContain('Subject: Your message is delayed');
  });
});

describe('a bounce', () => {
  it('by policy carries 5.7.1 and the rule’s text', async () => {
    const { change, events } = await bounceChange({
      loaded,
      bodies,
      message,
      recipient: { ...recipient, state: 'received' },
      status: '5.7.1',
      reason: 'Card numbers may not be mailed. Zahlung über das Portal, bitte.',
      now: START,
    });
    expect(change.recipients).toMatchObject([
      { from: expect.arrayContaining(['received', 'held']), set: { state: 'bounced', lastStatus: '5.7.1' } },
    ]);
    expect(events.map((event) => event.type)).toEqual(['recipient.bounced', 'notice.queued']);
    const parsed = await simpleParser(textOf(change.create![0]!));
    expect(parsed.text).toContain('Zahlung über das Portal, bitte.');
  });

  it('of several recipients is told once', async () => {
    const bounced = [0, 1, 2].map((index) => ({
      recipient: { ...recipient, index, address: `r${index}@peer.test` },
      status: '5.1.1',
      reason: 'no',
    }));
    const { change, events } = await bounceAll({ loaded, bodies, message, now: START, bounced });
    expect(change.create).toHaveLength(1);
    expect(events.filter((event) => event.type === 'recipient.bounced')).toHaveLength(3);
  });

  it.each([
    { sender: '' },
    { origin: 'dsn' as const },
    { origin: 'pickup-notice' as const },
    { origin: 'hold-notice' as const },
  ])('of %j is told nobody', async (change) => {
    const bounce = await bounceChange({
      loaded,
      bodies,
      message: { ...message, ...change },
      recipient,
      status: '5.1.1',
      reason: 'no',
      now: START,
    });
    expect(bounce.change.create).toEqual([]);
  });
});

describe('a hold', () => {
  it('tells sender and reviewers which message, whom, why and how long, and nothing of its content', async () => {
    const decision = { ...systemDecision('a@peer.test'), holdReason: 'rule card-numbers asks for a person' };
    const { change, events } = await holdDecided({
      loaded,
      bodies,
      message,
      held: [{ recipient, decision }],
      now: START,
    });
    expect(change.recipients).toMatchObject([
      { set: { state: 'held', decision, expiresAt: START + 3 * 86_400_000, nextAttemptAt: null } },
    ]);
    expect(events.map((event) => event.type)).toEqual(['recipient.held', 'notice.queued', 'notice.queued']);
    const texts = change.create!.map(textOf);
    expect(change.create!.flatMap((one) => one.recipients.map((to) => to.address))).toEqual([
      'ward3@clinic.example',
      'privacy@clinic.example',
    ]);
    for (const text of texts) {
      expect(text).toContain(message.id);
      expect(text).toContain('a@peer.test');
      expect(text).toContain('rule card-numbers asks for a person');
      expect(text).toContain('Thu, 05 Nov 2026 12:00:00 GMT');
      expect(text).not.toContain(CANARY);
    }
  });
});

describe('a Message-ID in which something was found', () => {
  const decision = { ...systemDecision('a@peer.test'), hideMessageIds: true as const };
  const telling = { ...message, headerMessageId: '<mrn-00482913.7@ehr.clinic.example>' };
  const about = { loaded, bodies, message: telling, now: START };

  it.each<[string, () => Promise<{ readonly change: { readonly create?: readonly NewMessage[] } }>]>([
    [
      'a bounce',
      () =>
        bounceChange({
          ...about,
          recipient: { ...recipient, decision },
          status: '5.1.1',
          reason: 'mx.peer.test refused it at RCPT with 550 5.1.1',
        }),
    ],
    ['a bounce by policy', () => rejectDecided({ ...about, rejected: [{ recipient, decision }] })],
    ['a hold notice', () => holdDecided({ ...about, held: [{ recipient, decision }] })],
  ])('is not told in the clear by %s', async (_, made) => {
    const { create = [] } = (await made()).change;
    expect(create.length).toBeGreaterThan(0);
    for (const text of create.map(textOf)) {
      expect(text).toContain(message.id);
      expect(text).not.toContain('00482913');
    }
  });
});

describe('mail of an identity with `notify`', () => {
  const told = loadedConfig({
    port: 25,
    resolver: tableResolver({}),
    top: [
      'identities:',
      '  - { name: scanner, networks: [192.0.2.7], senders: [clinic.example], notify: It@clinic.example }',
    ],
  });
  const scanned = { ...message, identity: 'scanner', sender: 'no-reply@clinic.example' };
  const mailOf = (made: NewMessage) => ({ to: made.recipients[0]?.address, text: textOf(made) });
  const bounced = async (
    change: Partial<StoredMessage> = {},
    recipientChange: Partial<StoredRecipient> = {},
  ) => {
    const { change: made, events } = await bounceChange({
      loaded: told,
      bodies,
      message: { ...scanned, ...change },
      recipient: { ...recipient, ...recipientChange },
      status: '5.1.1',
      reason: 'no such person',
      now: START,
    });
    return { mail: made.create!.map(mailOf), events };
  };

  it('bounces to that address, and says whose mail it was', async () => {
    const { mail, events } = await bounced();
    expect(mail.map((one) => one.to)).toEqual(['It@clinic.example']);
    expect(mail[0]?.text).toContain('Subject: A message could not be delivered');
    expect(mail[0]?.text).toContain('from no-reply@clinic.example (scanner)');
    expect(events.at(-1)).toMatchObject({ type: 'notice.queued', data: { recipient: 'It@clinic.example' } });
  });

  it('bounces there without a sender too', async () => {
    const { mail } = await bounced({ sender: '' });
    expect(mail.map((one) => one.to)).toEqual(['It@clinic.example']);
    expect(mail[0]?.text).toContain('from scanner');
  });

  it.each([
    ['who asked for no DSN', {}, { notify: ['NEVER' as const] }],
    ['of which the notice itself bounces', { origin: 'dsn' as const, identity: 'sallyport', sender: '' }, {}],
    ['of our own under its name', { origin: 'hold-notice' as const }, {}],
  ])('tells nobody of mail %s', async (_, change, recipientChange) => {
    expect((await bounced(change, recipientChange)).mail).toEqual([]);
  });

  it('is told of there when held, and the sender is not', async () => {
    const decision = { ...systemDecision('a@peer.test'), holdReason: 'a person must look' };
    const { change } = await holdDecided({
      loaded: told,
      bodies,
      message: scanned,
      held: [{ recipient, decision }],
      now: START,
    });
    const mail = change.create!.map(mailOf);
    expect(mail.map((one) => one.to)).toEqual(['It@clinic.example', 'privacy@clinic.example']);
    expect(mail[0]?.text).toContain('A message from no-reply@clinic.example is held');
    expect(mail[0]?.text).not.toContain('sallyport held release');
  });

  it('of other identities goes on bouncing to its sender', async () => {
    expect((await bounced({ identity: 'clinic' })).mail.map((one) => one.to)).toEqual([
      'no-reply@clinic.example',
    ]);
  });

  it.each(['it@elsewhere.example', 'it@sub.clinic.example', 'nobody'])('can not be %s', (notify) => {
    expect(() =>
      loadedConfig({
        port: 25,
        resolver: tableResolver({}),
        top: [
          `identities: [{ name: scanner, networks: [192.0.2.7], senders: [clinic.example], notify: "${notify}" }]`,
        ],
      }),
    ).toThrow(/config\.yaml:\d+:\d+.*identities\.0\.notify/);
  });
});

describe('mail of our own', () => {
  const base = {
    origin: 'pickup-notice',
    envelopeFrom: '',
    headerFrom: { name: 'Clinic, "Ü"\r\nBcc: x@evil.test', address: 'pickup@clinic.example' },
    to: 'a@peer.test',
    subject: 'Hé\r\nBcc: y@evil.test',
    text: 'one\ntwo ü',
    now: START,
    hostname: 'relay.clinic.example',
    lifetimeMs: 1000,
  } as const;

  it('lets nothing into its header', async () => {
    const text = textOf(await ownMail({ ...base, inReplyTo: '<x>\r\nBcc: <z@evil.test>' }, bodies));
    const parsed = await simpleParser(text);
    expect(parsed.bcc).toBeUndefined();
    expect(parsed.headers.has('in-reply-to')).toBe(false);
    expect(parsed.headers.get('auto-submitted')).toBe('auto-generated');
    expect(parsed.subject).toContain('Hé');
    expect(text).not.toMatch(/^Bcc/im);
    expect([...text].every((character) => character.charCodeAt(0) < 128)).toBe(true);
  });

  it.each(['a@peer.test, b@peer.test', 'a@peer.test\r\nBcc: b@peer.test', '', 'a b@peer.test'])(
    'is never made for %j',
    async (to) => {
      await expect(ownMail({ ...base, to }, bodies)).rejects.toThrow(TypeError);
    },
  );

  it('has text and HTML side by side', async () => {
    const text = textOf(await ownMail({ ...base, html: '<p>one two ü</p>' }, bodies));
    const parsed = await simpleParser(text);
    expect(parsed.html).toContain('<p>one two ü</p>');
    expect(parsed.text).toContain('two ü');
  });
});
