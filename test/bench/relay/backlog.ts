import { pino } from 'pino';
import { auditEvent } from '../../../src/audit/events.js';
import { loadConfig } from '../../../src/config/load.js';
import { systemDecision } from '../../../src/model/system-decision.js';
import { newId } from '../../../src/shared/ids.js';
import { loadMasterKey, openStore } from '../../../src/store/index.js';
import type { Store } from '../../../src/store/ports.js';
import type { RelayHome } from '../../support/relay-process.js';
import { figure, median } from '../compare.js';
import type { BenchTable } from '../subject.js';
import type { RelayChoices } from './choices.js';
import { type Contender, startContender } from './contenders.js';
import { quietMail } from './mails.js';
import { type Run, runOnce } from './throughput.js';

const DEFERRED = 200_000;
const DOMAINS = 2000;
/** Rows that are written together. */
const BATCH = 2000;
const HOUR = 3_600_000;
const SETTING = { size: 4096, connections: 10, connect: 'reused' } as const;

/** The relay as shipped with an empty queue and with one full of mail that waits for its next attempt, in turn. */
export async function backlogTable(choices: RelayChoices, rounds: number): Promise<BenchTable> {
  const open: Contender[] = [];
  try {
    const empty = await startContender('c');
    open.push(empty);
    const full = await startContender('c', { prepare: fill });
    open.push(full);
    const runs = new Map<Contender, Run[]>(open.map((one) => [one, []]));
    for (let round = -1; round < rounds; round++)
      for (const [one, done] of runs) {
        const run = await runOnce(one, SETTING, choices);
        if (round >= 0) done.push(run);
      }
    const row = (what: string, one: Contender) => {
      const done = runs.get(one) ?? [];
      const rate = (run: Run) => run.messages / run.seconds;
      const cpu = (run: Run) => (run.cpu / run.messages) * 1000;
      const ratio = (of: (run: Run) => number) =>
        one === empty
          ? ''
          : median(done.map((run, i) => of(run) / of(runs.get(empty)?.[i] ?? run))).toFixed(2);
      return [
        what,
        one.startSeconds.toFixed(1),
        figure(median(done.map(rate))),
        ratio(rate),
        figure(median(done.map(cpu))),
        ratio(cpu),
        String(Math.round(median(done.map((run) => run.memory)) / 1024 ** 2)),
        one === empty ? '' : 'start < 5 s, ≥ 0.9',
      ];
    };
    return {
      title: `A queue of ${DEFERRED} deferred messages: start, and new mail (4 KB × 10)`,
      head: [
        'queue',
        'start s',
        'messages/s',
        'times empty',
        'CPU s/1000',
        'times empty',
        'peak MB',
        'asked',
      ],
      rows: [row('empty', empty), row(`${DEFERRED} deferred`, full)],
      notes: [
        `The rows are for ${DOMAINS} domains, and due hours later: no attempt at them falls into the run.`,
      ],
    };
  } finally {
    for (const one of open) await one.close();
  }
}

/** Writes the rows that a relay would have, by the store's own code, before it is started. */
async function fill({ configFile }: RelayHome): Promise<void> {
  const { config, dataDir } = await loadConfig(configFile);
  const masterKey = loadMasterKey(config.master_key, dataDir, { createIfMissing: true });
  const store = await openStore({
    dataDir,
    masterKey,
    clock: { now: Date.now },
    log: pino({ level: 'silent' }),
    audit: { checkpointEveryEvents: 1_000_000, checkpointEveryMs: 24 * HOUR },
  });
  try {
    const content = quietMail(1024);
    for (let from = 0; from < DEFERRED; from += BATCH)
      await Promise.all(Array.from({ length: BATCH }, (_, i) => defer(store, content, from + i)));
  } finally {
    await store.close();
  }
}

async function defer(store: Store, content: Uint8Array, n: number): Promise<void> {
  const now = Date.now();
  const id = newId(now);
  const domain = `d${n % DOMAINS}.away.example`;
  const address = `r${n}@${domain}`;
  const facts = {
    identity: 'ehr',
    sender: 'ward@clinic.example',
    listener: 'connector',
    clientAddress: '127.0.0.1',
    headerMessageId: `<${id}@clinic.example>`,
  };
  await store.queue.insert(
    {
      message: {
        ...facts,
        id,
        origin: 'submitted',
        receivedAt: now,
        smtpUtf8: false,
        eightBitMime: false,
        dsn: {},
        body: await store.bodies.seal(content),
      },
      recipients: [
        {
          address,
          domain,
          queued: {
            decision: systemDecision(address),
            method: 'plain',
            nextAttemptAt: now + 2 * HOUR + ((n * 7919) % (2 * HOUR)),
            expiresAt: now + 96 * HOUR,
          },
        },
      ],
    },
    [
      auditEvent('message.accepted', {
        ...facts,
        messageId: id,
        recipients: [address],
        size: content.length,
      }),
    ],
  );
}
