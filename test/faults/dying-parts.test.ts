import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeWorld } from './harness/world.js';
import { decisionOf, memberOf, textOf } from './oracle/events.js';
import { judgeRun } from './oracle/judge.js';
import { withFaultPoints } from './points/names.js';

/*
 * One thread of the relay dies, goes round for ever, or eats all the memory that it may have, in the middle of fifty
 * messages. What it was at counts as unread, never as clean; nothing else is touched by it.
 */

it.for([
  ['ends', 'end-thread', 'crashed'],
  ['goes round for ever', 'loop', 'timed-out'],
  ['runs out of memory', 'eat', 'crashed'],
] as const)(
  'an inspecting thread that %s: its message is unread, all others go on',
  async ([, action, failure]) => {
    // Else a test would have to wait as long as any message may take.
    const inspect = action === 'loop' ? { deadline: '20s' } : {};
    const world = await makeWorld({ name: action, config: { inspect } });
    try {
      const report = join(world.home.folder, 'fatal');
      const relay = await world.start(
        withFaultPoints({ point: 'inspect.in-thread', hit: 7, action, report }),
      );
      world.write(50);
      await world.send(relay);
      await world.settle();
      expect(existsSync(report)).toBe(true);
      await expect(relay.kill('SIGTERM')).resolves.toBe(0);
      await world.ended('stopped');
      const run = world.run();
      expect(judgeRun(run)).toEqual([]);

      const unread = run.events.filter(
        (event) => event.type === 'message.inspected' && memberOf(event.data, 'failure') !== undefined,
      );
      expect(unread.map((event) => memberOf(event.data, 'failure'))).toEqual([failure]);
      const ids = unread.map((event) => textOf(event, 'messageId'));
      const decided = run.events.filter(
        (event) => event.type === 'recipient.decided' && ids.includes(textOf(event, 'messageId')),
      );
      expect(decided.length).toBeGreaterThan(0);
      for (const one of decided) expect(decisionOf(one)).toMatchObject({ isProtected: true });
      for (const one of decided) expect(decisionOf(one).order).not.toContain('plain');
    } finally {
      await world.close();
    }
  },
);

it.for(['end-thread', 'loop', 'eat'] as const)(
  'a sealing thread (%s): the next allowed method is taken for its copy, never a weaker one',
  async (action) => {
    const world = await makeWorld({ name: 'sealing' });
    try {
      await world.giveKeys();
      const report = join(world.home.folder, 'fatal');
      const relay = await world.start(
        withFaultPoints(
          { point: 'protect.in-thread', hit: 2, action, report },
          // Else a test would have to wait as long as a large copy may take.
          action === 'loop' ? [{ file: 'protect/sealer.js', from: '5 * 60_000', to: '20_000' }] : [],
        ),
      );
      world.write(28);
      await world.send(relay);
      await world.settle();
      expect(existsSync(report)).toBe(true);
      await expect(relay.kill('SIGTERM')).resolves.toBe(0);
      await world.ended('stopped');
      const run = world.run();
      expect(judgeRun(run)).toEqual([]);
      const changed = run.events.filter((event) => event.type === 'recipient.method-changed');
      expect(changed.length).toBeGreaterThan(0);
      for (const { data } of changed) expect(memberOf(data, 'to')).toMatch(/^(?:portal|tls|pgp|smime)$/);
      expect(run.copies.some((one) => one.content.includes('multipart/encrypted'))).toBe(true);
    } finally {
      await world.close();
    }
  },
);

it.for(['writer.between-commits', 'writer.committed', 'writer.begun', 'reader.begun'])(
  'the thread of the store that ends at %s: the relay defers, ends with status 1, and loses nothing',
  async (point) => {
    const world = await makeWorld({ name: 'writer' });
    try {
      const report = join(world.home.folder, 'fatal');
      const first = await world.start(withFaultPoints({ point, hit: 4, action: 'end-thread', report }));
      world.write(50);
      await world.send(first);
      await expect(first.ended).resolves.toBe(1);
      expect(existsSync(report)).toBe(true);
      await world.ended('killed');

      const second = await world.start();
      await world.send(second);
      await world.settle();
      await expect(second.kill('SIGTERM')).resolves.toBe(0);
      await world.ended('stopped');
      expect(judgeRun(world.run())).toEqual([]);
    } finally {
      await world.close();
    }
  },
);
