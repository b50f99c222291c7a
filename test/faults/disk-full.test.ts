import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCode } from '../../src/shared/errors.js';
import { freePort, type RelayHome, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { beginData, loggedInDialog } from '../support/smtp-dialog.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { WAITS_FOR_AN_HOUR, withFaultPoints } from './points/names.js';

/*
 * The disk under the data directory fills up while the relay runs: mail is deferred with 451, nothing that was answered
 * with 250 is lost, and the relay ends with status 1, because it can't know what of its last write is on disk.
 */

/** A small file system of its own. Only root may mount one; elsewhere the suite is skipped, saying so. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4m,mode=0700', 'tmpfs', folder]);
  if (mounted.status === 0) return folder;
  rmSync(folder, { recursive: true });
  return undefined;
}

const disk = mountSmallDisk();
if (disk === undefined && process.env.SALLYPORT_REQUIRE_TOOLS === '1')
  throw new Error('these tests need the right to mount a tmpfs, and SALLYPORT_REQUIRE_TOOLS=1');

let home: RelayHome;
let sink: Sink | undefined;
let port: number;

const fill = (folder: string) => {
  const file = openSync(join(folder, 'filler'), 'w');
  try {
    for (;;) writeSync(file, Buffer.alloc(4096));
  } catch (error) {
    expect(errorCode(error)).toBe('ENOSPC');
  } finally {
    closeSync(file);
  }
};
const makeRoom = (folder: string) => rmSync(join(folder, 'filler'));

beforeAll(async () => {
  if (disk === undefined) return;
  port = await freePort();
  const dataDir = join(disk, 'data');
  mkdirSync(dataDir, { mode: 0o700 });
  home = await relayHome({
    data_dir: dataDir,
    intake: { min_free_space: '0B' },
    delivery: {
      routes: [{ name: 'sink', domains: ['*'], host: '127.0.0.1', port, kind: 'recipient-server' }],
      first_retry: '1s',
      max_retry: '1s',
    },
  });
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
  if (disk === undefined) return;
  spawnSync('umount', [disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe.skipIf(disk === undefined)('a full disk (skipped where no tmpfs may be mounted)', () => {
  it('defers with 451, ends with status 1, refuses to start while it is full, and then loses nothing', async () => {
    const folder = disk!;
    const silent = await startSilentServer(port);
    const first = await home.start(withFaultPoints(undefined, WAITS_FOR_AN_HOUR));
    const accepted = [await submit(first, { to: ['before@shop.example'], text: 'Before.' })];
    // A delivery is under way, and its server says nothing more for a long time.
    await silent.reached;
    const dialog = await loggedInDialog(first);
    await beginData(dialog, ['during@shop.example']);

    fill(folder);
    dialog.write(`From: ward3@clinic.example\r\nSubject: Lab\r\n\r\n${LAB_RESULT.replaceAll('\n', '\r\n')}`);
    dialog.write('More than a page of the database has room for.\r\n'.repeat(1000));
    expect(await dialog.say('.')).toMatch(/^451 4\.3\.0 /);
    await dialog.closed();
    // What can't be recorded any more is not waited for.
    await expect(first.ended).resolves.toBe(1);
    await silent.close();
    expect(first.output()).toContain('the store cannot be written');
    expect(first.output()).not.toContain(CANARY);

    const second = await home.run(['start']);
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/^sallyport: .+/m);

    makeRoom(folder);
    sink = await startSink({ port });
    const third = await home.start();
    for (const id of accepted)
      await third.until(new RegExp(`"id":"${id}".*"outcome":"(?:in-portal|delivered)"`));
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
    expect(sink.messages.filter((one) => one.text.includes(CANARY))).toEqual([]);
    await expect(third.kill('SIGTERM')).resolves.toBe(0);
  });
});

/** A server that greets and then says nothing. */
async function startSilentServer(
  at: number,
): Promise<{ readonly reached: Promise<void>; close(): Promise<void> }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.write('220 mx.shop.example\r\n');
  });
  const reached = once(server, 'connection').then(() => undefined);
  server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  return {
    reached,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
