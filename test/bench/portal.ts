import { Agent as HttpsAgent, request } from 'node:https';
import { createGate } from '../../src/web/gate.js';
import { processorSeconds, residentBytes, watchMemory } from './portal/memory.js';
import { type Reader, type Readers, signInReaders } from './portal/sessions.js';
import type { BenchTable, Subject } from './subject.js';

/** What the pickup portal takes when a thousand people read at once: page times, downloads and memory. */
export const portal: Subject = { name: 'portal', run };

const SESSIONS = 1000;
const MB = 1024 * 1024;

async function* run(): AsyncGenerator<BenchTable> {
  const signedIn = performance.now();
  const stage = await signInReaders(SESSIONS, MB);
  try {
    const prepared = (performance.now() - signedIn) / 1000;
    const notes = [
      `${SESSIONS} sessions over TLS, each in a network of its own; each opens its message, then downloads 1 MB, checked byte by byte.`,
      'The clients run on the same cores. Times are from asking to the last byte, connecting included.',
    ];
    yield await readAll(stage, SESSIONS, 'Everybody at the same moment', [
      ...notes,
      `Placing the messages and signing everybody in took ${prepared.toFixed(0)} s before.`,
    ]);
    yield await readAll(stage, 20, 'Twenty people at a time', notes);
  } finally {
    await stage.close();
  }
}

/** @throws when anything was answered otherwise than it should be */
async function readAll(
  stage: Readers,
  atOnce: number,
  title: string,
  notes: readonly string[],
): Promise<BenchTable> {
  const { relay, readers } = stage;
  const before = residentBytes(relay.pid);
  const memory = watchMemory(relay.pid);
  const gate = createGate(atOnce);
  const spentBefore = processorSeconds(relay.pid);
  const began = performance.now();
  const times = await Promise.all(readers.map((reader) => gate(() => read(stage, reader))));
  const seconds = (performance.now() - began) / 1000;
  const most = memory.stop();
  const spentAfter = processorSeconds(relay.pid);
  const row = (name: string, all: readonly number[]) => [
    name,
    ...[0.5, 0.9, 0.99, 1].map((part) => `${percentile(all, part).toFixed(0)} ms`),
  ];
  return {
    title: `Portal: ${title}`,
    head: ['', 'median', 'p90', 'p99', 'most'],
    rows: [
      row(
        'page',
        times.map(({ page }) => page),
      ),
      row(
        'download of 1 MB',
        times.map(({ download }) => download),
      ),
    ],
    notes: [
      `All ${times.length} succeeded in ${seconds.toFixed(1)} s: ${(times.length / seconds).toFixed(0)} pages and ${(times.length / seconds).toFixed(0)} MB a second.`,
      `Processor time of the relay with its threads and children: ${spentBetween(spentBefore, spentAfter, times.length)}.`,
      `Resident memory of the relay with its threads and children: ${megabytes(before)} before, ${megabytes(most)} at the most.`,
      ...notes,
    ],
  };
}

async function read(
  { port, host, attachment }: Readers,
  { agent, path }: Reader,
): Promise<{ readonly page: number; readonly download: number }> {
  const cookie = [...agent.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const connection = new HttpsAgent({ keepAlive: true, maxSockets: 1 });
  const get = (what: string): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      request(
        {
          host: '127.0.0.1',
          port,
          localAddress: agent.network,
          path: what,
          agent: connection,
          rejectUnauthorized: false,
          headers: { host, cookie },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () =>
            response.statusCode === 200
              ? resolve(Buffer.concat(chunks))
              : reject(new Error(`${what} was answered by ${response.statusCode}`)),
          );
        },
      )
        .on('error', reject)
        .end();
    });
  try {
    const began = performance.now();
    const page = await get(path);
    const between = performance.now();
    if (!page.includes('Your picture')) throw new Error('the page is not that of the message');
    const file = await get(`${path}/attachments/0`);
    const ended = performance.now();
    if (!file.equals(attachment)) throw new Error('the download differs from what was sent');
    return { page: between - began, download: ended - between };
  } finally {
    connection.destroy();
  }
}

function percentile(all: readonly number[], part: number): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? 0;
}

function spentBetween(before: number | undefined, after: number | undefined, readers: number): string {
  if (before === undefined || after === undefined) return 'not measured';
  const spent = after - before;
  return `${spent.toFixed(1)} s, ${((spent / readers) * 1000).toFixed(0)} ms for each reader`;
}

function megabytes(bytes: number | undefined): string {
  return bytes === undefined ? 'not measured' : `${Math.round(bytes / MB)} MB`;
}
