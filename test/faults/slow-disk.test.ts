import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { textOf } from './oracle/events.js';
import { readEvents, readGeneration, readKeptEvents } from './oracle/read-files.js';
import { type Edit, withFaultPoints } from './points/names.js';
import { makeShim, type Shim, whyNoShim } from './shim/index.js';
import { loseUnsynced } from './shim/lost-writes.js';

/*
 * The store's writer with a disk whose syncs take long: the next batch is written while the one before is synced. Power cuts
 * that are as mean as can be (all that one file was ever given is on the disk, of the other only what was synced), syncs that
 * fail, and what acts on a change that isn't on the disk.
 */

const reason = whyNoShim();
if (reason !== undefined && process.env.SALLYPORT_REQUIRE_TOOLS === '1')
  throw new Error(`these tests can't run (${reason}), and SALLYPORT_REQUIRE_TOOLS=1`);

const SLOW_MS = 20;
const HARNESS = fileURLToPath(new URL('./harness/store-process.mjs', import.meta.url));

type Line = Readonly<Record<string, unknown>>;

interface Run {
  readonly dataDir: string;
  readonly shim: Shim;
  /** What it said so far. */
  readonly lines: readonly Line[];
  /** Resolves when it said something of the kind so many times; rejects when it ended before. */
  said(what: string, times?: number): Promise<void>;
  tell(line: string): void;
  /** Kills it, or has it killed in so many milliseconds; resolves when it has ended and all it said was read. */
  kill(ms?: number): Promise<void>;
}

async function withStore(work: (run: Run) => Promise<void>, edits: readonly Edit[] = []): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-slow-disk-'));
  const shim = makeShim(dataDir);
  const how = withFaultPoints(undefined, edits);
  const child = spawn(process.execPath, [...how.nodeArgs, HARNESS, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...how.env, ...shim.env, FAULTS_SLOW_MS: String(SLOW_MS) },
  });
  const lines: Line[] = [];
  const wanted: (() => void)[] = [];
  const ended = (async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(JSON.parse(line));
      for (const look of wanted) look();
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  })();
  const run: Run = {
    dataDir,
    shim,
    lines,
    said: (what, times = 1) =>
      new Promise<void>((resolve, reject) => {
        const look = () => lines.filter((line) => what in line).length >= times && resolve();
        wanted.push(look);
        look();
        void ended.then(() => reject(new Error(`it ended before it said "${what}" ${times} times`)));
      }),
    tell: (line) => child.stdin.write(`${line}\n`),
    async kill(ms) {
      if (ms === undefined) child.kill('SIGKILL');
      else child.stdin.write(`die ${ms}\n`);
      await ended;
    },
  };
  try {
    await work(run);
  } finally {
    await run.kill();
    rmSync(dataDir, { recursive: true, force: true });
    shim.remove();
  }
}

/** Starts it anew, and has it killed when it has just opened its files. */
async function startAndKill({ dataDir, shim }: Run): Promise<void> {
  const report = join(shim.journalFile, '..', 'point');
  const how = withFaultPoints({ point: 'start.store-opened', hit: 1, action: 'kill', report });
  const child = spawn(process.execPath, [...how.nodeArgs, HARNESS, dataDir], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...how.env, ...shim.env },
  });
  await once(child, 'exit');
  expect(readFileSync(report, 'utf8')).toContain('start.store-opened');
}

/** IDs of which it said something. */
const idsOf = (lines: readonly Line[], what: string) =>
  lines.flatMap((line) => (typeof line[what] === 'string' ? [line[what]] : []));

/** What the files hold; on record is what is in the log, and what the next start puts back into it. */
function found(dataDir: string) {
  const events = [...readEvents(dataDir), ...readKeptEvents(dataDir)];
  const of = (type: string) =>
    new Set(events.filter((one) => one.type === type).map((one) => textOf(one, 'messageId')));
  const { rows, chainProblems } = readGeneration(dataDir, 'killed');
  const states = new Map([...rows].map(([key, state]) => [key.split(' ')[0] ?? key, state]));
  return { accepted: of('message.accepted'), ended: of('recipient.ended'), states, chainProblems };
}

/** Everything that a power cut must leave as it was promised. */
function expectKept({ dataDir, lines }: Run): void {
  const { accepted, ended, states, chainProblems } = found(dataDir);
  expect(chainProblems).toEqual([]);
  // Nothing in the queue that the log doesn't know, but for what was to be so.
  const logged = [...states.keys()].filter((id) => !id.startsWith('unlogged'));
  expect(logged.filter((id) => !accepted.has(id))).toEqual([]);
  expect([...states].filter(([id, state]) => state === 'ended' && !ended.has(id))).toEqual([]);
  // Nothing is gone that was answered.
  expect(idsOf(lines, 'stored').filter((id) => !states.has(id))).toEqual([]);
  expect(idsOf(lines, 'ended').filter((id) => states.get(id) !== 'ended')).toEqual([]);
}

const ALL = (changes: number) => changes;
const NOTHING = () => 0;
/** The log gets onto the disk long after the queue. */
const LATE_LOG: Edit = {
  file: 'audit/month-writer.js',
  from: 'syncs.beside(done)',
  to: 'setTimeout(() => syncs.beside(done), 400)',
};
/** The log gets onto the disk only when as many batches as can be are kept for it. */
const NEVER_SYNCED_LOG: Edit = { file: 'audit/month-writer.js', from: 'syncs.beside(done)', to: 'undefined' };
const ALL_OF_THE_QUEUE = (changes: number, path: string) => (path.includes('/relay.db') ? changes : 0);
const ALL_OF_THE_LOG = (changes: number, path: string) => (path.includes('/audit/') ? changes : 0);

