import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { formatProblem, type YamlProblem } from '../config/yaml-source.js';
import { explainDecision, loadPolicies } from '../decide/index.js';
import { type PolicyTestResult, readPolicyTests, runPolicyTests } from '../decide/policy-test.js';
import { DETECTORS } from '../inspect/detect/registry.js';
import type { Decision } from '../model/decision.js';
import { errorText, UserError } from '../shared/errors.js';
import { inspectHere } from './inspect-here.js';
import { printable, printJson, printLine } from './print.js';

/** `sallyport policy test [PATH…]`: runs policy tests. Exit status 1 when one fails, 2 when files are wrong. */
export function registerPolicy(program: Command): void {
  program
    .command('policy')
    .description('policies as code')
    .command('test')
    .description('run policy tests (*.test.yaml) against the policy files beside them')
    .argument('[path...]', 'test files, or folders with test files', ['policies'])
    .option('--json', 'as JSON')
    .action(async (paths: string[], options: { json?: boolean }) => {
      const { results, warnings } = await testPolicies(paths);
      const failed = results.filter((one) => !one.passed).length;
      if (options.json === true) {
        printJson({
          ok: failed === 0,
          passed: results.length - failed,
          failed,
          warnings: warnings.map(formatProblem),
          results: results.map((one) => ({
            name: one.name,
            file: one.file,
            line: one.line,
            recipient: one.recipient,
            passed: one.passed,
            differences: one.differences.map(({ what, expected, actual }) => ({ what, expected, actual })),
            method: one.decision.order[0] ?? 'none',
            disposition: one.decision.demand.disposition,
            rules: one.decision.rules.map((rule) => rule.rule),
          })),
        });
      } else {
        for (const warning of warnings) printLine(`warning: ${printable(formatProblem(warning))}`);
        for (const result of results) for (const line of resultLines(result)) printLine(printable(line));
        printLine(`${results.length - failed} passed, ${failed} failed`);
      }
      if (failed > 0) process.exitCode = 1;
    });
}

interface TestRun {
  readonly results: readonly PolicyTestResult[];
  readonly warnings: readonly YamlProblem[];
}

/**
 * Runs the tests at these paths, each against all policy files of its folder.
 * @throws UserError (exit status 2) that lists every problem of test and policy files
 */
async function testPolicies(paths: readonly string[]): Promise<TestRun> {
  const detectors = DETECTORS.map((one) => one.name);
  const files = [...new Set((await Promise.all(paths.map(testFiles))).flat())];
  const loads = new Map<string, Awaited<ReturnType<typeof loadPolicies>>>();
  for (const dir of new Set(files.map(dirname))) loads.set(dir, await loadPolicies(dir, { detectors }));
  const reads = await Promise.all(files.map((file) => readPolicyTests(file, { detectors })));
  const problems = [
    ...[...loads.values()].flatMap((load) => (load.ok ? [] : load.problems)),
    ...reads.flatMap((read) => (read.ok ? [] : read.problems)),
  ];
  if (problems.length > 0) throw new UserError(problems.map(formatProblem).join('\n'), { exitStatus: 2 });

  const results: PolicyTestResult[] = [];
  for (const read of reads) {
    const load = read.ok ? loads.get(dirname(read.tests.file)) : undefined;
    if (!read.ok || load?.ok !== true) continue;
    results.push(
      ...(await runPolicyTests(load.policy, read.tests, { inspect: inspectHere, now: Date.now() })),
    );
  }
  return { results, warnings: [...loads.values()].flatMap((load) => (load.ok ? load.warnings : [])) };
}

async function testFiles(path: string): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter((name) => name.endsWith('.test.yaml')).sort();
    if (names.length > 0) return names.map((name) => join(path, name));
  } catch (cause) {
    throw new UserError(`cannot read ${path}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
  throw new UserError(`${path} holds no policy tests (*.test.yaml)`, { exitStatus: 2 });
}

function resultLines(result: PolicyTestResult): readonly string[] {
  const { passed, file, line, name, recipient, decision, differences } = result;
  const head = `${passed ? 'ok  ' : 'FAIL'} ${file}:${line}  ${name} → ${recipient}: ${outcome(decision)}`;
  if (passed) return [head];
  return [
    head,
    ...differences.map((one) => `       expected ${one.what} ${one.expected}, but it is ${one.actual}`),
    ...explainDecision(decision)
      .split('\n')
      .map((text) => `       ${text}`),
  ];
}

function outcome(decision: Decision): string {
  const { disposition } = decision.demand;
  return disposition === 'send' ? (decision.order[0] ?? 'none') : disposition;
}
