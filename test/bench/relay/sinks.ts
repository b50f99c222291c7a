import { type ChildProcess, fork, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { CertificateAndKey } from '../../../src/keys/certificates.js';
import { findTool } from '../../support/find-tool.js';
import { freePort } from '../../support/relay-process.js';
import { processorSeconds } from './processes.js';
import { startWireSink } from './wire-sink.js';

/** A recipients' server that throws mail away and tells how much came. */
export interface CountingSink {
  readonly port: number;
  /** Processor time so far, in seconds; where it is a process of its own. */
  readonly cpu?: () => number;
  taken(): number;
  /** Resolves when so many messages have come in all. */
  reaches(count: number): Promise<void>;
  close(): void;
}

/** `smtp-sink` in a process of its own; ours in its place where it isn't installed. */
export async function startPlainSink(): Promise<CountingSink> {
  const program = findTool('smtp-sink');
  if (program === undefined) return startOurSink(undefined);
  const port = await freePort();
  const args = [
    '-c',
    ...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []),
    '-m',
    '1000',
    `127.0.0.1:${port}`,
    '1000',
  ];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const counter = createCounter();
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    const last = [...text.matchAll(/mesg=(\d+)/g)].at(-1)?.[1];
    if (last !== undefined) counter.set(Number(last));
  });
  return { port, cpu: cpuOf(child), ...counter, close: () => child.kill() };
}

/** Ours, in a process of its own: with a certificate it takes mail over STARTTLS only. */
export async function startOurSink(certificate: CertificateAndKey | undefined): Promise<CountingSink> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'sink-process.ts'));
  const counter = createCounter();
  const port = await new Promise<number>((done, fail) => {
    child.once('error', fail);
    child.on('message', (said) => {
      if (typeof said !== 'object' || said === null) return;
      if ('port' in said && typeof said.port === 'number') done(said.port);
      if ('taken' in said && typeof said.taken === 'number') counter.set(said.taken);
    });
    child.send({ certificate });
  });
  return { port, cpu: cpuOf(child), ...counter, close: () => child.kill() };
}

/** Within this process, for who must know what came and when. */
export async function startNearSink(
  certificate: CertificateAndKey | undefined,
  onMessage: (recipients: readonly string[]) => void,
): Promise<CountingSink> {
  const counter = createCounter();
  const sink = await startWireSink(certificate, (recipients) => {
    onMessage(recipients);
    counter.set(counter.taken() + 1);
  });
  return { port: sink.port, ...counter, close: () => sink.close() };
}

function cpuOf({ pid }: ChildProcess): () => number {
  return () => (pid === undefined ? Number.NaN : processorSeconds([pid]));
}

function createCounter() {
  let taken = 0;
  const waiting = new Map<() => void, number>();
  return {
    set(count: number) {
      taken = count;
      for (const [wake, wanted] of waiting) {
        if (taken < wanted) continue;
        waiting.delete(wake);
        wake();
      }
    },
    taken: () => taken,
    reaches: (count: number) =>
      new Promise<void>((done) => {
        if (taken >= count) done();
        else waiting.set(done, count);
      }),
  };
}
