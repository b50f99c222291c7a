import { Readable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { NO_DEMAND } from '../../src/decide/lattice.js';
import type { PolicySet } from '../../src/decide/policy-set.js';
import { NO_SETTINGS } from '../../src/inspect/detect/settings.js';
import { createJudging, type JudgedBy } from '../../src/judging.js';
import { METHODS } from '../../src/model/method.js';
import { unreadInspection } from '../../src/model/unread-inspection.js';
import { createMetrics } from '../../src/ops/metrics.js';
import { createMemoryStore } from '../support/memory-store.js';
import { loadedConfig, tableResolver } from './deliver/harness.js';

/** A policy under which everything may go plain, or nothing may. */
function policy(hash: string, isProtected: boolean): PolicySet {
  return {
    prefer: ['smime', 'pgp', 'tls', 'portal'],
    preferByDomain: new Map(),
    detectors: [],
    keySources: ['imported'],
    keySourcesByDomain: new Map(),
    rules: isProtected
      ? [
          {
            id: 'all',
            at: 'a.yaml:1',
            when: { kind: 'always' },
            unless: [],
            demand: { ...NO_DEMAND, methods: METHODS.filter((one) => one !== 'plain'), tls: 'verified' },
            demands: [],
            tags: [],
            legacyDisplay: false,
            notices: [],
          },
        ]
      : [],
    hash,
  };
}

/** Of smaller ones more are in memory than a thread looks at now and next. */
const LARGE = Buffer.alloc(1_100_000, 'a');

/** Judging with one thread, which is inspecting for as long as nobody ends it. */
async function setup(ids: readonly string[]) {
  const loaded = loadedConfig({ port: 25, resolver: tableResolver({}) });
  let inForce: JudgedBy = { loaded, policy: policy('old', false), detection: NO_SETTINGS };
  const store = createMemoryStore();
  for (const id of ids)
    await store.queue.insert(
      {
        message: {
          id,
          origin: 'submitted',
          receivedAt: 1,
          identity: 'clinic',
          sender: 'ward@clinic.example',
          headerMessageId: `<${id}@clinic.example>`,
          smtpUtf8: false,
          eightBitMime: false,
          dsn: {},
          listener: 'submission',
          clientAddress: '127.0.0.1',
          body: {
            wrappedKey: new Uint8Array(),
            size: LARGE.length,
            content: { kind: 'inline', bytes: new Uint8Array() },
          },
        },
        recipients: [{ address: `${id}@lab.example`, domain: 'lab.example' }],
      },
      [],
    );
  const ends: (() => void)[] = [];
  const judging = createJudging({
    inForce: () => inForce,
    store: {
      queue: store.queue,
      bodies: {
        ...store.bodies,
        // Whoever reads it may give its memory away.
        open: () => Readable.from([Buffer.from(LARGE)]),
        keepFiles: () => async () => undefined,
      },
    },
    fresh: () => undefined,
    onlyQueued: () => undefined,
    promiseAttempt: () => undefined,
    recall: async () => false,
    inspector: {
      inspect: () => Promise.reject(new Error('no images here')),
      protection: () => Promise.reject(new Error('it is read whole')),
      inspectQuickly: () => {
        return new Promise((done) => ends.push(() => done({ ...unreadInspection('crashed', 4) })));
      },
    },
    rewriter: {
      rewrite: () => Promise.reject(new Error('nothing is rewritten')),
      close: async () => undefined,
    },
    workers: 1,
    ocrWorkers: 1,
    availability: () => {
      const available = { available: true, note: '' } as const;
      return { plain: available, tls: available, portal: available, pgp: available, smime: available };
    },
    findKeys: () => Promise.reject(new Error('no keys are asked for')),
    fingerprintKey: new Uint8Array(32),
    clock: { now: () => 5 },
    log: pino({ level: 'silent' }),
    metrics: createMetrics(),
  });
  return {
    store,
    judge: (id: string) => judging(id, 'quick'),
    tighten: () => {
      inForce = { loaded, policy: policy('new', true), detection: NO_SETTINGS };
    },
    /** Ends the oldest inspection, once one is under way. */
    async endOne() {
      await expect.poll(() => ends.length).toBeGreaterThan(0);
      ends.shift()?.();
    },
    underWay: () => ends.length,
  };
}

const FOUR = ['m0', 'm1', 'm2', 'm3'];

describe('judging', () => {
  it('decides what waited for its turn by the policy that is in force when it is looked at', async () => {
    const { store, judge, endOne, tighten, underWay } = await setup(FOUR);
    const judged = FOUR.map(judge);
    await expect.poll(underWay).toBe(2);
    tighten();
    for (const _ of FOUR) await endOne();
    await Promise.all(judged);
    const decisions = FOUR.map((id) => store.recipient(id).decision);
    // One policy for inspection and decision of a message: those that were being looked at keep theirs.
    expect(decisions.map((one) => one?.policyHash)).toEqual(['old', 'old', 'new', 'new']);
    expect(decisions.map((one) => one?.protected)).toEqual([false, false, true, true]);
  });
});
