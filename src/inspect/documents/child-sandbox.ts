import asyncHooks from 'node:async_hooks';
import dgram from 'node:dgram';
import dns from 'node:dns';
import inspector from 'node:inspector';
import module, { createRequire, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import os from 'node:os';
import workerThreads, { isMainThread, Worker } from 'node:worker_threads';

/*
 * Loaded before anything else in a child, and in the one thread that it may start. Writing, reading outside the
 * program, native code and further processes are forbidden by the runtime's own flags (see `childFlags`); the network,
 * signals and threads, which don't inherit what is closed here, aren't their matter.
 */

const refuse = (what: string) => (): never => {
  throw new Error(`there is no ${what} here`);
};

/** For good: nothing can be put in its place. */
function close(owner: object, names: readonly string[], what: string): void {
  for (const name of names) {
    if (name in owner)
      Object.defineProperty(owner, name, { value: refuse(what), configurable: false, writable: false });
  }
}

const LOOK_UP = /^(?:lookup|resolve|reverse)/;
for (const names of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  close(
    names,
    Object.getOwnPropertyNames(names).filter((name) => LOOK_UP.test(name)),
    'network',
  );
}
close(net.Socket.prototype, ['connect'], 'network');
close(net.Server.prototype, ['listen', '_listen2'], 'network');
close(net, ['_createServerHandle'], 'network');
close(dgram.Socket.prototype, ['bind', 'connect', 'send'], 'network');
close(dgram, ['_createSocketHandle'], 'network');

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

/** The only code that may run in a thread of its own: it recognises text. */
const RECOGNISER = createRequire(import.meta.url).resolve('tesseract.js/src/worker-script/node/index.js');

/** A thread has a runtime of its own, in which nothing is closed: so this file is loaded there first. */
const FENCED = `import(${JSON.stringify(import.meta.url)}).then(() => require(${JSON.stringify(RECOGNISER)}));`;

const OnlyRecogniser = new Proxy(Worker, {
  // Whatever options are asked for are left out: they could take the fence away.
  construct: (target, [file]: unknown[], asked) => {
    if (!isMainThread || file !== RECOGNISER) return refuse('thread')();
    return Reflect.construct(target, [FENCED, { eval: true, execArgv: [], env: {} }], asked);
  },
});
for (const [owner, name] of [
  [workerThreads, 'Worker'],
  [Worker.prototype, 'constructor'],
] as const) {
  Object.defineProperty(owner, name, { value: OnlyRecogniser, configurable: false, writable: false });
}
// Hooks of the module loader run in a thread of their own, too.
close(module, ['register', 'registerHooks'], 'thread');
// They hand out the handles on which everything above is built.
close(asyncHooks, ['createHook', 'executionAsyncResource'], 'hook');
close(inspector, ['open', 'Session'], 'inspector');
close(os, ['setPriority'], 'other process');
close(process, ['kill', '_kill', '_debugProcess', '_debugEnd', 'execve'], 'other process');
close(process, ['binding', '_linkedBinding', 'dlopen'], 'native code');
close(process, ['_getActiveHandles', '_getActiveRequests'], 'handle');
close(process, ['setuid', 'seteuid', 'setgid', 'setegid', 'setgroups', 'initgroups'], 'other user');
syncBuiltinESMExports();
