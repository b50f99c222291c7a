import { type AuditEvent, auditEvent } from '../../../src/audit/events.js';
import { systemDecision } from '../../../src/model/system-decision.js';
import { loadOrCreateSigningKey, openAuditLog } from '../product.js';

/** Of one message, from its arrival until its content is destroyed. */
const EVENTS_EACH = 5;
const RECIPIENTS = 20_000;
const SENDERS = 500;
/** In one transaction, so that making the log doesn't take longer than what is measured. */
const AT_ONCE = 2_000;
const BEGIN = Date.parse('2026-03-02T08:00:00.000Z');

export const messageId = (n: number) => `1m8${n.toString(36).padStart(19, '0')}`;
export const recipientOf = (n: number) => `person${(n * 7919) % RECIPIENTS}@partner.example`;

/**
 * Writes a log of messages that were accepted, inspected, decided, delivered and destroyed, one in ten milliseconds.
 * @returns how many events it has
 */
export function writeLongLog(dataDir: string, dir: string, events: number): number {
  const key = loadOrCreateSigningKey(dataDir, { createIfMissing: true });
  let now = BEGIN;
  const log = openAuditLog({
    dir,
    signingKeyPem: key.privateKeyPem,
    now: () => now,
    checkpointEveryEvents: 1000,
    checkpointEveryMs: 300_000,
    onCheckpoint: () => undefined,
  });
  const messages = Math.ceil(events / EVENTS_EACH);
  try {
    for (let n = 0; n < messages; ) {
      log.begin();
      const end = Math.min(messages, n + AT_ONCE);
      for (; n < end; n++) {
        now = BEGIN + n * 10;
        for (const event of eventsOf(n)) log.append(event, now);
      }
      log.commit();
    }
  } finally {
    log.close();
  }
  return messages * EVENTS_EACH;
}

function eventsOf(n: number): readonly AuditEvent[] {
  const id = messageId(n);
  const recipient = recipientOf(n);
  return [
    auditEvent('message.accepted', {
      messageId: id,
      identity: 'ehr',
      listener: 'connector',
      clientAddress: '192.0.2.7',
      sender: `ward${n % SENDERS}@clinic.example`,
      recipients: [recipient],
      size: 4239,
      headerMessageId: `<${id}@clinic.example>`,
    }),
    auditEvent('message.inspected', {
      messageId: id,
      parts: [
        { path: '0', mediaType: 'message/rfc822', status: 'read', size: 4239 },
        { path: '1', mediaType: 'text/plain', status: 'read', size: 3829 },
      ],
      ambiguities: [],
      findings: [
        {
          detector: 'health-term',
          class: 'health',
          confidence: 'low',
          count: 1,
          distinct: 1,
          masked: ['(health term)'],
          fingerprints: ['15211a67a570922f6ad246de490194b1'],
          where: ['text'],
        },
      ],
      classifications: [],
      subjectFingerprint: ((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(32, '0'),
      durationMs: 27,
    }),
    auditEvent('recipient.decided', { messageId: id, recipient, decision: systemDecision(recipient) }),
    auditEvent('recipient.delivered', {
      messageId: id,
      recipient,
      method: 'tls',
      host: 'mx.partner.example',
      hostAddress: '192.0.2.25',
      replyCode: 250,
      tls: { level: 'none', shortfall: 'STARTTLS was not offered' },
      route: 'mx',
      attempt: 1,
    }),
    auditEvent('content.destroyed', { messageId: id, reason: 'every recipient has reached an end' }),
  ];
}
