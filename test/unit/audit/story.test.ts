import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeEvent } from '../../../src/audit/describe.js';
import { EVENT_LABELS } from '../../../src/audit/event-labels.js';
import type { AuditEvent } from '../../../src/audit/events.js';
import { auditEvent } from '../../../src/audit/events.js';
import type { LoggedEvent } from '../../../src/audit/logged-event.js';
import { openAuditReader } from '../../../src/audit/reader.js';
import { outcomeOfEvents, readStory } from '../../../src/audit/story.js';
import { storyLines } from '../../../src/audit/story-text.js';
import { type Bench, bench, decision, messageEvents, NOVEMBER, write } from './support.js';

let log: Bench;
beforeEach(() => {
  log = bench();
});
afterEach(() => log.remove());

function storyOf(events: readonly AuditEvent[], id = 'm1') {
  const writer = log.open();
  write(writer, events, NOVEMBER);
  writer.close();
  const reader = openAuditReader(log.dir);
  const story = readStory(reader, id);
  reader.close();
  return story;
}

describe('the story of a message', () => {
  it('is told in plain words', () => {
    const story = storyOf(messageEvents('m1'));
    expect(storyLines(story!)).toMatchInlineSnapshot(`
      [
        "Message m1",
        "",
        "Accepted on 2026-11-21 14:03:11 UTC",
        "  from        ward3@clinic.example",
        "  to          Bob@lab.example, eve@home.example",
        "  submitted   by "ward3" at the listener "submission", from 192.0.2.7, over TLS (TLSv1.3, TLS_AES_256_GCM_SHA384)",
        "  Message-ID  <m1@clinic.example>",
        "  size        4321 bytes",
        "",
        "What was found (2026-11-21 14:03:11 UTC)",
        "  us-ssn (identifier, high confidence): 2 times, 1 distinct value, shown as ***-**-1234; in part 1",
        "  The message counts as: phi",
        "  2 parts, of which 1 could not be read:",
        "    part 2 (application/pdf): its kind is not supported [unsupported]",
        "",
        "For Bob@lab.example: picked-up — opened in the portal by whoever proved what was demanded",
        "  2026-11-21 14:03:11 UTC  Decided: to travel by the pickup portal; a rule asked for protection",
        "    rule phi-sealed (hipaa.yaml:12) matched, because of phi, us-ssn: require sealed",
        "    S/MIME encryption: not used: no certificate is known for this recipient",
        "    mail over enforced TLS: not used: not allowed by phi-sealed",
        "    the pickup portal: chosen: the first allowed method that this recipient can receive",
        "    decided under policy abababababababababababababababababababababababababababababababab",
        "  2026-11-21 14:03:11 UTC  Put in the portal: item m1-item, until 2026-11-21 14:03:11 UTC",
        "  2026-11-21 14:03:11 UTC  Read in the portal: from 203.0.113.5",
        "",
        "For eve@home.example: bounced — could not be delivered; the sender was told",
        "  2026-11-21 14:03:11 UTC  Decided: to travel by mail over enforced TLS; no rule asked for protection",
        "    no rule matched, so nothing asked for protection",
        "    S/MIME encryption: not used: no certificate is known for this recipient",
        "    mail over enforced TLS: not used: not allowed by phi-sealed",
        "    the pickup portal: chosen: the first allowed method that this recipient can receive",
        "    decided under policy abababababababababababababababababababababababababababababababab",
        "  2026-11-21 14:03:11 UTC  Attempt 1 by mail over enforced TLS at mx.home.example did not succeed",
        "    because: the server offers no TLS (4.7.5)",
        "    to be tried again at 2026-11-21 14:05:11 UTC",
        "  2026-11-21 14:03:11 UTC  Given up and returned to the sender (5.1.1)",
        "    because: answer 550 (mx.home.example)",
        "",
        "A pickup-notice about it to Bob@lab.example (m1-notice): delivered",
        "  2026-11-21 14:03:11 UTC  delivered: by plain to mx.lab.example [198.51.100.9], over verified TLS (TLSv1.3, TLS_AES_256_GCM_SHA384, certificate cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd); answer 250, attempt 1",
        "",
        "On record as events 1 to 10 of the audit log.",
      ]
    `);
  });

  it('says what became of each recipient', () => {
    const story = storyOf(messageEvents('m1'));
    expect(story?.recipients.map(({ recipient, outcome }) => [recipient, outcome])).toEqual([
      ['Bob@lab.example', 'picked-up'],
      ['eve@home.example', 'bounced'],
    ]);
    expect(story?.notices.map(({ noticeId, kind, outcome }) => [noticeId, kind, outcome])).toEqual([
      ['m1-notice', 'pickup-notice', 'delivered'],
    ]);
  });

  it('names the message that a notice is about', () => {
    const story = storyOf(messageEvents('m1'), 'm1-notice');
    expect(storyLines(story!)).toContain('Made by the gateway itself: a pickup-notice about message m1.');
    expect(story?.recipients.map(({ recipient, outcome }) => [recipient, outcome])).toEqual([
      ['Bob@lab.example', 'delivered'],
    ]);
  });

  it('is undefined for a message that the log does not know', () => {
    expect(storyOf(messageEvents('m1'), 'm7')).toBeUndefined();
  });

  it('says loudly that nothing was enforced in shadow mode', () => {
    const lines = storyLines(
      storyOf([
        auditEvent('recipient.decided', {
          messageId: 'm1',
          recipient: 'bob@lab.example',
          decision: { ...decision('bob@lab.example'), enforcement: 'shadow' },
        }),
      ])!,
    ).join('\n');
    expect(lines).toContain('SHADOW');
    expect(lines).toContain('it would have been: to travel by the pickup portal');
  });

  it('shows who answers for an exception and for a promise of TLS', () => {
    const lines = storyLines(
      storyOf([
        auditEvent('recipient.decided', {
          messageId: 'm1',
          recipient: 'bob@lab.example',
          decision: {
            ...decision('bob@lab.example'),
            excepted: [{ rule: 'phi-tls', at: 'hipaa.yaml:30', owner: 'Dr. Example', expires: '2027-01-31' }],
          },
        }),
        auditEvent('recipient.delivered', {
          messageId: 'm1',
          recipient: 'bob@lab.example',
          method: 'tls',
          host: 'smarthost.example',
          hostAddress: '198.51.100.1',
          replyCode: 250,
          tls: { level: 'encrypted', protocol: 'TLSv1.2', cipher: 'X', shortfall: 'self-signed certificate' },
          route: 'provider',
          onwardTlsOwner: 'contract 17',
          attempt: 2,
        }),
      ])!,
    ).join('\n');
    expect(lines).toContain('an exception that Dr. Example answers for, until 2027-01-31');
    expect(lines).toContain('it is the promise of contract 17');
    expect(lines).toContain('no better because: self-signed certificate');
  });

  it('goes on past an event whose data were tampered with', () => {
    const broken: LoggedEvent = {
      seq: 1,
      at: NOVEMBER,
      type: 'recipient.delivered',
      data: {},
      hash: '',
      file: 'x',
    };
    expect(describeEvent(broken)).toContain('run `sallyport audit verify`');
    expect(describeEvent({ ...broken, data: 'text' })).toBe('delivered');
    expect(describeEvent({ ...broken, type: 'of.tomorrow' })).toContain('of.tomorrow');
  });
});

