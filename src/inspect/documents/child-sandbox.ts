import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { isMainThread, Worker } from 'node:worker_threads';

/*
 * Loaded before anything else in a child, and in each of its threads. Writing, reading outside the program, native code
 * and further processes are forbidden by the runtime's own flags (see `childFlags`); the network isn't their matter, so
 * its ways are closed here.
 */

const refuse = (): never => {
  throw new Error('there is no network here');
};

for (const [prototype, methods] of [
  [net.Socket.prototype, ['connect']],
  [net.Server.prototype, ['listen']],
  [dgram.Socket.prototype, ['bind', 'connect', 'send']],
  [dns.Resolver.prototype, ['resolve', 'reverse']],
] as const) {
  for (const method of methods) Object.defineProperty(prototype, method, { value: refuse });
}
for (const names of [dns, dns.promises]) {
  for (const [name, value] of Object.entries(names)) {
    if (typeof value === 'function' && /^(?:lookup|resolve|reverse)/.test(name))
      Object.defineProperty(names, name, { value: refuse });
  }
}
syncBuiltinESMExports();

/** How often it is looked whether the relay is still there, in milliseconds. */
const WATCH_MS = 1000;

/*
 * A parser in an endless loop doesn't see that its relay has gone, and would run for ever. The thread that sees it in
 * its place ends the whole process.
 */
if (isMainThread) {
  const watch = `const parent = ${process.ppid};
    setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, ${WATCH_MS});`;
  new Worker(watch, { eval: true, execArgv: [], resourceLimits: { maxOldGenerationSizeMb: 8 } }).unref();
}
