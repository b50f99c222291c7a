import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { logSyncs } from '../../../src/shared/log-syncs.js';
import { lateSync } from '../../../src/store/late-sync.js';
import { migrate } from '../../../src/store/migrations.js';
import { openRelayDb } from '../../../src/store/relay-db.js';

const SLOW = 10;
const FAST = 0.2;

function setUp() {
  const steps: string[] = [];
  const disk = { broken: false };
  const underWay: ((failure: Error | null) => void)[] = [];
  const clock = { now: 0 };
  const late = lateSync(
    {
      run(sql) {
        steps.push(sql);
        return 0;
      },
    },
    {
      beside(done) {
        steps.push('sync');
        underWay.push(done);
      },
      atOnce() {
        steps.push('sync at once');
        if (disk.broken) throw new Error('EIO');
      },
    },
    () => clock.now,
  );
  /** A batch whose commit took so long; notes when it is synced. */
  const batch = (name: string, commitTook: number | undefined) => {
    late.begin();
    late.whenSynced(commitTook, (failure) =>
      steps.push(`${name} ${failure === undefined ? 'synced' : failure.message}`),
    );
  };
  const endSync = (failure: Error | null = null) => underWay.shift()?.(failure);
  /** The newest one that runs. */
  const endLastSync = (failure: Error | null = null) => underWay.pop()?.(failure);
  /** What happened since it was asked for the last time. */
  const happened = () => steps.splice(0);
  return { late, disk, clock, batch, endSync, endLastSync, happened };
}

describe('where the disk is fast', () => {
  it('syncs within each commit', () => {
    const { batch, happened } = setUp();
    batch('a', FAST);
    batch('reads', undefined);
    batch('b', FAST);
    expect(happened()).toEqual(['a synced', 'reads synced', 'b synced']);
  });
});

