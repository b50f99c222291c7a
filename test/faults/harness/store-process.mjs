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

const address = 'ada@hospital.example';

async function insert(id, eventsOf) {
  const body = await store.bodies.seal(Buffer.alloc(3000, id));
  const message = {
    id,
    origin: 'submitted',
    receivedAt: Date.now(),
    identity: 'ward3',
    sender: 'ward3@clinic.example',
    headerMessageId: `<${id}@clinic.example>`,
    smtpUtf8: false,
    eightBitMime: false,
    dsn: {},
    listener: 'submission',
    clientAddress: '127.0.0.1',
    body,
  };
  const recipients = [{ address, domain: 'hospital.example' }];
  await asked('stored', id, () => store.queue.insert({ message, recipients }, eventsOf(message)));
}

const accepted = ({ id, identity, listener, clientAddress, sender, body, headerMessageId }) => [
  {
    type: 'message.accepted',
    data: {
      messageId: id,
      identity,
      listener,
      clientAddress,
      sender,
      recipients: [address],
      size: body.size,
      headerMessageId,
    },
  },
];

async function journey(id) {
  const about = { messageId: id };
  await insert(id, accepted);
  await asked('begun', id, () => store.queue.beginInspection(id));
  await asked('ended', id, () =>
    store.queue.apply(
      {
        recipients: [{ key: { messageId: id, index: 0 }, from: ['received'], set: { state: 'ended' } }],
        decided: { messageId: id, subjectShowable: false },
      },
      [{ type: 'recipient.ended', data: { ...about, recipient: address, actor: 'ada', reason: 'test' } }],
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
