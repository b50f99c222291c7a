import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Head } from '../../../../src/audit/chain.js';
import { checkCursor, readCursor, writeCursor } from '../../../../src/audit/export/cursor.js';
import { lines, messages } from '../../../../src/audit/export/formats.js';
import { connectSink, parseReceiver, type Sink } from '../../../../src/audit/export/sink.js';
import { type ExportTask, exportEvents } from '../../../../src/audit/export/stream.js';
import type { AuditLog } from '../../../../src/audit/log.js';
import { type AuditReader, openAuditReader } from '../../../../src/audit/reader.js';
import { createTestCa, type TestCa } from '../../../support/certificates.js';
import { type Bench, bench, failedLogin, NOVEMBER, write } from '../support.js';

const OPTIONS = { hostname: 'relay.clinic.example', enterprise: 32473 };

let log: Bench;
let writer: AuditLog;
let reader: AuditReader;
beforeEach(() => {
  log = bench();
  writer = log.open();
  for (let i = 1; i <= 5; i++) write(writer, [failedLogin(i)], NOVEMBER + i * 1000);
  reader = openAuditReader(log.dir);
});
afterEach(() => {
  reader.close();
  writer.close();
  log.remove();
});

function task(more: Partial<ExportTask> & Pick<ExportTask, 'connect'>): ExportTask {
  return {
    reader,
    rendering: { head: '', event: ({ seq }) => `${seq} ` },
    follow: false,
    onLeft: () => undefined,
    onBroken: () => undefined,
    isEnd: () => false,
    ...more,
  };
}

/** Takes what it is given until it breaks. */
function memorySink(taken: string[], breaksAfter = Number.POSITIVE_INFINITY, doubtMs = 0): Sink {
  return {
    doubtMs,
    write: async (text) => {
      if (taken.length >= breaksAfter) throw new Error('the connection broke');
      taken.push(text);
    },
    close: async () => undefined,
  };
}

describe('a stream of events', () => {
  it('gives all of them once, and those of the span asked for', async () => {
    const taken: string[] = [];
    expect(await exportEvents(task({ connect: async () => memorySink(taken) }))).toBe(5);
    expect(taken.join('')).toBe('1 2 3 4 5 ');
    const some: string[] = [];
    await exportEvents(
      task({ connect: async () => memorySink(some), since: NOVEMBER + 2000, until: NOVEMBER + 4000 }),
    );
    expect(some.join('')).toBe('2 3 ');
  });

  it('follows into a new month, and goes on from its cursor: nothing lost, nothing twice', async () => {
    const taken: string[] = [];
    const stop = new AbortController();
    let left: Head | undefined;
    const done = exportEvents(
      task({
        connect: async () => memorySink(taken),
        follow: true,
        stop: stop.signal,
        onLeft: (head) => {
          left = head;
          if (head.seq === 5) {
            log.time = Date.parse('2026-12-01T00:00:01Z');
            write(writer, [failedLogin(6)], log.time);
          }
          if (head.seq === 6) stop.abort();
        },
      }),
    );
    await done;
    expect(taken.join('')).toBe('1 2 3 4 5 6 ');
    write(writer, [failedLogin(7)], log.time);
    const again: string[] = [];
    if (left === undefined) throw new Error('no cursor');
    await exportEvents(task({ connect: async () => memorySink(again), from: left }));
    expect(again.join('')).toBe('7 ');
  });

  it('repeats what may have been lost with a connection, and loses nothing', async () => {
    const taken: string[] = [];
    const stop = new AbortController();
    const broken: string[] = [];
    let connections = 0;
    let left = 0;
    await exportEvents(
      task({
        // The first takes one batch, and is in doubt about it for ever.
        connect: async () => (connections++ === 0 ? memorySink(taken, 1, 1e9) : memorySink(taken)),
        follow: true,
        stop: stop.signal,
        onBroken: (reason) => {
          broken.push(reason);
          expect(left).toBe(0);
        },
        onLeft: ({ seq }) => {
          left = seq;
          if (seq === 6) stop.abort();
        },
        rendering: {
          head: '',
          event: ({ seq }) => {
            if (seq === 5 && connections === 1) setImmediate(() => write(writer, [failedLogin(6)], NOVEMBER));
            return `${seq} `;
          },
        },
      }),
    );
    expect(broken).toEqual(['the connection broke']);
    expect(taken.join('')).toBe('1 2 3 4 5 1 2 3 4 5 6 ');
  });

  it('a single run fails when the connection does, and says where', async () => {
    const taken: string[] = ['full'];
    await expect(exportEvents(task({ connect: async () => memorySink(taken, 1) }))).rejects.toThrow(
      'the export stopped after event 0: the connection broke',
    );
  });
});

