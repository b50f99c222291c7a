import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { samplePdf } from '../../src/cli/demo/sample-pdf.js';
import { errorCode } from '../../src/shared/errors.js';
import { openReadOnly } from '../../src/store/read-only.js';
import { CANARIES, type Mail } from './harness/mail.js';
import { makeWorld } from './harness/world.js';
import { memberOf } from './oracle/events.js';
import { judgeRun } from './oracle/judge.js';

/*
 * Too few file descriptors, a data directory that can't be written to, and a child process that is killed while it reads a
 * document.
 */

it('more clients than file descriptors: who gets in is served, and when they leave all goes on', async () => {
  const world = await makeWorld({ name: 'descriptors' });
  const idle: Socket[] = [];
  try {
    const relay = await world.start();
    const limited = spawnSync('prlimit', ['--pid', String(relay.pid), '--nofile=120:120']);
    expect(limited.status).toBe(0);
    const port = relay.port('relay');
    for (let i = 0; i < 200; i++) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      idle.push(socket);
    }
    world.write(50);
    // Whether or not a connection is had now: nothing may be answered that is not kept.
    const sending = world.send(relay);
    // Those it could not take it closes at once, so that their number goes up and down below the limit.
    let most = 0;
    for (const until = Date.now() + 120_000; most <= 110 && Date.now() < until; await delay(10))
      most = Math.max(most, readdirSync(`/proc/${relay.pid}/fd`).length);
    expect(most).toBeGreaterThan(110);
    await Promise.race([sending, delay(3000)]);
    for (const socket of idle) socket.destroy();
    while (readdirSync(`/proc/${relay.pid}/fd`).length > 90) await delay(50);
    await sending;
    await world.send(relay);
    await world.settle();
    await expect(relay.kill('SIGTERM')).resolves.toBe(0);
    await world.ended('stopped');
    const run = world.run();
    expect(judgeRun(run)).toEqual([]);
    expect(run.accepted).toHaveLength(50);
  } finally {
    for (const socket of idle) socket.destroy();
    await world.close();
  }
});

const isRoot = process.getuid?.() === 0;
if (!isRoot && process.env.SALLYPORT_REQUIRE_TOOLS === '1')
  throw new Error('these tests need the right to mount, and SALLYPORT_REQUIRE_TOOLS=1');

describe.skipIf(!isRoot)('a data directory that is read-only (skipped where nothing may be mounted)', () => {
  it('is refused at the start, by its name; mounted for writing again, all goes on', async () => {
    const world = await makeWorld({ name: 'read-only' });
    const { dataDir } = world.home;
    try {
      const first = await world.start();
      world.write(20);
      await world.send(first);
      await first.kill('SIGKILL');
      await world.ended('killed');

      expect(spawnSync('mount', ['--bind', dataDir, dataDir]).status).toBe(0);
      expect(spawnSync('mount', ['-o', 'remount,bind,ro', dataDir]).status).toBe(0);
      const refused = await world.home.run(['start']);
      expect(refused.status).toBe(1);
      expect(refused.stderr).toContain(dataDir);

      expect(spawnSync('mount', ['-o', 'remount,bind,rw', dataDir]).status).toBe(0);
      const second = await world.start();
      await world.settle();
      await expect(second.kill('SIGTERM')).resolves.toBe(0);
      await world.ended('stopped');
      expect(judgeRun(world.run())).toEqual([]);
    } finally {
      spawnSync('umount', [dataDir]);
      await world.close();
    }
  });
});

describe('a child process that is killed while it reads', () => {
  it('leaves its document unread, never clean, and the others go on', async () => {
    const world = await makeWorld({ name: 'children' });
    try {
      const relay = await world.start();
      let killed = 0;
      const until = Date.now() + 120_000;
      const unread = () =>
        openReadOnly(world.home.dataDir, (store) => store.list({ states: ['received'], limit: 1 }));
      // On a quick machine the first are read before anything was killed.
      const sent = (async () => {
        for (let n = 0; n === 0 || (killed < 3 && Date.now() < until); ) {
          for (const end = n + 12; n < end; n++) world.put(withDocument(n));
          await world.send(relay);
          while (unread().length > 0) await delay(20);
        }
      })();
      const seen = new Map<string, number>();
      while (killed < 3 && Date.now() < until) {
        for (const pid of childrenOf(relay.pid)) {
          const since = seen.get(pid) ?? Date.now();
          seen.set(pid, since);
          // One that still comes up is no reader yet.
          if (Date.now() - since < 400 || killed >= 3) continue;
          seen.delete(pid);
          if (killProcess(pid)) killed += 1;
        }
        await delay(5);
      }
      await sent;
      expect(killed).toBe(3);
      await world.settle();
      await expect(relay.kill('SIGTERM')).resolves.toBe(0);
      await world.ended('stopped');
      const run = world.run();
      expect(judgeRun(run)).toEqual([]);
      // All of it was for a server without TLS, and patient data: not one of them may be there.
      const plain = run.copies.filter((one) => one.content.includes('application/pdf'));
      expect(plain).toEqual([]);
      const inspected = run.events.filter((event) => event.type === 'message.inspected');
      expect(inspected.length).toBeGreaterThanOrEqual(12);
      for (const { data } of inspected) expect(memberOf(data, 'parts')).toBeDefined();
    } finally {
      await world.close();
    }
  });
});

/** Gives whether it was there to be killed: it may have ended since it was seen. */
function killProcess(pid: string): boolean {
  try {
    return process.kill(Number(pid), 'SIGKILL');
  } catch (error) {
    if (errorCode(error) === 'ESRCH') return false;
    throw error;
  }
}

function childrenOf(pid: number): readonly string[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    try {
      return readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean);
    } catch {
      // The thread ended meanwhile.
      return [];
    }
  });
}

function withDocument(n: number): Mail {
  const [number = '', name = ''] = CANARIES;
  const document = samplePdf([
    `Patient: ${name}, Jane`,
    `SSN: ${number}`,
    'Diagnosis E11.65, type 2 diabetes mellitus',
  ]);
  const messageId = `<d${n}@client.example>`;
  return {
    sender: 'ward3@clinic.example',
    recipients: [`d${n}@oldhost.example`],
    messageId,
    content: [
      'From: ward3@clinic.example',
      `To: d${n}@oldhost.example`,
      'Subject: As promised',
      `Message-ID: ${messageId}`,
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="b"',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'See the document.',
      '--b',
      'Content-Type: application/pdf; name="a.pdf"',
      'Content-Transfer-Encoding: base64',
      '',
      document.toString('base64').replaceAll(/(.{76})/g, '$1\r\n'),
      '--b--',
      '',
    ].join('\r\n'),
  };
}
