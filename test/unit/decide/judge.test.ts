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
import { ChangeRefused } from '../../../src/store/errors.js';
import { applyChange } from '../../../src/store/operations/apply-change.js';
import {
  message as readMessage,
  recipients as readRecipients,
} from '../../../src/store/operations/queue-reads.js';
import { insertMessage } from '../../../src/store/operations/queue-writes.js';
import { putSuppression } from '../../../src/store/operations/suppressions.js';
import { type QueueChange, StoreUnavailable } from '../../../src/store/ports.js';
import { newMessage, recipient, temporaryDb } from '../store/fixtures.js';

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
  const asked: string[] = [];
  const deps: JudgeDeps = {
    queue: {
      message: async () => MESSAGE,
      recipients: async () => [RECIPIENT],
      beginInspection: async () => over.attempts ?? 1,
      apply: async (change, events) => {
        applied.push({ change, events });
        return [];
      },
    },
    bodies: { open: over.open ?? (() => Readable.from([Buffer.from('body')])) },
    contentNotRead: false,
    fresh: () => undefined,
    onlyQueued: () => undefined,
    promiseAttempt: () => undefined,
    inspect: async () => READ,
    decide: async (_message, inspection) => {
      inspected.push(inspection);
      return [SEND];
    },
    recall: async () => false,
    inMemory: (_message, _lane, work) => work(),
    rewrite: async (_message, _read, _inspection, decided) => ({ decided, copies: [], events: [] }),
    hold: async (_message, held) => {
      asked.push(`hold ${held.map(({ recipient }) => recipient.index).join()}`);
      return {
        change: {
          recipients: held.map(({ recipient }) => ({
            key: { messageId: 'm1', index: recipient.index },
            from: ['received'],
            set: { state: 'held', expiresAt: 9 },
          })),
        },
        events: [],
      };
    },
    reject: async (_message, rejected) => {
      asked.push(`reject ${rejected.map(({ recipient }) => recipient.index).join()}`);
      return {
        change: {
          recipients: rejected.map(({ recipient }) => ({
            key: { messageId: 'm1', index: recipient.index },
            from: ['received'],
            set: { state: 'bounced' },
          })),
        },
        events: [],
      };
    },
    policyHash: () => 'h',
    lifetime: () => 1000,
    holdLifetime: () => 300,
    fingerprintSubject: (subject) => `keyed ${subject.length}`,
    clock: { now: () => 5 },
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
    ...over,
  };
  return { deps, applied, inspected, asked };
}

/** A queue of its own file with one message. */
function inStore(more: Partial<JudgeDeps> = {}, recipients = ['roe@lab.example', 'poe@lab.example']) {
  const db = temporaryDb();
  insertMessage(db, newMessage('m1', recipients.map(recipient), { stream: 'bulk' }));
  const given: (readonly StoredRecipient[])[] = [];
  const { deps } = setup({
    queue: {
      message: async (id) => readMessage(db, id),
      recipients: async (id) => readRecipients(db, id),
      beginInspection: async () => 1,
      apply: async (change) => applyChange(db, change) || [],
    },
    decide: async (_message, _inspection, all) => all.map(() => SEND),
    bodies: { open: () => Readable.from([Buffer.alloc(newMessage('m1').message.body.size)]) },
    onlyQueued: (rows) => given.push(rows),
    ...more,
  });
  return { db, deps, given };
}

/** As `inStore`, judged. */
async function judgedInStore(more: Partial<JudgeDeps> = {}) {
  const { db, deps, given } = inStore(more);
  await expect(judge(deps, 'm1')).resolves.toBe(true);
  return { db, given };
}

