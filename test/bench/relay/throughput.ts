import { loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { figure, median } from '../compare.js';
import type { BenchTable } from '../subject.js';
import { type RelayChoices, sizeText } from './choices.js';
import type { Contender } from './contenders.js';
import { quietMail } from './mails.js';
import { processorSeconds, watchMemory } from './processes.js';
import { senderOf } from './senders.js';

/** How a load arrives. */
export interface Setting {
  readonly size: number;
  readonly connections: number;
  /** `login`: a connection for each message, with a login. */
  readonly connect: 'reused' | 'fresh' | 'login';
}

/** What came of one load. */
export interface Run {
  readonly messages: number;
  /** Seconds from the first connection until all are accepted and at the sink. */
  readonly seconds: number;
  /** Processor time of the relay, in seconds. */
  readonly cpu: number;
  /** Processor time of client and sink, in seconds. */
  readonly others: number;
  /** The most memory of the relay, in bytes. */
  readonly memory: number;
}

/** Measures all contenders in turn under each setting, in so many rounds; one that gives up stands aside from then on. */
export async function throughputTable(
  title: string,
  contenders: readonly Contender[],
  settings: readonly Setting[],
  choices: RelayChoices,
  rounds: number,
): Promise<BenchTable> {
  const rows: string[][] = [];
  const broken = new Map<Contender, string>();
  const began = loadavg()[0] ?? 0;
  for (const setting of settings) {
    const taking = contenders.filter((one) => setting.connect !== 'login' || one.loginTarget !== undefined);
    const runs = new Map<Contender, Run[]>(taking.map((one) => [one, []]));
    for (let round = 0; round < rounds; round++) {
      for (const [contender, done] of runs) {
        if (broken.has(contender)) continue;
        try {
          done.push(await runOnce(contender, setting, choices));
        } catch (error) {
          broken.set(contender, error instanceof Error ? error.message : String(error));
        }
      }
    }
    const reference = [...runs].find(([{ name }]) => name === 'a')?.[1] ?? [];
    for (const [contender, done] of runs)
      rows.push(rowOf(contender, setting, done, reference, broken.get(contender)));
  }
  return {
    title,
    head: [
      ...['connections', '', 'contender', 'messages/s', 'times (a)', 'CPU s/1000', 'times (a)'],
      ...['client, sink', 'peak MB'],
    ],
    rows,
    notes: [`load ${began.toFixed(1)} before, ${(loadavg()[0] ?? 0).toFixed(1)} after`],
  };
}

/** @throws when not all is at the sink after `choices.limit` seconds */
export async function runOnce(contender: Contender, setting: Setting, choices: RelayChoices): Promise<Run> {
  const { pid, sink, copies } = contender;
  const target = setting.connect === 'login' ? (contender.loginTarget ?? contender.target) : contender.target;
  const messages = Math.max(setting.connections, choices.messages ?? messagesOf(setting.size));
  const wanted = sink.taken() + messages * copies;
  const sender = await senderOf(target, {
    connections: setting.connections,
    messages,
    fresh: setting.connect !== 'reused',
    recipients: contender.recipients,
    message: quietMail(setting.size),
  });
  const memory = watchMemory([pid]);
  const before = processorSeconds([pid]);
  const sinkBefore = sink.cpu?.() ?? 0;
  const late = new AbortController();
  try {
    const began = performance.now();
    await Promise.race([
      Promise.all([sender.begin(), sink.reaches(wanted)]),
      delay(choices.limit * 1000, undefined, { signal: late.signal }).then(() => {
        const missing = wanted - sink.taken();
        throw new Error(
          `gave up after ${choices.limit} s: ${missing} of ${messages * copies} not at the sink`,
        );
      }),
    ]);
    const seconds = (performance.now() - began) / 1000;
    const cpu = processorSeconds([pid]) - before;
    const others = (sink.cpu?.() ?? 0) - sinkBefore + (await sender.cpu());
    return { messages, seconds, cpu, others, memory: memory.stop() };
  } finally {
    late.abort();
    sender.cancel();
    memory.stop();
  }
}

/** Enough for some seconds. */
function messagesOf(size: number): number {
  return Math.max(10, Math.min(2000, Math.floor((60 * 1024 * 1024) / size)));
}

function rowOf(
  { name, what }: Contender,
  { size, connections, connect }: Setting,
  runs: readonly Run[],
  reference: readonly Run[],
  broken: string | undefined,
): string[] {
  const start = [`${sizeText(size)} × ${connections}`, connect, `(${name}) ${what}`];
  if (runs.length === 0) return [...start, broken ?? '', '', '', '', '', ''];
  const rate = (run: Run) => run.messages / run.seconds;
  const cpu = (run: Run) => (run.cpu / run.messages) * 1000;
  const others = (run: Run) => (run.others / run.messages) * 1000;
  const ratio = (of: (run: Run) => number) => {
    const each = runs.flatMap((run, round) => {
      const other = reference[round];
      return other === undefined ? [] : [of(run) / of(other)];
    });
    return each.length === 0 || name === 'a' ? '' : median(each).toFixed(2);
  };
  return [
    ...start,
    figure(median(runs.map(rate))),
    ratio(rate),
    figure(median(runs.map(cpu))),
    ratio(cpu),
    figure(median(runs.map(others))),
    String(Math.round(median(runs.map(({ memory }) => memory)) / 1024 ** 2)),
  ];
}
