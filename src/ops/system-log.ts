import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Log } from './log.js';

/**
 * Sends audit checkpoints out of the data directory's reach: to the operational log (the journal or the container's
 * log) and, where a system logger listens at /dev/log, to syslog through `logger(1)` (Node has no Unix datagrams).
 */
export function checkpointSink(log: Log, syslog: boolean): (line: string) => void {
  return (line) => {
    log.info({ checkpoint: line }, 'audit checkpoint');
    if (!syslog || !existsSync('/dev/log')) return;
    const child = spawn('logger', ['-t', 'sallyport-audit', '-p', 'authpriv.notice', '--', line], {
      stdio: 'ignore',
      // Nothing else of the environment, where the master key may be.
      env: { PATH: process.env.PATH },
    });
    child.on('error', (error) => log.error({ reason: error.message }, 'the checkpoint did not reach syslog'));
    child.on('exit', (status) => {
      if (status !== 0) log.error({ status }, 'the checkpoint did not reach syslog');
    });
  };
}
