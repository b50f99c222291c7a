import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { BenchTable } from '../subject.js';
import type { RelayChoices } from './choices.js';
import { type Contender, startContender } from './contenders.js';
import { quietMail } from './mails.js';
import { startNearSink } from './sinks.js';
import { openClient, type WireClient } from './wire-client.js';

const SIZE = 10 * 1024;
/**
 * In this order: what is asked is asked of a relay that has been at work, even at one message a second. `throughput`
 * lets as many go through before it counts.
 */
const RATES = [
  { perSecond: 10, messages: 30, label: '10, the first 30', isAsked: false },
  { perSecond: 300, messages: 6000, label: '300, to warm up', isAsked: false },
  { perSecond: 20, messages: 300, label: '20', isAsked: true },
  { perSecond: 1, messages: 30, label: '1', isAsked: true },
] as const;

/** From the last byte that the client wrote to the last byte at the sink, at low load. */
export async function latencyTable(choices: RelayChoices): Promise<BenchTable> {
  const rows: string[][] = [];
  const began = loadavg()[0] ?? 0;
  for (const name of choices.contenders) {
    if (name === 'e') continue;
    const waiting = new Map<string, (at: number) => void>();
    const contender = await startContender(name, {
      sink: (certificate) =>
        startNearSink(certificate, (recipients) => {
          for (const one of recipients) waiting.get(one)?.(performance.now());
        }),
    });
    try {
      for (const { perSecond, messages, label, isAsked } of RATES) {
        const times = await timesAt(contender, perSecond, messages, waiting, `r${perSecond}`);
        rows.push(rowOf(contender, label, times, isAsked ? ASKED[name] : undefined));
      }
    } finally {
      await contender.close();
    }
  }
  return {
    title: 'A mail of 10 KB, from the client’s last byte to the sink',
    head: ['messages/s', 'contender', 'p50 ms', 'p99 ms', 'most', 'asked'],
    rows,
    notes: [
      'Client and sink are in the benchmark’s own process, on the same cores.',
      `load ${began.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`,
    ],
  };
}

async function timesAt(
  { target }: Contender,
  perSecond: number,
  messages: number,
  waiting: Map<string, (at: number) => void>,
  label: string,
): Promise<readonly number[]> {
  const message = quietMail(SIZE);
  const free: WireClient[] = [];
  const one = async (n: number): Promise<number> => {
    const recipient = `${label}-${n}@partner.example`;
    const arrived = new Promise<number>((done) => waiting.set(recipient, done));
    const client = free.pop() ?? (await openClient(target));
    const { writtenAt } = await client.send([recipient], message);
    free.push(client);
    const at = await arrived;
    waiting.delete(recipient);
    return at - writtenAt;
  };
  const all: Promise<number>[] = [];
  for (let n = 0; n < messages; n++) {
    all.push(one(n));
    await delay(1000 / perSecond);
  }
  const times = await Promise.all(all);
  for (const client of free) await client.quit();
  return times;
}

const ASKED: Partial<Record<Contender['name'], string>> = { c: '≤ 6, ≤ 25', d: '≤ 12, ≤ 40' };

function rowOf(
  { name, what }: Contender,
  label: string,
  times: readonly number[],
  asked: string | undefined,
): string[] {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number) =>
    (sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN).toFixed(1);
  return [label, `(${name}) ${what}`, at(0.5), at(0.99), at(1), asked ?? ''];
}
