import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Crowd, drippingCrowd, idleCrowd } from './harness/crowd.js';
import { LOAD_TIMEOUT, many, residentBytes, whyNotSoMany } from './harness/load.js';
import { makeWorld } from './harness/world.js';
import { judgeRun } from './oracle/judge.js';

/*
 * Thousands of clients that say nothing, or a byte now and then: mail of others flows as if they weren't there, memory has a
 * bound, and whoever takes too long is cut off.
 */

const IDLE = many(2000);
const SLOW = many(500);
const MESSAGES = many(100);
const BYTES_EACH = 64 * 1024;
const reason = whyNotSoMany(IDLE + SLOW);
if (reason !== undefined && process.env.SALLYPORT_REQUIRE_TOOLS === '1')
  throw new Error(`this test can't run (${reason}), and SALLYPORT_REQUIRE_TOOLS=1`);

const CONFIG = {
  identities: [{ name: 'scanner', networks: ['127.0.0.0/8'], senders: ['clinic.example'] }],
};
const LISTENER = {
  tls: { mode: 'off', off_for: ['127.0.0.0/8'] },
  max_connections: IDLE + SLOW + 100,
  max_connections_per_client: 100,
};

describe.skipIf(reason !== undefined)('slow clients (skipped where few files may be open)', () => {
  it(`${IDLE} idle ones and ${SLOW} that send byte by byte: mail flows beside them`, {
    timeout: LOAD_TIMEOUT,
  }, async () => {
    const world = await makeWorld({ name: 'beside', config: CONFIG, listener: LISTENER });
    const crowds: Crowd[] = [];
    try {
      const relay = await world.start();
      // What the first mail costs is none of the clients'.
      world.write(MESSAGES);
      await world.send(relay);
      const before = residentBytes(relay.pid);
      const idle = await idleCrowd(relay.port('relay'), IDLE);
      crowds.push(idle);
      const slow = await drippingCrowd(relay.port('relay'), SLOW, 500);
      crowds.push(slow);

      world.write(MESSAGES);
      await world.send(relay);
      expect(world.accepted).toHaveLength(2 * MESSAGES);
      expect(residentBytes(relay.pid) - before).toBeLessThan((IDLE + SLOW) * BYTES_EACH);
      expect([idle.open(), slow.open()]).toEqual([IDLE, SLOW]);

      for (const one of crowds) one.leave();
      await world.settle();
      await expect(relay.kill('SIGTERM')).resolves.toBe(0);
      await world.ended('stopped');
      const run = world.run();
      expect(judgeRun(run)).toEqual([]);
      expect(run.copies.some((one) => one.rcpts.join().includes('slow@'))).toBe(false);
    } finally {
      for (const one of crowds) one.leave();
      await world.close();
    }
  });

  it('are cut off when their time is over', { timeout: LOAD_TIMEOUT }, async () => {
    // So little that a slow machine may need it to let all of them in.
    const times = { data_timeout: '5s', session_timeout: '15s' };
    const world = await makeWorld({ name: 'cut', config: CONFIG, listener: { ...LISTENER, ...times } });
    const crowds: Crowd[] = [];
    try {
      const relay = await world.start();
      const idle = await idleCrowd(relay.port('relay'), IDLE);
      crowds.push(idle);
      const slow = await drippingCrowd(relay.port('relay'), SLOW, 500);
      crowds.push(slow);

      // Who is in the middle of a message has the time of a message, everybody else the time of a session and of a message.
      while (idle.open() + slow.open() > 0) await delay(50);
      for (const line of [...idle.lastLines(), ...slow.lastLines()]) expect(line).toMatch(/^421 4\.4\.2 /);
      expect(slow.lastLines().filter((line) => line.includes('message took too long'))).toHaveLength(
        SLOW / 2,
      );

      world.write(MESSAGES);
      // On a slow machine their sessions may end, too.
      while (world.accepted.length < MESSAGES) await world.send(relay);
      await world.settle();
      await expect(relay.kill('SIGTERM')).resolves.toBe(0);
      await world.ended('stopped');
      const run = world.run();
      expect(judgeRun(run)).toEqual([]);
      expect(run.copies.some((one) => one.rcpts.join().includes('slow@'))).toBe(false);
      // A crowd must not fill the log: refusals alike are counted, not recorded one by one.
      const refused = run.events.filter((event) => event.type === 'session.refused');
      expect(refused.length).toBeLessThan(SLOW);
    } finally {
      for (const one of crowds) one.leave();
      await world.close();
    }
  });
});