describe.skipIf(reason !== undefined)('a power cut on a slow disk (skipped where gcc is missing)', () => {
  it.for<readonly [string, (changes: number, path: string) => number]>([
    ['what was not synced', NOTHING],
    ['what was not synced of the log', ALL_OF_THE_QUEUE],
    ['what was not synced of the queue', ALL_OF_THE_LOG],
    ['nothing', ALL],
  ])('that takes %s leaves all that was answered, and no act without its event', ([, keep]) =>
    withStore(async (run) => {
      await run.said('ended', 300);
      await run.kill(47);
      loseUnsynced(run.shim, run.dataDir, keep);
      expectKept(run);
    }),
  );

  it('leaves no act without its event where the disk of the log is far behind', () =>
    withStore(
      async (run) => {
        await run.said('ended', 300);
        await run.kill(47);
        loseUnsynced(run.shim, run.dataDir, ALL_OF_THE_QUEUE);
        expect(readKeptEvents(run.dataDir)).not.toEqual([]);
        expectKept(run);
      },
      [LATE_LOG],
    ));

  it('that follows at once on a start behind a kill leaves no act without its event', () =>
    withStore(
      async (run) => {
        await run.said('ended', 300);
        await run.kill(47);
        expect(readKeptEvents(run.dataDir)).toEqual([]);
        await startAndKill(run);
        loseUnsynced(run.shim, run.dataDir, ALL_OF_THE_QUEUE);
        expectKept(run);
      },
      [NEVER_SYNCED_LOG],
    ));

  it.for<readonly [string, readonly Edit[], (changes: number, path: string) => number]>([
    [
      'events are not kept until the log is synced',
      [
        LATE_LOG,
        {
          file: 'store/audit-tail.js',
          from: 'INSERT INTO audit_tail (last_seq, events) VALUES (?, ?)',
          to: 'DELETE FROM audit_tail WHERE last_seq = ? AND events = ?',
        },
      ],
      ALL_OF_THE_QUEUE,
    ],
    [
      'batches are answered before their sync',
      [
        {
          file: 'store/late-sync.js',
          from: '(commitTook === undefined || !isLate)',
          to: '(commitTook !== undefined || !isLate)',
        },
      ],
      NOTHING,
    ],
  ])('is noticed where %s', async ([, edits, keep]) => {
    let broken: readonly string[] = [];
    // Whether a cut falls into such a moment is chance.
    for (let n = 1; n <= 40 && broken.length === 0; n++)
      await withStore(async (run) => {
        await run.said('ended', 100);
        await run.kill(11 * (1 + (n % 8)));
        loseUnsynced(run.shim, run.dataDir, keep);
        const { accepted, ended, states } = found(run.dataDir);
        broken = [
          ...[...states].flatMap(([id, state]) =>
            accepted.has(id) && (state !== 'ended' || ended.has(id)) ? [] : [`unrecorded: ${id}`],
          ),
          ...idsOf(run.lines, 'stored').flatMap((id) => (states.has(id) ? [] : [`lost: ${id}`])),
        ];
      }, edits);
    expect(broken).not.toEqual([]);
  });
});

describe.skipIf(reason !== undefined)('a slow disk that fails (skipped where gcc is missing)', () => {
  it.for(['/audit/', '/relay.db-wal'])(
    'in %s: what was answered is kept, and nothing is answered after the failure was told',
    (part) =>
      withStore(async (run) => {
        await run.said('ended', 100);
        run.tell('unlogged');
        await run.said('ended', 200);
        run.shim.failSyncs(part);
        await run.said('failed');
        // Those who still asked were told no.
        await run.said('not stored');
        await run.kill();
        const told = run.lines.findIndex((line) => 'failed' in line);
        const behind = run.lines.slice(told);
        for (const what of ['stored', 'begun', 'ended']) expect(idsOf(behind, what)).toEqual([]);
        // As it is in the memory of the system: what the log's failure came before is not in the queue.
        if (part === '/audit/') {
          const { states } = found(run.dataDir);
          const answered = new Set(idsOf(run.lines, 'stored'));
          expect([...states.keys()].filter((id) => !answered.has(id))).toEqual([]);
        }
        loseUnsynced(run.shim, run.dataDir);
        expectKept(run);
      }),
  );

  it('loses no event at a power cut behind the next start, which read what the disk refused', () =>
    withStore(async (run) => {
      await run.said('ended', 100);
      run.shim.failSyncs('/audit/');
      await run.said('failed');
      await run.kill();
      run.shim.failSyncs(undefined);
      await startAndKill(run);
      loseUnsynced(run.shim, run.dataDir, ALL_OF_THE_QUEUE);
      expectKept(run);
    }));

  it('does not let the log be pruned of what a legal hold covered whose removal may be lost', () =>
    withStore(async (run) => {
      const month = join(run.dataDir, 'audit', '2020-01.db');
      await run.said('ended', 200);
      run.shim.failSyncs('/relay.db-wal');
      run.tell('prune');
      await run.said('failed');
      await run.said('not pruned');
      expect(idsOf(run.lines, 'pruned')).toEqual([]);
      expect(existsSync(month)).toBe(true);
    }));

  it('lets it be pruned where that is on the disk', () =>
    withStore(async (run) => {
      await run.said('ended', 50);
      run.tell('prune');
      await run.said('pruned');
      expect(existsSync(join(run.dataDir, 'audit', '2020-01.db'))).toBe(false);
      await run.said('ended', 300);
      await run.kill();
      loseUnsynced(run.shim, run.dataDir, ALL_OF_THE_QUEUE);
      // A log that begins later is one that was pruned; whatever is left of it fits together.
      expectKept(run);
    }));
});