describe('the cursor', () => {
  it('is written whole, for its owner alone, and read again', () => {
    const file = join(log.dataDir, 'cursor');
    expect(readCursor(file)).toBeUndefined();
    writeCursor(file, { seq: 3, hash: 'ab'.repeat(32) });
    expect(readCursor(file)).toEqual({ seq: 3, hash: 'ab'.repeat(32) });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(existsSync(`${file}.new`)).toBe(false);
    writeFileSync(file, '{"seq":"3"}');
    expect(() => readCursor(file)).toThrow(/not a cursor/);
  });

  it('is refused by another log, and where events were removed before they left', () => {
    expect(() => checkCursor(reader, { seq: 3, hash: 'ab'.repeat(32) })).toThrow(/another/);
    expect(() => checkCursor(reader, { seq: 99, hash: 'ab'.repeat(32) })).toThrow(/not in this log/);
    checkCursor(reader, { seq: 0, hash: '0'.repeat(64) });
  });
});

describe('a syslog receiver over TLS', () => {
  let ca: TestCa;
  let server: Server;
  let received = '';
  beforeAll(async () => {
    ca = await createTestCa();
    const { certificatePem, keyPem } = await ca.leaf('localhost');
    server = createServer(
      { cert: certificatePem, key: keyPem, minVersion: 'TLSv1.2' },
      (socket: TLSSocket) => {
        socket.setEncoding('utf8').on('data', (text) => {
          received += text;
        });
        socket.on('error', () => undefined);
      },
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  const receiver = () => ({
    ...parseReceiver(`tls://localhost:${(server.address() as AddressInfo).port}`),
    host: 'localhost',
  });

  it.each(['syslog', 'cef', 'jsonl'] as const)(
    'takes %s in frames that hold exactly one message each',
    async (format) => {
      received = '';
      await exportEvents(
        task({
          rendering: messages(format, OPTIONS),
          connect: () => connectSink({ ...receiver(), ca: ca.pem }),
        }),
      );
      const frames = readFrames(received);
      expect(frames).toHaveLength(5);
      for (const frame of frames)
        expect(frame).toMatch(
          /^<108>1 2026-11-21T14:03:1\dZ?\S* relay\.clinic\.example sallyport - login\.failed \[sallyport@32473 seq="\d"/,
        );
      if (format === 'cef') expect(frames[0]).toContain('] CEF:0|Sallyport|');
      if (format === 'jsonl')
        expect(JSON.parse(frames[0]?.replace(/^.*?\] (?=\{)/, '') ?? '')).toMatchObject({ seq: 1 });
    },
  );

  it('is not trusted without a certificate that verifies', async () => {
    received = '';
    await expect(connectSink(receiver())).rejects.toThrow(/certificate/);
    await expect(connectSink({ ...receiver(), host: '127.0.0.1', ca: ca.pem })).rejects.toThrow(
      /altnames|IP/,
    );
    expect(received).toBe('');
  });

  it.each(['tcp://siem.clinic.example:514', 'http://localhost:1', 'siem', 'tcp://localhost', 'tls://'])(
    '%s is refused',
    (text) => {
      expect(() => parseReceiver(text)).toThrow();
    },
  );
  it('a forwarder on this machine may be told without TLS', () => {
    expect(parseReceiver('tcp://127.0.0.1:601')).toMatchObject({ tls: false, port: 601 });
    expect(parseReceiver('tls://[2001:db8::1]')).toMatchObject({
      tls: true,
      host: '2001:db8::1',
      port: 6514,
    });
  });
});

/** Octet counting (RFC 6587 §3.4.1), read by bytes. */
function readFrames(text: string): readonly string[] {
  const frames: string[] = [];
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    const space = rest.indexOf(0x20);
    const length = Number(rest.subarray(0, space).toString());
    frames.push(rest.subarray(space + 1, space + 1 + length).toString());
    rest = rest.subarray(space + 1 + length);
  }
  return frames;
}

it('files are new, and for their owner alone', async () => {
  const { fileSink } = await import('../../../../src/audit/export/sink.js');
  const file = join(log.dataDir, 'events.csv');
  await exportEvents(task({ rendering: lines('csv', OPTIONS), connect: async () => fileSink(file) }));
  expect(readFileSync(file, 'utf8').split('\r\n')).toHaveLength(7);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(() => fileSink(file)).toThrow(/cannot write/);
});
