import { setTimeout as delay } from 'node:timers/promises';
import type { BenchTable } from '../subject.js';
import { type Contender, startContender } from './contenders.js';
import { quietMail } from './mails.js';
import { memoryOf, watchMemory } from './processes.js';
import { openClient, type WireClient } from './wire-client.js';

const MB = 1024 * 1024;
const CLIENTS = 1000;
/** Connections that shake hands at the same time. */
const AT_ONCE = 20;
const LARGE = 50 * MB - 4096;

/** Memory of a relay that does nothing, has a thousand clients over TLS, and then a large mail. */
export async function idleTable(): Promise<BenchTable> {
  const relay = await startContender('d');
  const rows: string[][] = [];
  const note = (what: string, bytes: number, asked: string) =>
    rows.push([what, `${Math.round(bytes / MB)} MB`, asked]);
  try {
    await delay(3000);
    const idle = memoryOf([relay.pid]);
    note('nothing to do', idle, '≤ 180 MB');
    await carry(relay, 4096);
    await delay(2000);
    const worked = memoryOf([relay.pid]);
    note('after its first mail', worked, '');
    const clients = await openMany(relay);
    await delay(2000);
    note(`${CLIENTS} idle TLS connections: more`, memoryOf([relay.pid]) - worked, '≤ 80 MB');
    for (const client of clients) await client.quit();
    await delay(2000);
    const before = memoryOf([relay.pid]);
    const watch = watchMemory([relay.pid]);
    await carry(relay, LARGE);
    note('a mail of 50 MB: more', watch.stop() - before, '≤ 80 MB');
  } finally {
    await relay.close();
  }
  return {
    title: 'Memory of a relay with verified TLS in and out',
    head: ['', 'memory', 'asked'],
    rows,
    notes: ['With all its threads and children; what they share counts once.'],
  };
}

async function carry({ target, recipients, sink }: Contender, size: number): Promise<void> {
  const wanted = sink.taken() + 1;
  const client = await openClient(target);
  await client.send(recipients, quietMail(size));
  await sink.reaches(wanted);
  await client.quit();
}

async function openMany({ target }: Contender): Promise<readonly WireClient[]> {
  const clients: WireClient[] = [];
  while (clients.length < CLIENTS)
    clients.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => openClient(target)))));
  return clients;
}
