import { buffer } from 'node:stream/consumers';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import { type AuditEvent, auditEvent } from '../../../src/audit/events.js';
import { NO_DEMAND } from '../../../src/decide/lattice.js';
import type { Decision } from '../../../src/model/decision.js';
import type { Operator } from '../../../src/model/operator.js';
import { createReviewApi, type HeldContent, mayShowContent } from '../../../src/review/api.js';
import { openSqlite } from '../../../src/shared/open-sqlite.js';
import { loadMasterKey, openStore, type Store } from '../../../src/store/index.js';
import { newMessage, recipient, temporaryFolder } from '../store/fixtures.js';

vi.mock('../../../src/shared/open-sqlite.js', { spy: true });

const NOW = 1_800_000_000_000;
const clock = { now: () => NOW };
const TEXT = 'From: ward3@clinic.example\r\nSubject: made up\r\n\r\nnothing\r\n';

let store: Store;
afterEach(() => store.close());

const decision: Decision = {
  recipient: 'sam@lab.example',
  demand: { ...NO_DEMAND, disposition: 'hold', release: 'two-person' },
  protected: false,
  order: [],
  rules: [],
  considered: [{ method: 'tls', verdict: 'refused', reason: 'possible, but the message is held' }],
  tags: [],
  holdReason: 'research data leaves the house',
  policyHash: 'f00d',
  enforcement: 'enforce',
};
const INSPECTED = auditEvent('message.inspected', {
  messageId: 'm1',
  parts: [{ path: '1', mediaType: 'text/plain', status: 'read', size: 9 }],
  ambiguities: [],
  findings: [
    {
      detector: 'us-ssn',
      class: 'identifier',
      confidence: 'high',
      count: 1,
      distinct: 1,
      masked: ['***-**-0000'],
      fingerprints: ['00'],
      where: ['1'],
    },
  ],
  classifications: ['phi'],
  durationMs: 3,
});

/** A store with one held message, and the API over it. */
async function stage(events: readonly AuditEvent[] = [INSPECTED]) {
  const dataDir = temporaryFolder();
  const masterKey = loadMasterKey({ file: 'master.key' }, dataDir, { createIfMissing: true });
  const audit = { checkpointEveryEvents: 1000, checkpointEveryMs: 60_000 };
  store = await openStore({ dataDir, masterKey, clock, log: pino({ level: 'silent' }), audit });
  await store.queue.insert(
    newMessage('m1', [recipient('sam@lab.example')], { body: await store.bodies.seal(Buffer.from(TEXT)) }),
    [],
  );
  await store.queue.apply(
    {
      recipients: [
        {
          key: { messageId: 'm1', index: 0 },
          from: ['received'],
          set: { state: 'held', decision, expiresAt: NOW + 1000, lastReason: decision.holdReason ?? null },
        },
      ],
      decided: { messageId: 'm1', subjectShowable: false },
    },
    events,
  );
  const recorded: AuditEvent[] = [];
  const acts: unknown[] = [];
  const api = createReviewApi({
    dataDir,
    store: {
      ...store,
      audit: {
        record: async (some) => {
          recorded.push(...some);
          await store.audit.record(some);
        },
      },
    },
    login: {
      authenticate: async (credentials, from) => {
        acts.push(credentials, from);
        return { ok: false, refusal: 'wrong' };
      },
    },
    performAs: async (actor, name, input) => {
      acts.push([actor.name, name, input]);
      return {};
    },
    availability: async () => {
      const no = { available: false, reason: 'no' } as const;
      return { plain: no, tls: { available: true, note: 'can' }, pgp: no, smime: no, portal: no };
    },
    methodsAfterRelease: (_, availability) => (availability.tls.available ? ['tls'] : []),
  });
  return { api, recorded, acts };
}

const whole = async ({ size, stream }: HeldContent) => [size, (await buffer(stream)).toString()] as const;
const rita = { kind: 'operator', name: 'rita', roles: ['reviewer'] } as const;
const ada = { kind: 'operator', name: 'ada', roles: ['administrator', 'auditor'] } as const;

it('lists what is held, with the reason and who has approved it', async () => {
  const { api } = await stage();
  const shown = {
    messageId: 'm1',
    sender: 'ward3@clinic.example',
    recipient: 'sam@lab.example',
    reason: 'research data leaves the house',
    expiresAt: NOW + 1000,
    release: 'two-person',
  };
  const first = { offset: 0, limit: 50 };
  expect(await api.held(first)).toMatchObject({ rows: [shown], total: 1 });
  expect(await api.held({ offset: 50, limit: 50 })).toEqual({ rows: [], total: 1 });
  const approval = { operator: 'rita', method: 'tls', at: NOW } as const;
  await store.queue.apply({ approve: [{ messageId: 'm1', index: 0, ...approval }] }, []);
  expect(await api.held(first)).toMatchObject({ rows: [{ ...shown, approval }] });
});

