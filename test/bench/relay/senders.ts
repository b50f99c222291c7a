import { type ChildProcess, fork, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../../support/find-tool.js';
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

/** A load under way. */
export interface Sending {
  /** Resolves when all are accepted. */
  readonly accepted: Promise<void>;
  cancel(): void;
}

/** Sends in a process of its own: by `smtp-source` where it can, else by ours. */
export function send(target: WireTarget, load: Load): Sending {
  const program = findTool('smtp-source');
  const simple = target.tls === undefined && target.login === undefined && load.recipients.length === 1;
  const file = join(tmpdir(), `sallyport-mail-${process.pid}`);
  const remove = () => rmSync(file, { force: true });
  if (program === undefined || !simple) {
    writeFileSync(file, load.message);
    const child = fork(join(import.meta.dirname, 'sender-process.ts'));
    child.send({ target, load: { ...load, message: file } });
    return ended(child, remove);
  }
  // It puts CR LF at the end of each line itself.
  writeFileSync(file, load.message.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
  const child = spawn(
    program,
    [
      ...['-s', String(load.connections), '-m', String(load.messages), '-F', file],
      ...['-f', SENDER, '-t', load.recipients[0] ?? '', ...(load.fresh ? [] : ['-d'])],
      `127.0.0.1:${target.port}`,
    ],
    { stdio: 'inherit' },
  );
  return ended(child, remove);
}

function ended(child: ChildProcess, clean: () => void): Sending {
  return {
    accepted: new Promise((done, fail) => {
      child.on('error', fail);
      child.on('exit', (status) => {
        clean();
        if (status === 0) done();
        else fail(new Error('the client was refused, or ended early'));
      });
    }),
    cancel: () => child.kill('SIGKILL'),
  };
}