describe('where the disk is slow', () => {
  function slow() {
    const made = setUp();
    made.batch('first', SLOW);
    expect(made.happened()).toEqual(['first synced']);
    return made;
  }

  it('answers a batch when it is on disk, not when it is written', () => {
    const { batch, endSync, happened } = slow();
    batch('a', FAST);
    expect(happened()).toEqual(['PRAGMA synchronous = NORMAL', 'sync']);
    endSync();
    expect(happened()).toEqual(['a synced']);
  });

  it('takes for what is written during a sync another one, and no more than two at once', () => {
    const { batch, endSync, happened } = slow();
    batch('a', FAST);
    batch('b', FAST);
    batch('c', FAST);
    batch('d', FAST);
    expect(happened()).toEqual(['PRAGMA synchronous = NORMAL', 'sync', 'sync']);
    endSync();
    expect(happened()).toEqual(['a synced', 'sync']);
    endSync();
    expect(happened()).toEqual(['b synced']);
    batch('e', FAST);
    expect(happened()).toEqual(['sync']);
    endSync();
    expect(happened()).toEqual(['c synced', 'd synced']);
    endSync();
    expect(happened()).toEqual(['e synced']);
  });

  it('answers in the order in which it was written, though a later sync ends first', () => {
    const { batch, endSync, endLastSync, happened } = slow();
    batch('a', FAST);
    batch('b', FAST);
    happened();
    endLastSync();
    batch('c', FAST);
    expect(happened()).toEqual([]);
    endSync();
    expect(happened()).toEqual(['a synced', 'b synced', 'sync']);
    endSync();
    expect(happened()).toEqual(['c synced']);
  });

  it('answers no read before what it may have seen is on disk', () => {
    const { batch, endSync, happened } = slow();
    batch('a', FAST);
    batch('reads', undefined);
    happened();
    endSync();
    expect(happened()).toEqual(['a synced']);
    endSync();
    expect(happened()).toEqual(['reads synced']);
    batch('more reads', undefined);
    expect(happened()).toEqual(['more reads synced']);
  });

  it('calls nothing synced behind a sync that failed', () => {
    const { batch, endSync, happened } = slow();
    batch('a', FAST);
    batch('b', FAST);
    batch('c', FAST);
    happened();
    endSync(new Error('EIO'));
    expect(happened()).toEqual(['a EIO', 'sync']);
    endSync();
    expect(happened()).toEqual(['b EIO']);
    endSync();
    expect(happened()).toEqual(['c EIO']);
    batch('reads', undefined);
    expect(happened()).toEqual(['reads EIO']);
  });

  it('calls nothing synced, once a later sync failed, of what the one before has not ended for', () => {
    const { batch, endSync, endLastSync, happened } = slow();
    batch('a', FAST);
    batch('b', FAST);
    happened();
    endLastSync(new Error('EIO'));
    expect(happened()).toEqual([]);
    endSync();
    expect(happened()).toEqual(['a EIO', 'b EIO']);
  });

  it('syncs one by one where the disk does', () => {
    const { batch, clock, endSync, happened } = slow();
    const endOne = () => {
      clock.now += 10;
      endSync();
    };
    for (let n = 0; n < 4; n++) batch(`${n}`, FAST);
    for (let n = 0; n < 3; n++) endOne();
    happened();
    batch('c', FAST);
    batch('d', FAST);
    batch('e', FAST);
    expect(happened()).toEqual(['sync']);
    endOne();
    expect(happened()).toEqual(['c synced', 'sync']);
    endOne();
    expect(happened()).toEqual(['d synced', 'e synced']);
  });

  it('goes on with two where the disk does both at once', () => {
    const { batch, clock, endSync, happened } = slow();
    for (let n = 0; n < 24; n++) {
      batch('a', FAST);
      clock.now += 4;
      batch('b', FAST);
      expect(happened().filter((step) => step === 'sync')).toHaveLength(2);
      clock.now += 6;
      endSync();
      clock.now += 4;
      endSync();
      happened();
    }
  });

  it('tells what is asked for while it answers behind all whom the same sync was for', () => {
    const { late, batch, endSync, happened } = slow();
    batch('a', FAST);
    late.begin();
    late.whenSynced(FAST, () => batch('told', undefined));
    batch('c', FAST);
    endSync();
    happened();
    endSync();
    expect(happened()).toEqual(['sync']);
    endSync();
    expect(happened()).toEqual(['c synced']);
    endSync();
    expect(happened()).toEqual(['told synced']);
  });

  it('sees now and then how long a sync takes, and stays behind what was written before', () => {
    const { batch, endSync, happened } = slow();
    for (let i = 0; i < 50; i++) batch(`late ${i}`, FAST);
    expect(happened().filter((step) => step.startsWith('PRAGMA'))).toEqual(['PRAGMA synchronous = NORMAL']);
    batch('measured', FAST);
    expect(happened()).toEqual(['PRAGMA synchronous = FULL']);
    endSync();
    endSync();
    endSync();
    expect(happened().slice(-2)).toEqual(['late 49 synced', 'measured synced']);
    batch('again', FAST);
    expect(happened()).toEqual(['again synced']);
  });

  it('sees it more rarely each time that it was as slow, until it was not', () => {
    const { batch, endSync, happened } = slow();
    /** How many batches are late until one is measured, which takes so long. */
    const lateUntil = (took: number) => {
      for (let count = 0; ; count++) {
        batch('one', took);
        endSync();
        if (happened().includes('PRAGMA synchronous = FULL')) return count;
      }
    };
    batch('late', SLOW);
    happened();
    expect([SLOW, SLOW, SLOW, SLOW].map(lateUntil)).toEqual([49, 100, 200, 400]);
    expect(lateUntil(FAST)).toBe(400);
    batch('at once', SLOW);
    batch('late', SLOW);
    happened();
    expect(lateUntil(SLOW)).toBe(49);
  });
});

describe('syncing at once', () => {
  it('says that all is on disk, and what failed', () => {
    const { late, disk, batch, happened } = setUp();
    batch('a', SLOW);
    happened();
    expect(late.syncAtOnce()).toBeUndefined();
    expect(happened()).toEqual(['sync at once']);
    disk.broken = true;
    expect(late.syncAtOnce()?.message).toBe('EIO');
  });

  it('fails for whoever waits, too, and for whoever comes after it', () => {
    const { late, disk, batch, endSync, happened } = setUp();
    batch('a', SLOW);
    batch('b', FAST);
    disk.broken = true;
    late.syncAtOnce();
    happened();
    endSync();
    batch('c', undefined);
    expect(happened()).toEqual(['b EIO', 'c EIO']);
  });
});

describe('the log', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-log-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('must be there from the beginning, or what failed before it was opened would never be told', () => {
    expect(() => logSyncs(join(folder, 'relay.db'))).toThrow('ENOENT');
  });

  it('is synced by no more at the same time than it was opened for', async () => {
    writeFileSync(join(folder, 'some.db-wal'), '');
    const log = logSyncs(join(folder, 'some.db'), 2);
    const sync = () => new Promise((done) => log.beside(done));
    const both = [sync(), sync()];
    expect(() => log.beside(() => undefined)).toThrow(RangeError);
    expect(await Promise.all(both)).toEqual([null, null]);
    expect(await sync()).toBeNull();
  });

  it('is there once the database was opened and migrated, written or not', () => {
    const file = join(folder, 'opened.db');
    for (const _ of ['new', 'as it was left']) {
      const db = openRelayDb(file);
      migrate(db, file);
      expect(() => logSyncs(file).atOnce()).not.toThrow();
      db.close();
    }
  });
});
