import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { judge } from '../../../../src/decide/judge.js';
import { type ActContext, performAct } from '../../../../src/ops/acts/index.js';
import { createMetrics } from '../../../../src/ops/metrics.js';
import { loadMasterKey, openStore, type Store } from '../../../../src/store/index.js';
import { accepted, newMessage, recipient, temporaryFolder } from '../../store/fixtures.js';

let store: Store;
afterEach(() => store.close());

const clock = { now: () => 1_800_000_000_000 };
const log = pino({ level: 'silent' });

function never(): never {
  throw new Error('not needed here');
}

it('lets a person end a message that was not decided yet; then nothing is inspected, decided or sent', async () => {
  const dataDir = temporaryFolder();
  const masterKey = loadMasterKey({ file: 'master.key' }, dataDir, { createIfMissing: true });
  const audit = { checkpointEveryEvents: 1000, checkpointEveryMs: 60_000 };
  store = await openStore({ dataDir, masterKey, clock, log, audit });
  await store.queue.insert(
    newMessage('m1', [recipient('ada@hospital.example'), recipient('bob@lab.example')], {
      body: await store.bodies.seal(Buffer.from('text')),
    }),
    [accepted('m1')],
  );
  const context: ActContext = {
    get loaded() {
      return never();
    },
    store,
    clock,
    actor: { kind: 'operator', name: 'ada', roles: ['administrator'] },
    wake: () => undefined,
    decideAgain: never,
    relayStopped: false,
    enrolTotp: never,
    availability: never,
    findKeys: never,
    judgeKey: never,
    sealSecret: never,
    methodsAfterRelease: never,
    bounce: never,
    revokeItem: never,
    portalOperations: { extend: never, resend: never, resetAccount: never },
    unlockRecipient: never,
    checkRoster: never,
    rostersChanged: never,
    makeBackup: never,
    rotateMaster: never,
  };
  await expect(performAct(context, 'queue cancel', { id: 'm1', reason: 'sent by mistake' })).resolves.toEqual(
    {
      ended: 2,
    },
  );
  expect((await store.queue.recipients('m1')).map((one) => one.state)).toEqual(['ended', 'ended']);
  await expect(performAct(context, 'queue cancel', { id: 'm1', reason: 'again' })).rejects.toThrow('ended');

  const deps = {
    queue: store.queue,
    bodies: store.bodies,
    inspect: never,
    decide: never,
    rewrite: never,
    contentNotRead: false,
    fresh: () => undefined,
    onlyQueued: () => undefined,
    promiseAttempt: () => undefined,
    recall: async () => false,
    inMemory: never,
    fingerprintSubject: never,
    hold: never,
    reject: never,
    policyHash: never,
    lifetime: never,
    holdLifetime: never,
    clock,
    log,
    metrics: createMetrics(),
  };
  await expect(judge(deps, 'm1')).resolves.toBe(true);
  expect(await store.queue.undecided(10)).toEqual([]);
  expect(await store.queue.finished(10)).toEqual(['m1']);
});
