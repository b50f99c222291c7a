import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';

/** What a run of tests said. */
export interface TestRun {
  readonly passed: number;
  readonly skipped: number;
  /** Names of tests that failed, and of files that could not be run. */
  readonly failed: readonly string[];
}

/** A copy of the working tree, in which files may be changed. */
export interface PrivateTree {
  readonly root: string;
  /** Compiles it. @throws when that fails */
  build(): Promise<void>;
  /** Runs test files, until the first failure. @throws when they could not be run */
  test(files: readonly string[], only?: string): Promise<TestRun>;
  remove(): void;
}

const ROOT = join(import.meta.dirname, '..', '..');
const LEFT_OUT = new Set(['node_modules', 'dist', '.git']);

export function privateTree(): PrivateTree {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-mutants-'));
  cpSync(ROOT, root, {
    recursive: true,
    filter: (from) => !(dirname(from) === ROOT && LEFT_OUT.has(basename(from))),
  });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return {
    root,
    async build() {
      // Without a check of types: what a mutant does wrong is for the tests to find.
      await ran(root, ['npx', '--no-install', 'tsc', '-p', 'tsconfig.json', '--noCheck']);
      await ran(root, [process.execPath, 'scripts/copy-assets.mjs']);
    },
    async test(files, only) {
      const report = join(root, 'report.json');
      rmSync(report, { force: true });
      const pattern = only === undefined ? [] : ['-t', only];
      const { output } = await run(root, [
        ...['npx', '--no-install', 'vitest', 'run', '--bail=1', '--reporter=json', `--outputFile=${report}`],
        ...[...pattern, ...files],
      ]);
      try {
        return readReport(readFileSync(report, 'utf8'));
      } catch (cause) {
        throw new Error(`the tests could not be run:\n${output}`, { cause });
      }
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

const reportSchema = z.object({
  numPassedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});

function readReport(text: string): TestRun {
  const { numPassedTests, testResults } = reportSchema.parse(JSON.parse(text));
  const tests = testResults.flatMap((one) => one.assertionResults);
  const failed = tests.filter((one) => one.status === 'failed').map((one) => one.fullName);
  const files = testResults
    .filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((one) => one.status === 'failed'),
    )
    .map((file) => basename(file.name));
  return {
    passed: numPassedTests,
    skipped: tests.filter((one) => one.status === 'skipped' || one.status === 'pending').length,
    failed: [...failed, ...files],
  };
}

async function ran(cwd: string, command: readonly string[]): Promise<void> {
  const { status, output } = await run(cwd, command);
  if (status !== 0) throw new Error(`${command.join(' ')} failed:\n${output}`);
}

function run(
  cwd: string,
  [program = '', ...args]: readonly string[],
): Promise<{ readonly status: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}