describe('what is due after the decision', () => {
  it('is handed over as its rows would be read, once it is committed', async () => {
    const { db, given } = await judgedInStore();
    expect(given).toEqual([readRecipients(db, 'm1')]);
    expect(given[0]?.map(({ state, method }) => [state, method])).toEqual([
      ['pending', 'tls'],
      ['pending', 'tls'],
    ]);
  });

  it.each<[string, Partial<Decision>]>([
    ['held', { order: [], demand: { ...SEND.demand, disposition: 'hold' } }],
    ['rejected', { order: [], demand: { ...SEND.demand, disposition: 'reject' } }],
  ])('is looked for where another recipient is %s, with mail of our own', async (_what, other) => {
    const { given } = await judgedInStore({
      decide: async (_message, _inspection, all) =>
        all.map((_, index) => (index === 0 ? SEND : { ...SEND, ...other })),
    });
    expect(given).toEqual([]);
  });

  it('is looked for where a person ended a recipient meanwhile', async () => {
    const db = temporaryDb();
    insertMessage(db, newMessage('m1', ['roe@lab.example', 'poe@lab.example'].map(recipient)));
    const given: unknown[] = [];
    const { deps } = setup({
      queue: {
        message: async (id) => readMessage(db, id),
        recipients: async (id) => readRecipients(db, id),
        beginInspection: async () => 1,
        apply: async (change) => {
          const ends = {
            key: { messageId: 'm1', index: 1 },
            from: ['received'],
            set: { state: 'ended' },
          } as const;
          applyChange(db, { recipients: [ends] });
          return applyChange(db, change) || [];
        },
      },
      decide: async (_message, _inspection, all) => all.map(() => SEND),
      onlyQueued: (rows) => given.push(rows),
    });
    await expect(judge(deps, 'm1')).resolves.toBe(true);
    expect(given).toEqual([]);
  });

  it('is not handed over when it could not be committed', async () => {
    const given: unknown[] = [];
    const queue = {
      ...setup().deps.queue,
      apply: () => Promise.reject(new StoreUnavailable('the disk failed')),
    };
    const { deps } = setup({ queue, onlyQueued: (rows) => given.push(rows) });
    await expect(judge(deps, 'm1')).rejects.toThrow('the disk failed');
    expect(given).toEqual([]);
  });
});

/** A promise, and what became of it. */
function promise() {
  const asked: (readonly StoredRecipient[])[] = [];
  const came: unknown[] = [];
  const promiseAttempt: JudgeDeps['promiseAttempt'] = (_message, rows) => {
    asked.push(rows);
    return {
      nextAttemptAt: 77,
      begin: (message, begun) => came.push({ state: message.state, shown: message.subjectShowable, begun }),
      giveUp: () => came.push('given up'),
    };
  };
  return { asked, came, promiseAttempt };
}

