// Inserts messages until it is killed, and prints the ID of each one that the store acknowledged.
import { pino } from 'pino';
import { loadMasterKey, openStore } from '../../../dist/store/index.js';
import { acceptedEvent, newMessage } from '../../support/stored-message.mjs';

const dataDir = process.argv[2];
const masterKey = loadMasterKey({ file: 'master.key' }, dataDir, { createIfMissing: true });
const store = await openStore({
  dataDir,
  masterKey,
  clock: { now: () => Date.now() },
  log: pino({ level: 'silent' }),
  audit: { checkpointEveryEvents: 50, checkpointEveryMs: 1000 },
});

async function insert(lane, count) {
  const id = `${lane}-${String(count).padStart(6, '0')}`;
  // Every third one is large enough for a file of its own.
  const body = await store.bodies.seal(Buffer.alloc(count % 3 === 0 ? 100_000 : 1000, id));
  const input = newMessage(id, body);
  await store.queue.insert(input, [acceptedEvent(input)]);
  process.stdout.write(`${id}\n`);
}

async function lane(name) {
  for (let count = 0; ; count++) await insert(name, count);
}
await Promise.all(['a', 'b', 'c', 'd'].map(lane));
