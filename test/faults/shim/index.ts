import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../../support/find-tool.js';

/** The layer between a relay under test and the C library (faults.c): its disk and its clock are the test's. */
export interface Shim {
  /** For the environment of the relay. */
  readonly env: Readonly<Record<string, string>>;
  readonly journalFile: string;
  /** Syncs of files whose path has this part fail, and what they were to sync is lost; undefined: none. */
  failSyncs(part: string | undefined): void;
  /** Nothing can be written any more. */
  fillDisk(full: boolean): void;
  /** Moves the wall clock to so many milliseconds ahead of the machine's. */
  moveClock(aheadMs: number): void;
  remove(): void;
}

const SOURCE = join(import.meta.dirname, 'faults.c');
let library: string | undefined;

/** Why there can be no such layer here; undefined: there can. */
export function whyNoShim(): string | undefined {
  if (process.platform !== 'linux') return 'it is for Linux';
  return findTool('gcc') === undefined ? 'there is no gcc' : undefined;
}

/** @param dataDir the folder whose files are watched */
export function makeShim(dataDir: string): Shim {
  library ??= compiled();
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-shim-'));
  const clock = join(folder, 'clock');
  const moveClock = (aheadMs: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(Math.round(aheadMs)) * 1_000_000n);
    // In place: the relay has it mapped.
    writeFileSync(clock, bytes, { flag: 'r+' });
  };
  writeFileSync(clock, Buffer.alloc(8));
  const put = (name: string, text: string | undefined) => {
    if (text === undefined) return rmSync(join(folder, name), { force: true });
    // Whole at once: a file that is still empty speaks of every path.
    writeFileSync(join(folder, `${name}.new`), text);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  };
  return {
    env: { LD_PRELOAD: library, FAULTS_DIR: folder, FAULTS_ROOT: dataDir, UV_USE_IO_URING: '0' },
    journalFile: join(folder, 'journal'),
    failSyncs: (part) => put('fail-sync', part),
    fillDisk: (full) => put('full', full ? '' : undefined),
    moveClock,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function compiled(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-shim-build-'));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'faults.so');
  const { status, stderr } = spawnSync(
    'gcc',
    ['-shared', '-fPIC', '-O2', '-Wall', '-o', file, SOURCE, '-ldl', '-lpthread'],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`faults.c can't be compiled: ${stderr}`);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return file;
}

/** The bytes of a journal so far. */
export function readJournal(shim: Shim): Buffer {
  return readFileSync(shim.journalFile);
}
