import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/audit/events.js';
import type { Call } from '../../../src/store/operations/index.js';
import type { RelayDb } from '../../../src/store/relay-db.js';
import {
  type AuditAppender,
  createWriterCore,
  type WriterAnswer,
  type WriterRequest,
} from '../../../src/store/writer-core.js';
import { accepted, newMessage, recipient, temporaryDb } from './fixtures.js';

type Step = 'begin' | 'append' | 'commit' | 'rollback' | 'checkpoint';

/** An audit log in memory that notes what it is asked, beside the commits of relay.db. */
function fakeAudit(steps: string[], failing: { step?: Step; error?: Error }) {
  let open: AuditEvent[] = [];
  const committed: AuditEvent[] = [];
  const does = (step: Step, work: () => void) => () => {
    steps.push(`audit ${step}`);
    if (failing.step === step) throw failing.error ?? new Error('injected');
    work();
  };
  const audit: AuditAppender = {
    begin: does('begin', () => {
      open = [];
    }),
    append: (event) => does('append', () => open.push(event))(),
    commit: does('commit', () => committed.push(...open.splice(0))),
    rollback: does('rollback', () => {
      open = [];
    }),
    checkpointIfDue: does('checkpoint', () => undefined),
  };
  return { audit, committed };
}

function sqliteError(code: string): Error {
  return Object.assign(new Error(`injected ${code}`), { code });
}

function setUp(failing: { step?: Step; error?: Error; exec?: string; execError?: Error } = {}) {
  const real = temporaryDb();
  const steps: string[] = [];
  const db: RelayDb = {
    ...real,
    run(sql, ...values) {
      if (/^(?:BEGIN|COMMIT|ROLLBACK$)/.test(sql)) steps.push(`relay ${sql}`);
      if (sql === failing.exec) throw failing.execError ?? sqliteError('SQLITE_IOERR_FSYNC');
      return real.run(sql, ...values);
    },
  };
  const { audit, committed } = fakeAudit(steps, failing);
  const core = createWriterCore(db, audit);
  let id = 0;
  const request = (call: Call, events: readonly AuditEvent[] = []): WriterRequest => ({
    id: ++id,
    call,
    events,
    at: 1,
  });
  const insert = (message: string) =>
    request({ name: 'insertMessage', input: newMessage(message) }, [accepted(message)]);
  const stored = () => real.all<{ id: string }>('SELECT id FROM messages ORDER BY id').map((row) => row.id);
  return { core, steps, committed, request, insert, stored, failing, db };
}

const outcomes = (answers: readonly WriterAnswer[]) => answers.map((one) => (one.ok ? 'ok' : one.why));

describe('group commit', () => {
  it('commits many requests at once, the audit log before relay.db', () => {
    const { core, steps, insert, stored, committed } = setUp();
    expect(outcomes(core.runBatch([insert('m1'), insert('m2'), insert('m3')]))).toEqual(['ok', 'ok', 'ok']);
    expect(steps).toEqual([
      'relay BEGIN IMMEDIATE',
      'audit begin',
      'audit append',
      'audit append',
      'audit append',
      'audit commit',
      'relay COMMIT',
    ]);
    expect(stored()).toEqual(['m1', 'm2', 'm3']);
    expect(committed).toHaveLength(3);
  });

  it('reads without a transaction when nothing is written', () => {
    const { core, steps, request } = setUp();
    const [answer] = core.runBatch([request({ name: 'nextDueAt', input: null })]);
    expect(answer).toMatchObject({ ok: true, value: undefined });
    expect(steps).toEqual([]);
  });

  it('lets a read see the writes asked for before it', () => {
    const { core, insert, request } = setUp();
    const answers = core.runBatch([insert('m1'), request({ name: 'undecided', input: 10 })]);
    expect(answers[1]).toMatchObject({ ok: true, value: [{ id: 'm1', stream: 'default' }] });
  });

  it('leaves the audit log alone when there are no events', () => {
    const { core, steps, request } = setUp();
    core.runBatch([request({ name: 'insertMessage', input: newMessage('m1') })]);
    expect(steps).toEqual(['relay BEGIN IMMEDIATE', 'relay COMMIT']);
  });
});

