import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { idleCrowd } from './harness/crowd.js';
import { LOAD_TIMEOUT, many } from './harness/load.js';
import { makeWorld } from './harness/world.js';
import { judgeRun } from './oracle/judge.js';

/*
 * SIGTERM, again and again, in the middle of mail over many connections, beside clients that only wait: what was begun comes
 * to its end, the rest is put off with 421, and the next start goes on where this one ended. Nothing is lost, and nothing
 * arrives twice.
 */

const MESSAGES = many(150);
const STOPS = 2;
const CONNECTIONS = 30;
const IDLE = 100;

it(`${STOPS} stops in the middle of ${MESSAGES} messages`, { timeout: LOAD_TIMEOUT }, async () => {
  const world = await makeWorld({ name: 'stops', listener: { max_connections_per_client: IDLE } });
  try {
    world.write(MESSAGES);
    for (let stop = 1; stop <= STOPS; stop++) {
      const relay = await world.start();
      const idle = await idleCrowd(relay.port('relay'), IDLE);
      const sending = world.send(relay, CONNECTIONS);
      const enough = (MESSAGES / (STOPS + 1)) * stop;
      while (world.accepted.length < enough) await delay(1);
      await expect(relay.kill('SIGTERM')).resolves.toBe(0);
      await sending;
      // What the relay said last may still be on its way through the sockets.
      while (idle.open() > 0) await delay(1);
      for (const line of idle.lastLines()) expect(line).toMatch(/^421 4\.3\.2 /);
      // How much more was let in until it stopped depends on the machine.
      if (stop === 1) expect(world.accepted.length).toBeLessThan(MESSAGES);
      await world.ended('stopped');
    }
    const last = await world.start();
    await world.send(last);
    await world.settle();
    await expect(last.kill('SIGTERM')).resolves.toBe(0);
    await world.ended('stopped');
    const run = world.run();
    expect(judgeRun(run)).toEqual([]);
    expect(run.accepted).toHaveLength(MESSAGES);
  } finally {
    await world.close();
  }
});
