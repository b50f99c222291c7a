import { type ChildProcess, fork, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../../support/find-tool.js';
import { waitedForSeconds } from './processes.js';
import type { Order } from './sender-process.js';
import { SENDER, type WireTarget } from './wire-client.js';

export interface Load {
  readonly connections: number;
  readonly messages: number;
  /** Whether each message gets a connection of its own. */
  readonly fresh: boolean;
  readonly recipients: readonly string[];
  /** Lines end in CR LF, none begins with a dot. */
  readonly message: Buffer;
}

/** A load that may begin. */
export interface Sender {
  /** Resolves when all are accepted. Called once. */
  begin(): Promise<void>;
  /** Processor time of sending all, in seconds; resolves after `begin` did. */
  cpu(): Promise<number>;
  cancel(): void;
}

let files = 0;

/** Gets a process of its own ready to send: `smtp-source` where it can, else ours. */
export async function senderOf(target: WireTarget, load: Load): Promise<Sender> {
  const program = findTool('smtp-source');
  const simple = target.tls === undefined && target.login === undefined && load.recipients.length === 1;
  const file = join(tmpdir(), `sallyport-mail-${process.pid}-${++files}`);
  const remove = () => rmSync(file, { force: true });
  if (program === undefined || !simple) {
    writeFileSync(file, load.message);
    return ourSender({ target, load: { ...load, message: file } }, remove);
  }
  // It puts CR LF at the end of each line itself.
  writeFileSync(file, load.message.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  const args = [
    ...['-s', String(load.connections), '-m', String(load.messages), '-F', file],
    ...['-f', SENDER, '-t', load.recipients[0] ?? '', ...(load.fresh ? [] : ['-d'])],
    `127.0.0.1:${target.port}`,
  ];
  let child: ChildProcess | undefined;
  let before = 0;
  return {
    begin() {
      before = waitedForSeconds();
      child = spawn(program, args, { stdio: 'inherit' });
      return ended(child, remove);
    },
    cpu: async () => waitedForSeconds() - before,
    cancel: () => child?.kill('SIGKILL'),
  };
}

/** It has loaded its program, which takes longer than to send some hundred messages, before it may begin. */
async function ourSender(order: Order, clean: () => void): Promise<Sender> {
  const child = fork(join(import.meta.dirname, 'sender-process.ts'));
  const hasEnded = ended(child, clean);
  const told = <T>(read: (said: object) => T | undefined) =>
    new Promise<T>((done, fail) => {
      hasEnded.then(() => fail(new Error('the client said nothing')), fail);
      child.on('message', (said) => {
        const value = typeof said === 'object' && said !== null ? read(said) : undefined;
        if (value !== undefined) done(value);
      });
    });
  const ready = told((said) => ('ready' in said ? true : undefined));
  const accepted = told((said) =>
    'accepted' in said && typeof said.accepted === 'number' ? said.accepted : undefined,
  );
  accepted.catch(() => undefined);
  child.send(order);
  await ready;
  return {
    begin: async () => {
      child.send({ begin: true });
      await accepted;
    },
    cpu: async () => {
      await hasEnded;
      return accepted;
    },
    cancel: () => child.kill('SIGKILL'),
  };
}

/** Resolves when it ended well. */
function ended(child: ChildProcess, clean: () => void): Promise<void> {
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('exit', (status) => {
      clean();
      if (status === 0) done();
      else fail(new Error('the client was refused, or ended early'));
    });
  });
}