describe('the outcome', () => {
  const step = (type: string, data: object = {}): LoggedEvent => ({
    seq: 1,
    at: 1,
    type,
    data,
    hash: '',
    file: '',
  });
  it.each<[string, string[], string]>([
    ['nothing yet', [], 'received'],
    ['put off', ['recipient.deferred'], 'pending'],
    ['held, then released', ['recipient.held', 'recipient.released'], 'pending'],
    ['in the portal', ['portal.item-created', 'portal.opened', 'portal.code-sent'], 'in-portal'],
    [
      'read, and its item expired later',
      ['portal.item-created', 'portal.message-read', 'portal.expired'],
      'picked-up',
    ],
    ['never read', ['portal.item-created', 'portal.expired', 'recipient.bounced'], 'expired'],
    ['revoked', ['portal.item-created', 'portal.revoked'], 'ended'],
    ['notice refused', ['portal.item-created', 'portal.notice-undeliverable'], 'bounced'],
  ])('of one that was %s', (_name, types, expected) => {
    expect(outcomeOfEvents(types.map((type) => step(type)))).toBe(expected);
  });

  it('of a decision is held or pending', () => {
    const held = { decision: { demand: { disposition: 'hold' } } };
    const sent = { decision: { demand: { disposition: 'send' } } };
    expect(outcomeOfEvents([step('recipient.decided', held)])).toBe('held');
    expect(outcomeOfEvents([step('recipient.decided', sent)])).toBe('pending');
  });
});

it('has words for every type of event', () => {
  for (const label of Object.values(EVENT_LABELS)) expect(label).toMatch(/^\w/);
});