describe('a request that is refused', () => {
  it('spoils nobody else, and leaves no row and no event', () => {
    const { core, insert, stored, committed, request } = setUp();
    core.runBatch([insert('m1')]);
    const answers = core.runBatch([
      insert('m2'),
      insert('m1'), // exists already
      request({ name: 'insertMessage', input: newMessage('m3', []) }, [accepted('m3')]),
      insert('m4'),
    ]);
    expect(outcomes(answers)).toEqual(['ok', 'refused', 'refused', 'ok']);
    expect(stored()).toEqual(['m1', 'm2', 'm4']);
    expect(committed.map((event) => 'messageId' in event.data && event.data.messageId)).toEqual([
      'm1',
      'm2',
      'm4',
    ]);
    expect(core.failure()).toBeUndefined();
  });

  it('has the others done once each, with one event each, though all are done anew', () => {
    const { core, insert, committed, request, steps, db } = setUp();
    core.runBatch([insert('m0')]);
    steps.length = 0;
    const attempt = () => request({ name: 'beginInspection', input: 'm0' });
    const answers = core.runBatch([attempt(), insert('m1'), insert('m0'), attempt(), insert('m2')]);
    expect(outcomes(answers)).toEqual(['ok', 'ok', 'refused', 'ok', 'ok']);
    expect(answers.filter((one) => one.ok).map((one) => one.ok && one.value)).toEqual([1, null, 2, null]);
    expect(db.all('SELECT inspect_attempts AS n FROM messages WHERE id = ?', 'm0')).toEqual([{ n: 2 }]);
    expect(committed).toHaveLength(3);
    expect(steps.filter((step) => step.startsWith('relay'))).toEqual([
      'relay BEGIN IMMEDIATE',
      'relay ROLLBACK',
      'relay BEGIN IMMEDIATE',
      'relay COMMIT',
    ]);
  });

  it('ends the store when what was done cannot be undone', () => {
    const { core, insert, stored, committed } = setUp({ exec: 'ROLLBACK' });
    core.runBatch([insert('m1')]);
    expect(outcomes(core.runBatch([insert('m2'), insert('m1')]))).toEqual(['unavailable', 'unavailable']);
    expect(core.failure()?.message).toContain('SQLITE_IOERR_FSYNC');
    expect(committed).toHaveLength(1);
    expect(stored()).not.toContain('m3');
  });

  it('is undone as a whole', () => {
    const { core, request, stored, db } = setUp();
    const twice = newMessage('m1', [recipient('ada@hospital.example'), recipient('bo@hospital.example')]);
    const broken = { ...twice, message: { ...twice.message, body: { ...twice.message.body, size: 0.5 } } };
    const answers = core.runBatch([request({ name: 'insertMessage', input: broken }, [accepted('m1')])]);
    expect(outcomes(answers)).toEqual(['refused']);
    expect(stored()).toEqual([]);
    expect(db.all('SELECT * FROM recipients')).toEqual([]);
  });

  it('is refused for an event that has no JSON form, before the log is touched', () => {
    const { core, insert, stored, request } = setUp();
    const bad = accepted('m1');
    if (bad.type !== 'message.accepted') throw new Error('unreachable');
    const unfit = { ...bad, data: { ...bad.data, size: Number.NaN } };
    const answers = core.runBatch([
      request({ name: 'insertMessage', input: newMessage('m1') }, [unfit]),
      insert('m2'),
    ]);
    expect(outcomes(answers)).toEqual(['refused', 'ok']);
    expect(stored()).toEqual(['m2']);
  });

  it('records no event of an act that found nothing to do', () => {
    const { core, request, committed } = setUp();
    const [answer] = core.runBatch([
      request({ name: 'resetTls', input: 'unknown.example' }, [
        { type: 'tls-memory.reset', data: { actor: 'ada', domain: 'unknown.example' } },
      ]),
    ]);
    expect(answer).toMatchObject({ ok: true, value: false });
    expect(committed).toEqual([]);
  });
});

describe('a failure for all', () => {
  const io = sqliteError('SQLITE_IOERR_WRITE');
  it.each<{ what: string; step: Step; error: Error; fatal: boolean }>([
    { what: 'the audit log cannot begin', step: 'begin', error: new Error('it is broken'), fatal: true },
    { what: 'the audit log is locked', step: 'begin', error: sqliteError('SQLITE_BUSY'), fatal: false },
    { what: 'an append fails on the disk', step: 'append', error: io, fatal: true },
    { what: 'an append fails otherwise', step: 'append', error: new Error('unfit'), fatal: false },
    { what: 'the audit commit fails', step: 'commit', error: io, fatal: true },
    { what: 'the audit commit fails oddly', step: 'commit', error: new Error('odd'), fatal: true },
  ])('$what: nothing of the batch is written', ({ step, error, fatal }) => {
    const { core, insert, stored, committed, failing } = setUp({ step, error });
    expect(outcomes(core.runBatch([insert('m1'), insert('m2')]))).toEqual(['unavailable', 'unavailable']);
    expect(stored()).toEqual([]);
    expect(committed).toEqual([]);
    expect(core.failure() !== undefined).toBe(fatal);
    delete failing.step;
    expect(outcomes(core.runBatch([insert('m3')]))).toEqual([fatal ? 'unavailable' : 'ok']);
  });

  it.each(['SQLITE_IOERR_FSYNC', 'SQLITE_FULL', 'SQLITE_CORRUPT'])(
    'relay.db cannot commit (%s): the events stay, the act does not count, and nothing is tried again',
    (code) => {
      const { core, insert, stored, committed, failing, steps } = setUp({
        exec: 'COMMIT',
        execError: sqliteError(code),
      });
      expect(outcomes(core.runBatch([insert('m1')]))).toEqual(['unavailable']);
      expect(core.failure()?.message).toContain(code);
      expect(committed).toHaveLength(1);
      expect(stored()).toEqual([]);
      delete failing.exec;
      steps.length = 0;
      expect(outcomes(core.runBatch([insert('m2')]))).toEqual(['unavailable']);
      expect(core.truncateWal()).toBe(false);
      core.checkpointIfDue();
      expect(steps).toEqual([]);
    },
  );

  it('a checkpoint that cannot be written ends it too', () => {
    const { core } = setUp({ step: 'checkpoint' });
    core.checkpointIfDue();
    expect(core.failure()?.message).toBe('injected (in the audit log)');
  });
});
