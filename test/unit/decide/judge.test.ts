import { Readable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/audit/events.js';
import { type JudgeDeps, judge } from '../../../src/decide/judge.js';
import type { Decision } from '../../../src/model/decision.js';
import type { Inspection } from '../../../src/model/inspection.js';
import type { StoredMessage, StoredRecipient } from '../../../src/model/message.js';
import { unreadInspection } from '../../../src/model/unread-inspection.js';
import { createMetrics } from '../../../src/ops/metrics.js';
import type { QueueChange } from '../../../src/store/ports.js';

const MESSAGE: StoredMessage = {
  id: 'm1',
  origin: 'submitted',
  receivedAt: 1,
  identity: 'clinic',
  sender: 'ward@clinic.example',
  headerMessageId: '<1@clinic.example>',
  smtpUtf8: false,
  eightBitMime: false,
  dsn: {},
  listener: 'submission',
  clientAddress: '127.0.0.1',
  state: 'received',
  inspectAttempts: 0,
  subjectShowable: false,
  body: { wrappedKey: new Uint8Array(), size: 4, content: { kind: 'inline', bytes: new Uint8Array() } },
};
const RECIPIENT: StoredRecipient = {
  messageId: 'm1',
  index: 0,
  address: 'roe@lab.example',
  domain: 'lab.example',
  state: 'received',
  attempts: 0,
};
const READ: Inspection = {
  parts: [{ path: '1', mediaType: 'text/plain', disposition: 'none', status: 'read', size: 4 }],
  ambiguities: [],
  findings: [],
  classifications: [],
  headers: [],
  subject: '',
  size: 4,
};
const SEND: Decision = {
  recipient: RECIPIENT.address,
  demand: { methods: ['tls', 'portal'], tls: 'verified', portal: 'code', disposition: 'send' },
  protected: true,
  order: ['tls', 'portal'],
  rules: [],
  considered: [],
  tags: [],
  policyHash: 'h',
  enforcement: 'enforce',
};

function setup(over: Partial<JudgeDeps> & { attempts?: number; open?: () => Readable } = {}) {
  const applied: { change: QueueChange; events: readonly AuditEvent[] }[] = [];
  const inspected: Inspection[] = [];
  const deps: JudgeDeps = {
    queue: {
      message: async () => MESSAGE,
      recipients: async () => [RECIPIENT],
      beginInspection: async () => over.attempts ?? 1,
      undecided: async () => [],
      apply: async (change, events) => {
        applied.push({ change, events });
        return [];
      },
    },
    bodies: { open: over.open ?? (() => Readable.from([Buffer.from('body')])) },
    inspect: async () => READ,
    decide: (_message, inspection) => {
      inspected.push(inspection);
      return [SEND];
    },
    hold: async (_message, recipient, decision) => ({
      change: {
        recipients: [
          {
            key: { messageId: 'm1', index: recipient.index },
            from: ['received'],
            set: { state: 'held', decision },
          },
        ],
      },
      events: [],
    }),
    reject: async () => ({ change: {}, events: [] }),
    policyHash: () => 'h',
    lifetime: () => 1000,
    clock: { now: () => 5 },
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
    ...over,
  };
  return { deps, applied, inspected };
}

describe('judge', () => {
  it('commits inspection, decision and queueing in one change, in that order', async () => {
    const { deps, applied } = setup();
    await expect(judge(deps, 'm1')).resolves.toBe(true);
    expect(applied).toHaveLength(1);
    expect(applied[0]?.events.map((one) => one.type)).toEqual(['message.inspected', 'recipient.decided']);
    expect(applied[0]?.change).toMatchObject({
      decided: { messageId: 'm1', subjectShowable: true },
      recipients: [{ set: { state: 'pending', method: 'tls', nextAttemptAt: 5, expiresAt: 1005 } }],
    });
  });

  it('does not inspect a third time what died twice: it is unread', async () => {
    const { deps, inspected } = setup({ attempts: 3 });
    await judge(deps, 'm1');
    expect(inspected[0]).toEqual(unreadInspection('crashed', 4));
  });

  it.each([
    ['damaged', () => Readable.from([Buffer.from('bo')])],
    [
      'refused by the cipher',
      () =>
        new Readable({
          read() {
            this.destroy(new Error('unable to authenticate'));
          },
        }),
    ],
  ])('treats %s content as unread', async (_name, open) => {
    const { deps, inspected } = setup({ open });
    await judge(deps, 'm1');
    expect(inspected[0]?.failure).toBe('crashed');
  });

  it('holds every recipient when the rules cannot be evaluated', async () => {
    const { deps, applied } = setup({
      decide: () => {
        throw new Error('a bug');
      },
    });
    await judge(deps, 'm1');
    expect(applied[0]?.change.recipients?.[0]?.set.state).toBe('held');
    expect(applied[0]?.events[1]).toMatchObject({
      data: { decision: { protected: true, demand: { disposition: 'hold' } } },
    });
  });

  it('holds what may be sent by no method', async () => {
    const { deps, applied } = setup({ decide: () => [{ ...SEND, order: [] }] });
    await judge(deps, 'm1');
    expect(applied[0]?.change.recipients?.[0]?.set.state).toBe('held');
  });

  it('sends as plain in shadow mode, whatever would have been', async () => {
    const { deps, applied } = setup({
      decide: () => [
        {
          ...SEND,
          order: [],
          demand: { ...SEND.demand, disposition: 'reject' },
          enforcement: 'shadow' as const,
        },
      ],
    });
    await judge(deps, 'm1');
    expect(applied[0]?.change.recipients?.[0]?.set).toMatchObject({ state: 'pending', method: 'plain' });
  });

  it('commits nothing when a decision is missing', async () => {
    const { deps, applied } = setup({ decide: () => [] });
    await expect(judge(deps, 'm1')).rejects.toThrow('no decision');
    expect(applied).toEqual([]);
  });

  it('never shows a Subject where something was found or not read', async () => {
    const { deps, applied } = setup({
      inspect: async () => ({ ...READ, parts: [{ ...READ.parts[0]!, status: 'unsupported' }] }),
    });
    await judge(deps, 'm1');
    expect(applied[0]?.change.decided?.subjectShowable).toBe(false);
  });
});
