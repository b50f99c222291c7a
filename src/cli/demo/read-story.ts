import { z } from 'zod';
import { eventPager, openAuditReader, toEvent } from '../../audit/reader.js';

/** One event about a message, in the words of the demo's table. */
export interface StoryLine {
  readonly seq: number;
  readonly kind: 'inspected' | 'decided' | 'attempt' | 'end' | 'other';
  /** Absent for what concerns the whole message. */
  readonly recipient?: string;
  readonly text: string;
  /** For `end`: where the recipient is now, and by which method it got there. */
  readonly state?: string;
  readonly method?: string;
}

const about = z.looseObject({ messageId: z.string().optional(), recipient: z.string().optional() });
const inspected = z.looseObject({
  findings: z.array(z.looseObject({ detector: z.string(), count: z.number() })),
  classifications: z.array(z.string()),
  parts: z.array(z.looseObject({ status: z.string() })),
});
const decided = z.looseObject({
  decision: z.looseObject({
    order: z.array(z.string()),
    demand: z.looseObject({ disposition: z.string() }),
    rules: z.array(z.looseObject({ rule: z.string() })),
  }),
});
const delivered = z.looseObject({
  method: z.string(),
  tls: z.looseObject({ level: z.string(), protocol: z.string().optional() }),
});
const methodChanged = z.looseObject({ from: z.string(), to: z.string(), reason: z.string() });
const deferred = z.looseObject({ reason: z.string() });

const SEALED_BY: Readonly<Record<string, string>> = { pgp: 'PGP', smime: 'S/MIME' };

const UNDERSTOOD = new Set(['read', 'empty', 'no-text']);

/** The events about one message in the audit log, oldest first. */
export function readStory(auditDir: string, messageId: string): readonly StoryLine[] {
  const reader = openAuditReader(auditDir);
  try {
    const lines: StoryLine[] = [];
    for (const month of reader.months) {
      const page = eventPager(month, 500);
      for (let after = 0; ; ) {
        const rows = page(after);
        for (const row of rows) {
          const event = toEvent(row, month.name);
          const subject = about.safeParse(event.data);
          if (!subject.success || subject.data.messageId !== messageId) continue;
          const { recipient } = subject.data;
          lines.push({
            seq: event.seq,
            ...(recipient === undefined ? {} : { recipient }),
            ...inWords(event.type, event.data),
          });
        }
        const last = rows[rows.length - 1];
        if (last === undefined) break;
        after = last.seq;
      }
    }
    return lines;
  } finally {
    reader.close();
  }
}

function inWords(type: string, data: unknown): Omit<StoryLine, 'seq' | 'recipient'> {
  switch (type) {
    case 'message.inspected': {
      const { classifications, findings, parts } = inspected.parse(data);
      const unread = parts.map((part) => part.status).filter((status) => !UNDERSTOOD.has(status));
      const words = [
        ...classifications.map((one) => one.toUpperCase()),
        ...findings.map((one) => `${one.detector} ×${one.count}`),
      ];
      return {
        kind: 'inspected',
        text: [...words, ...unread.map((one) => `part ${one}`)].join(', ') || 'nothing',
      };
    }
    case 'recipient.decided': {
      const { order, demand, rules } = decided.parse(data).decision;
      const what = demand.disposition === 'send' ? order.join(' → ') : demand.disposition;
      const why = rules.map((one) => one.rule).filter((one) => one !== 'default');
      return { kind: 'decided', text: why.length === 0 ? what : `${what}\n${why.join(', ')}` };
    }
    case 'recipient.delivered': {
      const { method, tls } = delivered.parse(data);
      const sealed = SEALED_BY[method];
      const noTls = sealed === undefined ? 'clear text' : 'no TLS';
      const level = tls.level === 'none' ? noTls : `${tls.level} ${tls.protocol ?? 'TLS'}`;
      const before = sealed === undefined ? '' : `sealed by ${sealed}, `;
      return { kind: 'end', state: 'delivered', method, text: `${before}delivered, ${level}` };
    }
    case 'recipient.method-changed': {
      const { from, to, reason } = methodChanged.parse(data);
      return { kind: 'attempt', text: `${from} → ${to}: ${reason}` };
    }
    case 'recipient.deferred':
      return { kind: 'attempt', text: `deferred: ${deferred.parse(data).reason}` };
    case 'portal.item-created':
      return { kind: 'end', state: 'in-portal', method: 'portal', text: 'sealed in the portal, notice sent' };
    case 'recipient.held':
      return { kind: 'end', state: 'held', text: 'held for a person' };
    case 'recipient.bounced':
      return { kind: 'end', state: 'bounced', text: 'bounced' };
    default:
      return { kind: 'other', text: type };
  }
}
