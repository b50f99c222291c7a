/*
 * A store with much to do, until it is killed: messages are stored, ended and their content destroyed, twenty at a time. Says
 * in lines of JSON what was answered. `node store-process.mjs DATA_DIR`; lines to it: `prune` has a legal hold removed and, in
 * the same moment, the audit log pruned of the month that it covers; `unlogged` has messages stored beside the others that need
 * no sync of the log, so that many wait for the queue's; `die MS` has it killed in so many milliseconds, so that the moment
 * doesn't hang on what was answered last.
 */
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { loadMasterKey, openStore } from '../../../dist/store/index.js';
import { acceptedEvent, newMessage, RECIPIENT } from '../../support/stored-message.mjs';

const dataDir = process.argv[2] ?? '';
const masterKey = loadMasterKey({ file: 'master.key' }, dataDir, { createIfMissing: true });
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
const open = (now) =>
  openStore({
    dataDir,
    masterKey,
    clock: { now },
    log: pino({ level: 'silent' }),
    audit: { checkpointEveryEvents: 300, checkpointEveryMs: 60_000 },
  });

// A month that can be pruned, but for the hold.
const LONG_AGO = Date.UTC(2020, 0, 15);
const early = await open(() => LONG_AGO);
await early.legalHolds.add({ name: 'trial', reason: 'trial', actor: 'ada', createdAt: LONG_AGO }, [
  { type: 'legal-hold.added', data: { actor: 'ada', name: 'trial', reason: 'trial' } },
]);
await early.close();

const store = await open(() => Date.now());
let stopped = false;
void store.failed.then((error) => {
  stopped = true;
  say({ failed: error.message });
});

async function asked(what, id, work) {
  try {
    say({ [what]: id, gave: await work() });
  } catch (error) {
    say({ [`not ${what}`]: id, why: error.message });
  }
}

async function insert(id, eventsOf) {
  const input = newMessage(id, await store.bodies.seal(Buffer.alloc(3000, id)));
  await asked('stored', id, () => store.queue.insert(input, eventsOf(input)));
}

async function journey(id) {
  const about = { messageId: id };
  await insert(id, (input) => [acceptedEvent(input)]);
  await asked('begun', id, () => store.queue.beginInspection(id));
  await asked('ended', id, () =>
    store.queue.apply(
      {
        recipients: [{ key: { messageId: id, index: 0 }, from: ['received'], set: { state: 'ended' } }],
        decided: { messageId: id, subjectShowable: false },
      },
      [
        {
          type: 'recipient.ended',
          data: { ...about, recipient: RECIPIENT.address, actor: 'ada', reason: 'test' },
        },
      ],
    ),
  );
}

async function unlogged() {
  for (let n = 0; !stopped; n++) {
    void insert(`unlogged-${n}`, () => []);
    await delay(2);
  }
}

async function lane(name) {
  for (let n = 0; !stopped; n++) await journey(`${name}-${n}`);
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line.startsWith('die ')) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(line.slice(4)));
  if (line === 'unlogged') void unlogged();
  if (line !== 'prune') return;
  void asked('unheld', 'trial', () =>
    store.legalHolds.remove('trial', [
      { type: 'legal-hold.removed', data: { actor: 'ada', name: 'trial', reason: 'over' } },
    ]),
  );
  void asked('pruned', 'trial', () => store.pruneAudit({ retention: 12, actor: 'ada', most: 5 }));
});
say({ ready: true });
await Promise.all(Array.from({ length: 20 }, (_, i) => lane(`lane${i}`)));
