import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { formatProblem, type YamlProblem } from '../config/yaml-source.js';
import { type DetectorTestResult, runDetectorTests } from '../decide/detector-tests.js';
import { explainDecision, loadPolicies } from '../decide/index.js';
import { type PolicyTestResult, readPolicyTests, runPolicyTests } from '../decide/policy-test.js';
import { DETECTORS } from '../inspect/detect/registry.js';
import { detectionSettings } from '../inspect/detect/settings.js';
import type { Decision } from '../model/decision.js';
import { errorText, UserError } from '../shared/errors.js';
import { configFileIfAny, withConfigIfAny } from './config-option.js';
import { inspectHere } from './inspect-here.js';
import { printable, printJson, printLine } from './print.js';
import { NOT_INSPECTED } from './warnings.js';

/**
 * `sallyport policy test [PATH…]`: runs policy tests. Exit status 1 when one fails, 2 when files are wrong. A
 * configuration says with which limits mail is read, and whether at all.
 */
export function registerPolicy(program: Command): void {
  const command = program
    .command('policy')
    .description('policies as code')
    .command('test')
    .description(
      'run policy tests (*.test.yaml, and those of detectors) against the policy files beside them',
    )
    .argument('[path...]', 'folders, test files, or policy files with tests of detectors', ['policies'])
    .option('--json', 'as JSON');
  withConfigIfAny(command).action(async (paths: string[], options: { config?: string; json?: boolean }) => {
    const file = configFileIfAny(options);
    const limits = file === undefined ? undefined : (await loadConfig(file)).config.inspect;
    const { results, detectors, warnings: ofPolicies } = await testPolicies(paths, limits);
    const warnings = [
      ...(limits?.enabled === false ? [`${file}: ${NOT_INSPECTED}`] : []),
      ...ofPolicies.map(formatProblem),
    ];
    const all = [...results, ...detectors];
    const failed = all.filter((one) => !one.passed).length;
    if (options.json === true) {
      printJson({
        ok: failed === 0,
        passed: all.length - failed,
        failed,
        warnings,
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
        detectors: detectors.map(({ test, passed, outcome }) => ({
          detector: test.detector,
          file: test.file,
          line: test.line,
          column: test.column,
          expects: test.expects,
          passed,
          outcome,
        })),
      });
    } else {
      for (const warning of warnings) printLine(`warning: ${printable(warning)}`);
      for (const result of detectors) printLine(printable(detectorLine(result)));
      for (const result of results) for (const line of resultLines(result)) printLine(printable(line));
      printLine(`${all.length - failed} passed, ${failed} failed`);
    }
    if (failed > 0) process.exitCode = 1;
  });
}

interface TestRun {
  readonly results: readonly PolicyTestResult[];
  readonly detectors: readonly DetectorTestResult[];
  readonly warnings: readonly YamlProblem[];
}

/**
 * Runs the tests at these paths, each against all policy files of its folder.
 * @throws UserError (exit status 2) that lists every problem of test and policy files
 */
async function testPolicies(
  paths: readonly string[],
  limits: Config['inspect'] | undefined,
): Promise<TestRun> {
  const contentNotRead = limits?.enabled === false;
  const shipped = DETECTORS.map((one) => one.name);
  const places = await Promise.all(paths.map(testPlace));
  const dirs = new Set(places.map((one) => one.dir));
  const problems: YamlProblem[] = [];
  const results: PolicyTestResult[] = [];
  const detectors: DetectorTestResult[] = [];
  const warnings: YamlProblem[] = [];
  for (const dir of dirs) {
    const here = places.filter((one) => one.dir === dir);
    const load = await loadPolicies(dir, { detectors: shipped, contentNotRead });
    // Which detectors there are isn't known while the policies are wrong.
    const known = load.ok ? [...shipped, ...load.policy.detectors.map((one) => one.name)] : undefined;
    const files = [...new Set(here.flatMap((one) => one.files))];
    const reads = await Promise.all(
      files.map((file) => readPolicyTests(file, known === undefined ? {} : { detectors: known })),
    );
    problems.push(
      ...(load.ok ? [] : load.problems),
      ...reads.flatMap((read) => (read.ok ? [] : read.problems)),
    );
    if (!load.ok || problems.length > 0) continue;
    warnings.push(...load.warnings);
    const ofDetectors = load.detectorTests.filter((test) => here.some((one) => one.ofDetectors(test.file)));
    if (files.length === 0 && ofDetectors.length === 0) throw noTests(here.map((one) => one.path).join(', '));
    detectors.push(...runDetectorTests(load.policy.detectors, ofDetectors));
    const detection = detectionSettings(load.policy.detectors, []);
    const inspect = (bytes: Uint8Array, healthSender: boolean) =>
      inspectHere(bytes, limits, { detection, healthSender });
    for (const read of reads) {
      if (!read.ok) continue;
      const options = { inspect, contentNotRead, now: Date.now() };
      results.push(...(await runPolicyTests(load.policy, read.tests, options)));
    }
  }
  if (problems.length > 0) throw new UserError(problems.map(formatProblem).join('\n'), { exitStatus: 2 });
  return { results, detectors, warnings };
}

/** What a path given stands for: test files, and policy files whose detectors' tests are to be run. */
interface TestPlace {
  readonly path: string;
  readonly dir: string;
  readonly files: readonly string[];
  readonly ofDetectors: (policyFile: string) => boolean;
}

async function testPlace(path: string): Promise<TestPlace> {
  try {
    if ((await stat(path)).isDirectory()) {
      const names = (await readdir(path)).filter((name) => name.endsWith('.test.yaml')).sort();
      const files = names.map((name) => join(path, name));
      return { path, dir: path.replace(/(?<=.)\/+$/, ''), files, ofDetectors: () => true };
    }
  } catch (cause) {
    throw new UserError(`cannot read ${path}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
  const isPolicy = path.endsWith('.yaml') && !path.endsWith('.test.yaml');
  return {
    path,
    dir: dirname(path),
    files: isPolicy ? [] : [path],
    ofDetectors: (file) => isPolicy && join(file) === join(path),
  };
}

function noTests(path: string): UserError {
  return new UserError(`${path} holds no policy tests (*.test.yaml, or \`tests\` of detectors)`, {
    exitStatus: 2,
  });
}

function detectorLine({ test, passed, outcome }: DetectorTestResult): string {
  const { file, line, column, detector } = test;
  return `${passed ? 'ok  ' : 'FAIL'} ${file}:${line}:${column}  detector ${detector}: ${outcome}`;
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