it('opens no file of the log anew for each look: what belongs to one stays in memory', async () => {
  const { api } = await stage();
  const shown = await api.message('m1');
  vi.mocked(openSqlite).mockClear();
  for (let i = 0; i < 20; i++) expect(await api.message('m1')).toEqual(shown);
  expect(openSqlite).not.toHaveBeenCalled();
});

it('shows findings by their masked forms, and what it could be released by', async () => {
  const { api } = await stage();
  const shown = await api.message('m1');
  expect(shown).toMatchObject({
    identity: 'ward3',
    size: TEXT.length,
    inspection: {
      findings: [{ detector: 'us-ssn', masked: ['***-**-0000'] }],
      classifications: ['phi'],
      parts: [{ path: '1', status: 'read' }],
    },
    recipients: [{ recipient: 'sam@lab.example', methods: ['tls'], decision: { policyHash: 'f00d' } }],
  });
  expect(JSON.stringify(shown)).not.toContain('made up');
  expect(await api.message('m2')).toBeUndefined();
});

it('goes on without an inspection on record', async () => {
  const { api } = await stage([auditEvent('relay.stopped', { reason: 'made up' })]);
  expect((await api.message('m1'))?.inspection).toBeUndefined();
});

it('shows content to reviewers alone, and the look is on record before it is given', async () => {
  const { api, recorded } = await stage();
  expect([mayShowContent(rita.roles), mayShowContent(ada.roles), mayShowContent([])]).toEqual([
    true,
    false,
    false,
  ]);
  await expect(api.content(ada, 'm1', '192.0.2.7', whole)).rejects.toThrow('only reviewers');
  expect(recorded).toMatchObject([{ type: 'operator.refused', data: { actor: 'ada', act: 'held content' } }]);
  const [size, text] = await api.content(rita, 'm1', '192.0.2.7', async (content) => {
    const read = await whole(content);
    expect(recorded).toHaveLength(1);
    return read;
  });
  expect(recorded.at(-1)).toEqual({
    type: 'held.content-viewed',
    data: { messageId: 'm1', actor: 'rita', clientAddress: '192.0.2.7' },
  });
  expect([size, text]).toEqual([TEXT.length, TEXT]);
  await expect(api.content(rita, 'm2', '192.0.2.7', whole)).rejects.toThrow('is held any more');
  // What can't be rendered wasn't looked at.
  const broken = api.content(rita, 'm1', '192.0.2.7', async () => {
    throw new Error('made up');
  });
  await expect(broken).rejects.toThrow('made up');
  expect(recorded).toHaveLength(2);
  const decided = api.content(rita, 'm1', '192.0.2.7', async (content) => {
    const read = await whole(content);
    await store.queue.apply(
      {
        recipients: [
          { key: { messageId: 'm1', index: 0 }, from: ['held'], set: { state: 'ended', expiresAt: null } },
        ],
      },
      [],
    );
    return read;
  });
  await expect(decided).rejects.toThrow('is held any more');
  await expect(api.content(rita, 'm1', '192.0.2.7', whole)).rejects.toThrow('is held any more');
  expect(recorded).toHaveLength(2);
});

it('acts in the operator’s name by the acts of the command line, and logs in with all three', async () => {
  const { api, acts } = await stage();
  await api.release(rita, { id: 'm1', method: 'tls', reason: 'asked by telephone' });
  await api.reject(rita, { id: 'm1', reason: 'no' });
  await api.redecide(rita, { id: 'm1' });
  const client = { address: '192.0.2.7', network: '192.0.2.0/24' };
  await api.logIn({ name: 'rita', token: ' sallyport-x\n', code: '123456' }, client);
  expect(acts).toEqual([
    ['rita', 'held release', { id: 'm1', method: 'tls', reason: 'asked by telephone' }],
    ['rita', 'held reject', { id: 'm1', reason: 'no' }],
    ['rita', 'held redecide', { id: 'm1' }],
    { operator: 'rita', token: 'sallyport-x', code: '123456' },
    { clientKey: client.network, clientAddress: client.address, secondFactor: 'always', remember: false },
  ]);
});

it('ends the session of an operator who was changed or disabled since', async () => {
  const { api } = await stage();
  const row: Operator = {
    name: 'rita',
    roles: ['reviewer'],
    tokenHash: '$made-up',
    totpStep: 0,
    failures: 0,
    disabled: false,
    createdAt: NOW,
    changedAt: NOW,
  };
  await store.operators.put(row, undefined, []);
  expect(await api.operatorNow('rita', NOW)).toEqual({ ...rita, asOf: NOW });
  expect(await api.operatorNow('rita', NOW - 1)).toBeUndefined();
  expect(await api.operatorNow('rob', NOW)).toBeUndefined();
  await store.operators.put({ ...row, disabled: true }, row, []);
  expect(await api.operatorNow('rita', NOW)).toBeUndefined();
});
