import { backlogTable } from './relay/backlog.js';
import type { RelayChoices } from './relay/choices.js';
import { defaultChoices, sizeText } from './relay/choices.js';
import { type Contender, type ContenderOptions, startContender, whyNot } from './relay/contenders.js';
import { enduranceTable } from './relay/endurance.js';
import { idleTable } from './relay/idle.js';
import { latencyTable } from './relay/latency.js';
import { slowSyncLibrary } from './relay/slow-sync.js';
import { type Setting, throughputTable } from './relay/throughput.js';
import type { BenchOptions, BenchTable, Subject } from './subject.js';

/** The whole relay beside Postfix: accepted and at the sink. */
export const relay: Subject = { name: 'relay', run };

async function* run({ rounds, relay = defaultChoices() }: BenchOptions): AsyncGenerator<BenchTable> {
  const choices = { ...relay, contenders: relay.contenders.filter(canRun) };
  if (choices.parts.includes('throughput')) yield* throughput(choices, rounds);
  if (choices.parts.includes('slow-sync')) yield* slowSync(choices, rounds);
  if (choices.parts.includes('latency')) yield await latencyTable(choices);
  if (choices.parts.includes('idle')) yield await idleTable();
  if (choices.parts.includes('backlog')) yield await backlogTable(choices, rounds);
  if (choices.parts.includes('endurance')) yield await enduranceTable(choices);
}

function canRun(name: Contender['name']): boolean {
  const why = whyNot(name);
  if (why !== undefined) console.log(`(${name}) is left out: ${why}`);
  return why === undefined;
}

async function* throughput(choices: RelayChoices, rounds: number): AsyncGenerator<BenchTable> {
  const { contenders, close } = await startAll(choices.contenders);
  try {
    yield await warmUp(contenders, choices, WARM_UP.size);
    for (const size of choices.sizes) {
      if (size > WARM_UP.size) yield await warmUp(contenders, choices, size);
      for (const connect of choices.connects) {
        const settings = choices.connections.map((connections): Setting => ({ size, connections, connect }));
        const title = `Relay: ${sizeText(size)}, ${connect === 'fresh' ? 'a connection for each message' : 'connections reused'}`;
        yield await throughputTable(title, contenders, settings, choices, rounds);
        if (connect !== 'fresh' || contenders.every((one) => one.loginTarget === undefined)) continue;
        const login = settings.map((setting): Setting => ({ ...setting, connect: 'login' }));
        yield await throughputTable(`${title}, with AUTH over TLS`, contenders, login, choices, rounds);
      }
    }
  } finally {
    await close();
  }
}

function warmUp(contenders: readonly Contender[], choices: RelayChoices, size: number): Promise<BenchTable> {
  const messages = Math.min(WARM_UP_MESSAGES, Math.ceil(WARM_UP_BYTES / size));
  // On a busy machine these take their time, and what didn't come through would be counted later.
  const warm = { ...choices, messages, limit: choices.limit * 5 };
  const title = `Warming up with ${sizeText(size)}, not to be read`;
  return throughputTable(title, contenders, [{ ...WARM_UP, size }], warm, 1);
}

const WARM_UP: Setting = { size: 4096, connections: 50, connect: 'reused' };
/** A relay runs for months, and its code is compiled by then; meanwhile the first messages take twice the processor time. */
const WARM_UP_MESSAGES = 10_000;
/** What reads attachments isn't compiled by small mail. */
const WARM_UP_BYTES = 200 * 1024 * 1024;

/** The same two with a slower disk. */
async function* slowSync(choices: RelayChoices, rounds: number): AsyncGenerator<BenchTable> {
  const library = slowSyncLibrary();
  if (library === undefined) {
    console.log('slow-sync is left out: it needs Linux and a C compiler');
    return;
  }
  try {
    const names = choices.contenders.filter((name) => name === 'a' || name === 'b');
    const { contenders, close } = await startAll(names, { preload: library.file });
    try {
      yield await warmUp(contenders, choices, WARM_UP.size);
      const settings = choices.connections.map((connections): Setting => ({ ...WARM_UP, connections }));
      yield await throughputTable('Relay: every sync 10 ms longer', contenders, settings, choices, rounds);
    } finally {
      await close();
    }
  } finally {
    library.remove();
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

async function startAll(
  names: readonly Contender['name'][],
  options?: ContenderOptions,
): Promise<{ readonly contenders: readonly Contender[]; close(): Promise<void> }> {
  const contenders: Contender[] = [];
  // A private Postfix would go on without us.
  const interrupted = () => void close().finally(() => process.exit(1));
  const close = async () => {
    for (const signal of SIGNALS) process.off(signal, interrupted);
    for (const one of contenders.splice(0)) await one.close();
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    for (const name of names) contenders.push(await startContender(name, options));
    return { contenders, close };
  } catch (error) {
    await close();
    throw error;
  }
}
