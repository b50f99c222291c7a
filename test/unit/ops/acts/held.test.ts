import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { createActContext } from '../../../../src/act-context.js';
import { parseConfig } from '../../../../src/config/load.js';
import { NO_DEMAND } from '../../../../src/decide/lattice.js';
import type { Decision } from '../../../../src/model/decision.js';
import { performAct } from '../../../../src/ops/acts/index.js';
import { createInTurn } from '../../../../src/shared/in-turn.js';
import { loadMasterKey, openStore, type Store } from '../../../../src/store/index.js';
import { newMessage, recipient, temporaryFolder } from '../../store/fixtures.js';

const NOW = 1_800_000_000_000;
const clock = { now: () => NOW };

let store: Store;
afterEach(() => store.close());

const decision: Decision = {
  recipient: 'sam@lab.example',
  demand: { ...NO_DEMAND, methods: ['tls', 'portal'], tls: 'verified', disposition: 'hold' },
  protected: true,
  order: [],
  rules: [],
  considered: [{ method: 'tls', verdict: 'refused', reason: 'possible, but the message is held' }],
  tags: [],
  holdReason: 'figures',
  policyHash: 'f00d',
  enforcement: 'enforce',
};

function never(): never {
  throw new Error('not needed here');
}

/** A message of the stream `bulk` that is held, and the act of releasing it by TLS. */
async function stage(delivery: string) {
  const dataDir = temporaryFolder();
  const masterKey = loadMasterKey({ file: 'master.key' }, dataDir, { createIfMissing: true });
  const audit = { checkpointEveryEvents: 1000, checkpointEveryMs: 60_000 };
  store = await openStore({ dataDir, masterKey, clock, log: pino({ level: 'silent' }), audit });
  await store.queue.insert(newMessage('m1', [recipient('sam@lab.example')], { stream: 'bulk' }), []);
  await store.queue.apply(
    {
      recipients: [
        {
          key: { messageId: 'm1', index: 0 },
          from: ['received'],
          set: { state: 'held', decision, expiresAt: NOW + 1000, lastReason: 'figures' },
        },
      ],
      decided: { messageId: 'm1', subjectShowable: false },
    },
    [],
  );
  const config = parseConfig(
    [
      'hostname: relay.clinic.example',
      'organisation: { name: Clinic, domains: [clinic.example], postmaster: postmaster@clinic.example }',
      'listeners: [{ name: submission, address: "127.0.0.1:2587", mode: submission, accounts: true }]',
      `delivery: ${delivery}`,
    ].join('\n'),
    'config.yaml',
  );
  const loaded = {
    config,
    file: 'config.yaml',
    dataDir,
    policyDir: '',
    hash: '',
    path: (name: string) => name,
  };
  const context = createActContext(
    { loaded: () => loaded, masterKey, totp: { enrol: never }, portalTurns: createInTurn() },
    {
      store,
      clock,
      relayStopped: true,
      wake: () => undefined,
      decideAgain: never,
      findKeys: async () => ({ openpgp: { usable: [], refused: [] }, x509: { usable: [], refused: [] } }),
      judgeKey: never,
      rostersChanged: never,
      rotateMaster: never,
      makeBackup: never,
    },
  );
  const actor = { kind: 'operator', name: 'rita', roles: ['reviewer'] } as const;
  return () => performAct({ ...context, actor }, 'held release', { id: 'm1', method: 'tls' });
}

describe('a release by TLS goes by the route of the message’s stream', () => {
  it('is refused where that is a smarthost without a promise of TLS onward', async () => {
    const release = await stage(
      '{ routes: [{ name: mailer, host: mailer.example }], streams: [{ name: bulk, route: mailer }] }',
    );
    await expect(release()).rejects.toThrow('tls is not allowed; allowed: none');
    expect(await store.queue.recipients('m1')).toMatchObject([{ state: 'held' }]);
  });

  it('is done where that promises it, though the route of all others does not', async () => {
    const promised = 'onward_tls: guaranteed, onward_tls_owner: contract 2026-17';
    const release = await stage(
      `{ routes: [{ name: others, domains: ['*'], host: out.example }, { name: mailer, host: mailer.example, ${promised} }], streams: [{ name: bulk, route: mailer }] }`,
    );
    await expect(release()).resolves.toEqual({ released: 1, approved: 0 });
    expect(await store.queue.recipients('m1')).toMatchObject([{ state: 'pending', method: 'tls' }]);
  });
});
