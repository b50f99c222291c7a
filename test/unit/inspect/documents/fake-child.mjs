// A child with readers that misbehave, each under the media type of a format that is easily made.

import { execFileSync } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { serve } from '../../../../dist/inspect/documents/child-serve.js';

const result = (text, more = {}) => ({
  status: 'read',
  texts: [{ view: 'text', text }],
  children: [],
  oddities: [],
  ...more,
});
const hoard = [];

/** Each way out of the sandbox, with what became of it. */
async function escapes() {
  const ways = {
    write: () => writeFileSync('/tmp/escaped', 'x'),
    read: () => readFileSync('/etc/hostname'),
    process: () => execFileSync('/bin/true'),
    connect: () => connect(9, '127.0.0.1'),
    lookup: () => lookup('localhost'),
    fetch: () => fetch('http://127.0.0.1:4711/'),
    thread: () => new Worker('', { eval: true, execArgv: [] }),
    sameThread: () => new Worker.prototype.constructor('', { eval: true }),
    hooks: () => register(['data', 'text/javascript,'].join(':')),
    signal: () => process.kill(process.ppid, 0),
    restore: () => Object.defineProperty(process, 'kill', { value: () => true }),
    binding: () => process.binding('tcp_wrap'),
  };
  const lines = [];
  for (const [name, way] of Object.entries(ways)) {
    try {
      await way();
      lines.push(`${name} open`);
    } catch (error) {
      lines.push(`${name} ${error.code ?? error.cause?.message ?? error.message}`);
    }
  }
  lines.push(`env ${Object.keys(process.env).join()}`);
  return lines.join('\n');
}

// What stands behind the magic number says what happens.
const deeds = {
  exit: () => process.exit(0),
  abort: () => process.abort(),
  throw: () => {
    throw new Error('a parser gave up on Jane Sample');
  },
  later: async () => {
    setTimeout(() => {
      throw new Error('out of every promise');
    });
    await pause(60_000);
  },
  loop: () => {
    for (;;);
  },
  slow: async () => {
    await pause(60_000);
    return result('late');
  },
  memory: async () => {
    for (;;) {
      hoard.push(Buffer.alloc(16 * 1024 * 1024, 1));
      await pause(5);
    }
  },
  grow: () => {
    hoard.push(Buffer.alloc(200 * 1024 * 1024, 1));
    return result(String(process.pid));
  },
  heap: () => {
    for (;;) hoard.push(new Array(1e6).fill({}));
  },
  garbage: () => {
    process.send({ kind: 'part', id: 1, part: { path: '../../etc', status: 'clean' } });
    return result('x');
  },
  stranger: () => {
    process.send({ kind: 'done', id: 77, needsOcr: [] });
    return pause(60_000);
  },
  silent: () => {
    process.send({ kind: 'done', id: 1, needsOcr: [] });
    return pause(60_000);
  },
  print: () => {
    console.log('Jane Sample');
    console.error('Jane Sample');
    return result('printed');
  },
  escapes: async () => result(await escapes()),
  pid: () => result(String(process.pid)),
  second: () => {
    if (hoard.length === 0) return result('fresh');
    process.exit(1);
  },
  spoil: () => {
    hoard.push(1);
    return result('spoilt');
  },
  dead: () =>
    result('outside', {
      children: [{ fileName: 'in.txt', bytes: Buffer.from('inside') }, { bytes: pdf('loop') }],
    }),
  picture: () =>
    result('outside', { children: [{ bytes: Buffer.from('\x89PNG\r\n\x1a\nwords', 'latin1') }] }),
  hung: () => result('outside', { children: [{ bytes: Buffer.from('\x89PNG\r\n\x1a\nhang', 'latin1') }] }),
};

function pdf(deed) {
  return Buffer.from(`%PDF-${deed}`);
}

async function image(input, { ocr }) {
  if (ocr === undefined) return result('', { status: 'unsupported', texts: [], needsOcr: true });
  const read = await ocr({ bytes: input.bytes });
  return read.status === 'read' ? result(read.text) : result('', { status: 'timed-out', texts: [] });
}

let recognised = 0;
serve({
  reader: async (kind) => {
    if (kind === 'image/png') return image;
    return kind === 'application/pdf' ? async (input) => deeds[String(input.bytes).slice(5)]() : undefined;
  },
  recognise: async (bytes) => {
    if (bytes.includes('hang')) for (;;);
    recognised += 1;
    return { status: 'read', text: `recognised ${recognised}` };
  },
});
