import { mkdtempSync, rmSync } from 'node:fs';
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
  );
  /** A batch whose commit took so long; notes when it is synced. */
  const batch = (name: string, commitTook: number | undefined) => {
    late.begin();
    late.whenSynced(commitTook, (failure) =>
      steps.push(`${name} ${failure === undefined ? 'synced' : failure.message}`),
    );
  };
  const endSync = (failure: Error | null = null) => underWay.shift()?.(failure);
  /** What happened since it was asked for the last time. */
  const happened = () => steps.splice(0);
  return { late, disk, batch, endSync, happened };
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

  it('takes for what is written during a sync another one', () => {
    const { batch, endSync, happened } = slow();
    batch('a', FAST);
    batch('b', FAST);
    batch('c', FAST);
    expect(happened()).toEqual(['PRAGMA synchronous = NORMAL', 'sync']);
    endSync();
    expect(happened()).toEqual(['a synced', 'sync']);
    endSync();
    expect(happened()).toEqual(['b synced', 'c synced']);
  });

  it('answers no read before what it may have seen is on disk', () => {
    const { batch, endSync, happened } = slow();
    batch('a', FAST);
    batch('reads', undefined);
    happened();
    endSync();
    expect(happened()).toEqual(['a synced', 'sync']);
    endSync();
    expect(happened()).toEqual(['reads synced']);
    batch('more reads', undefined);
    expect(happened()).toEqual(['more reads synced']);
  });

  it('calls nothing synced behind a sync that failed', () => {
    const { batch, endSync, happened } = slow();
    batch('a', FAST);
    batch('b', FAST);
    happened();
    endSync(new Error('EIO'));
    expect(happened()).toEqual(['a EIO', 'sync']);
    endSync();
    expect(happened()).toEqual(['b EIO']);
    batch('reads', undefined);
    expect(happened()).toEqual(['reads EIO']);
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
    expect(happened()).toEqual(['c synced', 'sync']);
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
    expect(happened().slice(-2)).toEqual(['late 49 synced', 'measured synced']);
    batch('again', FAST);
    expect(happened()).toEqual(['again synced']);
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