describe('an attempt that is promised before the decision is committed', () => {
  it('begins with it, and nothing is left to be handed over', async () => {
    const { asked, came, promiseAttempt } = promise();
    const { db, given } = await judgedInStore({ promiseAttempt });
    expect(readRecipients(db, 'm1').map((one) => [one.state, one.attempts, one.nextAttemptAt])).toEqual([
      ['pending', 1, 77],
      ['pending', 1, 77],
    ]);
    // As they were before it began.
    expect(asked[0]?.map((one) => [one.state, one.attempts, one.nextAttemptAt])).toEqual([
      ['pending', 0, 5],
      ['pending', 0, 5],
    ]);
    expect(came).toEqual([{ state: 'decided', shown: true, begun: asked[0] }]);
    expect(given).toEqual([[]]);
  });

  it('is left to the usual way for whose address is on the suppression list', async () => {
    const { came, asked, promiseAttempt } = promise();
    const { db, deps, given } = inStore({ promiseAttempt });
    putSuppression(db, { address: 'poe@lab.example', addedAt: 1, reason: 'gone' });
    await expect(judge(deps, 'm1')).resolves.toBe(true);
    expect(came).toEqual([{ state: 'decided', shown: true, begun: [asked[0]?.[0]] }]);
    expect(given).toEqual([[asked[0]?.[1]]]);
    expect(readRecipients(db, 'm1')[1]).toEqual(asked[0]?.[1]);
  });

  it.each<[string, Partial<Decision>]>([
    ['held', { order: [], demand: { ...SEND.demand, disposition: 'hold' } }],
    ['rejected', { order: [], demand: { ...SEND.demand, disposition: 'reject' } }],
  ])('is not asked for where another recipient is %s', async (_what, other) => {
    const { asked, promiseAttempt } = promise();
    await judgedInStore({
      promiseAttempt,
      decide: async (_message, _inspection, all) =>
        all.map((_, index) => (index === 0 ? SEND : { ...SEND, ...other })),
    });
    expect(asked).toEqual([]);
  });

  it('is given up where a person ended all recipients meanwhile', async () => {
    const { came, promiseAttempt } = promise();
    const { db, deps, given } = inStore({ promiseAttempt }, ['roe@lab.example']);
    const { queue } = deps;
    const ended: JudgeDeps['queue'] = {
      ...queue,
      apply: async (change, events) => {
        applyChange(db, {
          recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['received'], set: { state: 'ended' } }],
        });
        return queue.apply(change, events);
      },
    };
    await expect(judge({ ...deps, queue: ended }, 'm1')).resolves.toBe(true);
    expect(came).toEqual(['given up']);
    expect(given).toEqual([]);
    expect(readRecipients(db, 'm1')[0]).toMatchObject({ state: 'ended', attempts: 0 });
  });

  it.each([
    ['the disk failed', new StoreUnavailable('the disk failed')],
    ['the change was refused', new Error('refused')],
  ])('is given up where %s', async (_why, error) => {
    const { came, promiseAttempt } = promise();
    let tries = 0;
    const queue: JudgeDeps['queue'] = {
      ...setup().deps.queue,
      apply: async () => {
        tries += 1;
        if (tries === 1) throw error;
        return [];
      },
    };
    const { deps } = setup({ queue, promiseAttempt });
    await judge(deps, 'm1').catch(() => undefined);
    expect(came).toEqual(['given up']);
  });
});

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

  it('opens nothing where nobody looks into mail, and counts no attempt', async () => {
    const never = () => expect.unreachable('the content was opened');
    const { deps, applied, inspected } = setup({
      contentNotRead: true,
      inspect: never,
      inMemory: never,
      open: never,
    });
    const decisions = { ...SEND, contentNotRead: true as const };
    const queue = { ...deps.queue, beginInspection: never };
    await judge(
      { ...deps, queue, decide: async (...args) => [{ ...(await deps.decide(...args))[0], ...decisions }] },
      'm1',
    );
    expect(inspected).toMatchObject([{ notRead: true, size: 4, parts: [], findings: [] }]);
    expect(applied[0]?.events).toMatchObject([
      { type: 'recipient.decided', data: { decision: { contentNotRead: true } } },
    ]);
    // A DSN shows a Subject only where nothing was found in the message.
    expect(applied[0]?.change.decided).toEqual({ messageId: 'm1', subjectShowable: false });
  });

  it('holds what could not be decided without a look into it, and says so', async () => {
    const { deps, applied } = setup({
      contentNotRead: true,
      decide: async () => {
        throw new Error('rules');
      },
    });
    await judge(deps, 'm1');
    expect(applied[0]?.events[0]).toMatchObject({
      data: { decision: { contentNotRead: true, demand: { disposition: 'hold' } } },
    });
  });

  it('reads nothing again of what was stored a moment ago, and begins no second attempt', async () => {
    const never = () => expect.unreachable('the store was asked');
    const { deps, applied } = setup({
      fresh: () => ({ message: { ...MESSAGE, inspectAttempts: 1 }, recipients: [RECIPIENT] }),
    });
    const queue = { ...deps.queue, message: never, recipients: never, beginInspection: never };
    await expect(judge({ ...deps, queue }, 'm1')).resolves.toBe(true);
    expect(applied[0]?.events.map((one) => one.type)).toEqual(['message.inspected', 'recipient.decided']);
  });

  it('leaves what was begun before to the lane where it is judged alone', async () => {
    const { deps, applied } = setup();
    const begun: JudgeDeps = {
      ...deps,
      queue: { ...deps.queue, message: async () => ({ ...MESSAGE, inspectAttempts: 1 }) },
    };
    await expect(judge(begun, 'm1')).resolves.toBe('begun-before');
    expect(applied).toEqual([]);
    await expect(judge(begun, 'm1', 'alone')).resolves.toBe(true);
    expect(applied).toHaveLength(1);
  });

  it('goes no further with a request to the portal', async () => {
    const { deps, applied } = setup({ recall: async () => true });
    await expect(judge(deps, 'm1')).resolves.toBe(true);
    expect(applied).toEqual([]);
  });

  it('decides nothing while images are to be recognised, and goes on with the same attempt', async () => {
    let attempts = 0;
    const { deps, applied } = setup();
    const lanes: string[] = [];
    const counted: JudgeDeps = {
      ...deps,
      queue: { ...deps.queue, beginInspection: async () => ++attempts },
      inspect: async (_bytes, _message, lane) => {
        lanes.push(lane);
        return lane === 'quick' ? 'needs-ocr' : READ;
      },
    };
    await expect(judge(counted, 'm1')).resolves.toBe('needs-ocr');
    expect(applied).toEqual([]);
    await expect(judge(counted, 'm1', 'ocr')).resolves.toBe(true);
    expect(applied).toHaveLength(1);
    expect([attempts, lanes]).toEqual([1, ['quick', 'ocr']]);
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
      decide: async () => {
        throw new Error('a bug');
      },
    });
    await judge(deps, 'm1');
    expect(applied[0]?.change.recipients?.[0]?.set.state).toBe('held');
    expect(applied[0]?.events[1]).toMatchObject({
      data: { decision: { protected: true, hideMessageIds: true, demand: { disposition: 'hold' } } },
    });
  });

  it('holds what may be sent by no method', async () => {
    const { deps, applied } = setup({ decide: async () => [{ ...SEND, order: [] }] });
    await judge(deps, 'm1');
    expect(applied[0]?.change.recipients?.[0]?.set.state).toBe('held');
  });

  it('sends as plain in shadow mode, whatever would have been', async () => {
    const { deps, applied } = setup({
      decide: async () => [
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

  it('holds every recipient when a decision is missing', async () => {
    const { deps, applied } = setup({ decide: async () => [] });
    await judge(deps, 'm1');
    expect(applied[0]?.change.recipients?.[0]?.set).toMatchObject({
      state: 'held',
      decision: { holdReason: 'the rules could not be evaluated', order: [], hideMessageIds: true },
    });
  });

  it('tells of all held recipients at once, and of all rejected ones', async () => {
    const recipients = [0, 1, 2, 3, 4].map((index) => ({
      ...RECIPIENT,
      index,
      address: `r${index}@lab.example`,
    }));
    const { deps, applied, asked } = setup({
      decide: async (_message, _inspection, all) =>
        all.map((one, i) => ({
          ...SEND,
          recipient: one.address,
          demand: { ...SEND.demand, disposition: (['hold', 'reject', 'send'] as const)[i % 3]! },
        })),
    });
    await judge({ ...deps, queue: { ...deps.queue, recipients: async () => recipients } }, 'm1');
    expect(asked).toEqual(['hold 0,3', 'reject 1,4']);
    const changes = applied[0]?.change.recipients ?? [];
    expect(Object.fromEntries(changes.map((one) => [one.key.index, one.set.state]))).toEqual({
      0: 'held',
      1: 'bounced',
      2: 'pending',
      3: 'held',
      4: 'bounced',
    });
    for (const one of changes) expect(one.set.decision?.recipient).toBe(`r${one.key.index}@lab.example`);
  });

  it.each<[string, Partial<JudgeDeps>]>([
    [
      'the notice cannot be made',
      {
        decide: async () => [{ ...SEND, demand: { ...SEND.demand, disposition: 'hold' } }],
        hold: async () => {
          throw new TypeError('no such address');
        },
      },
    ],
    [
      'the DSN cannot be made',
      {
        decide: async () => [{ ...SEND, demand: { ...SEND.demand, disposition: 'reject' } }],
        reject: async () => {
          throw new TypeError('no such address');
        },
      },
    ],
  ])('holds a message when %s, so that it does not wait for ever', async (_name, over) => {
    const { deps, applied } = setup(over);
    await expect(judge(deps, 'm1')).resolves.toBe(true);
    expect(applied).toHaveLength(1);
    expect(applied[0]?.change).toMatchObject({
      decided: { messageId: 'm1', subjectShowable: false },
      recipients: [{ from: ['received'], set: { state: 'held', expiresAt: 305, decision: { order: [] } } }],
    });
    expect(applied[0]?.events.map((one) => one.type)).toEqual([
      'message.inspected',
      'recipient.decided',
      'recipient.held',
    ]);
  });

  it('holds a message when the store refuses its decisions', async () => {
    const { deps, applied } = setup();
    let refused = 0;
    const apply: JudgeDeps['queue']['apply'] = async (change, events) => {
      if (refused++ === 0) throw new ChangeRefused('applyChange: a constraint');
      return deps.queue.apply(change, events);
    };
    await judge({ ...deps, queue: { ...deps.queue, apply } }, 'm1');
    expect(applied).toHaveLength(1);
    expect(applied[0]?.change.recipients?.[0]?.set.state).toBe('held');
  });

  it('leaves a message as it is when the store fails', async () => {
    const { deps } = setup();
    let calls = 0;
    const apply = async () => {
      calls++;
      throw new StoreUnavailable('the disk is full');
    };
    await expect(judge({ ...deps, queue: { ...deps.queue, apply } }, 'm1')).rejects.toThrow(
      'the disk is full',
    );
    expect(calls).toBe(1);
  });

  it('decides nothing for recipients that a person ended first', async () => {
    const ended = { ...RECIPIENT, index: 1, address: 'doe@lab.example', state: 'ended' as const };
    const { deps, applied } = setup();
    await judge({ ...deps, queue: { ...deps.queue, recipients: async () => [RECIPIENT, ended] } }, 'm1');
    expect(applied[0]?.events.filter((one) => one.type === 'recipient.decided')).toHaveLength(1);
    await judge({ ...deps, queue: { ...deps.queue, recipients: async () => [ended] } }, 'm1');
    expect(applied[1]).toEqual({
      change: { decided: { messageId: 'm1', subjectShowable: false } },
      events: [],
    });
  });

  it('never shows a Subject where something was found or not read', async () => {
    const { deps, applied } = setup({
      inspect: async () => ({ ...READ, parts: [{ ...READ.parts[0]!, status: 'unsupported' }] }),
    });
    await judge(deps, 'm1');
    expect(applied[0]?.change.decided?.subjectShowable).toBe(false);
  });
});

describe('judge, where rules ask that the message be rewritten', () => {
  const REDACT: Decision = { ...SEND, demand: { ...SEND.demand, rewrite: { redact: ['us-ssn'] } } };
  const BODY = {
    wrappedKey: new Uint8Array(),
    size: 3,
    content: { kind: 'inline', bytes: new Uint8Array() },
  } as const;

  it('keeps the copies and what came of it with the decisions, in the same change', async () => {
    const copies = [{ copy: 'aa', body: BODY }];
    const event = { type: 'relay.stopped', data: { reason: 'x' } } as const;
    const { deps, applied } = setup({
      decide: async () => [REDACT],
      rewrite: async (_message, read, _inspection, decided) => ({
        decided: decided.map((one) => ({
          ...one,
          decision: { ...one.decision, rewritten: { copy: 'aa', places: 2 } },
        })),
        copies: (await read()).length === 4 ? copies : [],
        events: [event],
      }),
    });
    await expect(judge(deps, 'm1')).resolves.toBe(true);
    expect(applied).toHaveLength(1);
    expect(applied[0]?.events.map((one) => one.type)).toEqual([
      'message.inspected',
      'relay.stopped',
      'recipient.decided',
    ]);
    expect(applied[0]?.change).toMatchObject({
      decided: { rewritten: copies },
      recipients: [{ set: { state: 'pending', decision: { rewritten: { copy: 'aa', places: 2 } } } }],
    });
  });

  it('does nothing when the threads are gone: the message is judged again', async () => {
    const { deps, applied } = setup({
      decide: async () => [REDACT],
      rewrite: async () => {
        throw new Error('the rewriter is closed');
      },
    });
    await expect(judge(deps, 'm1')).rejects.toThrow('closed');
    expect(applied).toEqual([]);
  });

  it('asks for no copy where no rule does', async () => {
    const { deps } = setup({
      rewrite: async () => {
        throw new Error('not asked for');
      },
    });
    await expect(judge(deps, 'm1')).resolves.toBe(true);
  });
});
