import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { monthFileNames } from '../../src/audit/month-file.js';
import { openSqlite } from '../../src/shared/open-sqlite.js';
import { makeWorld } from './harness/world.js';
import { textOf } from './oracle/events.js';
import { judgeRun } from './oracle/judge.js';
import { type Edit, withFaultPoints } from './points/names.js';
import { makeShim, type Shim, whyNoShim } from './shim/index.js';
import { loseUnsynced } from './shim/lost-writes.js';

/*
 * Syncs that fail while mail flows, and a disk that is full. What a failed sync was to write may be lost for good, whatever
 * the next sync says: the relay defers new mail with 451, ends with status 1, and what it finds at its next start is all
 * that it had promised.
 */

const reason = whyNoShim();
if (reason !== undefined && process.env.SALLYPORT_REQUIRE_TOOLS === '1')
  throw new Error(`these tests can't run (${reason}), and SALLYPORT_REQUIRE_TOOLS=1`);

describe.skipIf(reason !== undefined)('a failing disk (skipped where gcc is missing)', () => {
  it.for<readonly [string, (shim: Shim) => void, (readonly Edit[])?]>([
    ['the queue can not be synced', (shim) => shim.failSyncs('/relay.db-wal')],
    [
      'the queue can not be synced beside the next batch',
      (shim) => shim.failSyncs('/relay.db-wal'),
      [{ file: 'store/late-sync.js', from: 'const SLOW_MS = 3', to: 'const SLOW_MS = 0' }],
    ],
    ['the audit log can not be synced', (shim) => shim.failSyncs('.db-wal')],
    ['a large message can not be synced', (shim) => shim.failSyncs('.body')],
    ['the folder of large messages can not be synced', (shim) => shim.failSyncs('/bodies')],
    ['the disk is full', (shim) => shim.fillDisk(true)],
  ])('%s: deferred, ended with status 1, and nothing is lost', async ([, breakIt, edits]) => {
    const world = await makeWorld({ name: 'disk' });
    const shim = makeShim(world.home.dataDir);
    try {
      const how = withFaultPoints(undefined, edits);
      const first = await world.start({ ...how, env: { ...how.env, ...shim.env } });
      world.write(12);
      await world.send(first);
      breakIt(shim);
      world.write(50);
      const before = world.accepted.length;
      await world.send(first);
      await expect(first.ended).resolves.toBe(1);
      expect(first.output()).toContain('the store cannot be written');
      // Small messages may be taken while only the large ones fail.
      expect(world.accepted.length - before).toBeLessThan(50);
      loseUnsynced(shim, world.home.dataDir);
      await world.ended('killed');

      shim.failSyncs(undefined);
      shim.fillDisk(false);
      const second = await world.start({ env: shim.env });
      await world.send(second);
      await world.settle();
      await expect(second.kill('SIGTERM')).resolves.toBe(0);
      await world.ended('stopped');
      const run = world.run();
      expect(judgeRun(run)).toEqual([]);
      expect(run.accepted).toHaveLength(62);
    } finally {
      await world.close();
      shim.remove();
    }
  });
});

describe.skipIf(reason !== undefined)('what a failed sync lost (skipped where gcc is missing)', () => {
  it.for(['the queue', 'the audit log'])(
    'is written anew by the next start, also where somebody reads %s all the time',
    async (which) => {
      const world = await makeWorld({ name: 'anew' });
      const { dataDir } = world.home;
      const shim = makeShim(dataDir);
      try {
        const first = await world.start({ env: shim.env });
        world.write(12);
        await world.send(first);
        const audit = join(dataDir, 'audit');
        const file =
          which === 'the queue' ? join(dataDir, 'relay.db') : join(audit, monthFileNames(audit).at(-1)!);
        shim.failSyncs(`${file}-wal`);
        world.write(10);
        await world.send(first);
        await expect(first.ended).resolves.toBe(1);
        await world.ended('killed');

        shim.failSyncs(undefined);
        // With a reader the log can't be emptied: what is committed next stands behind what was lost.
        const reader = openSqlite(file, { readonly: true });
        reader.exec('BEGIN');
        reader.prepare('SELECT count(*) FROM sqlite_master').get();
        const second = await world.start({ env: shim.env });
        await world.send(second);
        await second.kill('SIGKILL');
        reader.close();
        expect(statSync(`${file}-wal`).size).toBeGreaterThan(0);
        loseUnsynced(shim, dataDir);
        await world.ended('killed');

        const third = await world.start({ env: shim.env });
        await world.send(third);
        await world.settle();
        await expect(third.kill('SIGTERM')).resolves.toBe(0);
        await world.ended('stopped');
        expect(judgeRun(world.run())).toEqual([]);
      } finally {
        await world.close();
        shim.remove();
      }
    },
  );
});

describe.skipIf(reason !== undefined)(
  'a large message that can not be synced (skipped where gcc is missing)',
  () => {
    it('has nobody told no whose message is stored: it would travel twice', async () => {
      const world = await makeWorld({ name: 'both' });
      const shim = makeShim(world.home.dataDir);
      try {
        // Its sync ends while those of the small messages beside it are under way, one after the other.
        const relay = await world.start({ env: { ...shim.env, FAULTS_SLOW_MS: '100' } });
        shim.failSyncs('.body');
        world.write(30);
        await world.send(relay);
        await expect(relay.ended).resolves.toBe(1);
        await world.ended('killed');
        const recorded = world.run().events.filter((event) => event.type === 'message.accepted');
        const stored = recorded.map((event) => textOf(event, 'messageId'));
        expect(stored.length).toBeGreaterThan(0);
        expect(stored.toSorted()).toEqual(world.accepted.map((one) => one.id).toSorted());
      } finally {
        await world.close();
        shim.remove();
      }
    });
  },
);

describe.skipIf(reason !== undefined)('a clock that jumps', () => {
  it.for([
    ['two hours ahead and back', [2, 0]],
    ['a month ahead and back', [24 * 30, 0]],
    ['a day back', [-24]],
  ] as const)('%s: nothing is lost, and the log verifies', async ([, jumps]) => {
    const world = await makeWorld({ name: 'clock', config: { portal: undefined } });
    const shim = makeShim(world.home.dataDir);
    try {
      const relay = await world.start({ env: shim.env });
      world.write(12);
      await world.send(relay);
      for (const hours of jumps) {
        shim.moveClock(hours * 3_600_000);
        world.write(25);
        await world.send(relay);
      }
      await world.settle();
      await expect(relay.kill('SIGTERM')).resolves.toBe(0);
      await world.ended('stopped');
      const run = world.run();
      expect(judgeRun(run)).toEqual([]);
      // It did see the other time.
      const [first] = jumps;
      const off = run.events.filter(
        ({ at = 0 }) => Math.abs(at - Date.now() - first * 3_600_000) < 3_000_000,
      );
      expect(off.length).toBeGreaterThan(20);
    } finally {
      await world.close();
      shim.remove();
    }
  });
});
