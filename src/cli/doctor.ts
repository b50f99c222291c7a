import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { countWords } from '../audit/words.js';
import { type LoadedConfig, loadConfig } from '../config/load.js';
import { formatProblem } from '../config/yaml-source.js';
import { doctorDns } from '../doctor/dns.js';
import { type DoctorContext, type Finding, ok, problem, warning } from '../doctor/finding.js';
import { relayView } from '../doctor/relay-view.js';
import { examine, type TimeServer } from '../doctor/run.js';
import { sendTestMail, type TestMail } from '../doctor/test-mail.js';
import { policiesOf } from '../ops/in-force.js';
import { UserError } from '../shared/errors.js';
import { givenMailbox } from '../shared/given-mailbox.js';
import { askSecret } from './ask.js';
import { configFile, withConfig } from './config-option.js';
import { printable, printJson, printLine } from './print.js';
import { startProblems } from './start-problems.js';
import { secondsOption, withTimeout } from './timeout-option.js';
import { NOT_INSPECTED } from './warnings.js';

interface Options {
  readonly config: string;
  readonly json?: boolean;
  readonly ca?: readonly string[];
  readonly timeServer: string;
  readonly timeout: string;
  readonly testMail?: string;
  readonly account?: string;
}

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const;
const PATIENCE_MS = 60_000;
const TIME_SERVER = 'pool.ntp.org';

/** `sallyport doctor`: looks at a set-up from outside and says what to do. */
export function registerDoctor(program: Command): void {
  withTimeout(
    withConfig(program.command('doctor').description('look at the set-up from outside and say what to do')),
  )
    .option('--ca <files...>', 'PEM files of authorities of your own that count as trusted')
    .option('--time-server <host[:port]>', 'where the clock is compared', TIME_SERVER)
    .option('--test-mail <address>', 'send a mail there through the relay, and say what became of it')
    .option('--account <name>', 'submission account that sends it; asks for its password')
    .option('--json', 'as JSON')
    .action(async (options: Options) => {
      const findings = await examined(options);
      const problems = findings.filter((one) => one.level === 'problem').length;
      if (options.json === true)
        printJson({ ok: problems === 0, findings: findings.map((one) => ({ ...one })) });
      else printFindings(findings);
      if (problems > 0) process.exitCode = 1;
    });
}

/** Each with its mark, and what to do below it. */
function printFindings(findings: readonly Finding[]): void {
  for (const { level, check, what, fix } of findings) {
    printLine(`${MARKS[level]} ${check.padEnd(10)} ${printable(what)}`);
    if (fix !== undefined) printLine(`${' '.repeat(20)}→ ${printable(fix)}`);
  }
  const count = (level: Finding['level']) => findings.filter((one) => one.level === level).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  printLine('');
  printLine(
    problems + warnings === 0
      ? 'All is well.'
      : `${countWords(problems, 'problem', 'problems')}, ${countWords(warnings, 'warning', 'warnings')}`,
  );
}

/** Looks once with the defaults, for `init`. */
export async function doctorAtEnd(config: string): Promise<void> {
  printFindings(await examined({ config, timeServer: TIME_SERVER, timeout: '5' }));
}

async function examined(options: Options): Promise<readonly Finding[]> {
  const asked = testMailOf(options);
  const loaded = await loadConfig(configFile(options));
  const timeout = secondsOption(options.timeout);
  const context: DoctorContext = {
    loaded,
    dns: doctorDns(loaded.config.dns),
    relay: await relayView(loaded.config.admin.address, timeout),
    now: Date.now,
    timeout,
    trusted: await Promise.all((options.ca ?? []).map((file) => readFile(file, 'utf8'))),
  };
  const [own, policies, seen] = await Promise.all([
    startProblems(loaded, Date.now()),
    policyFindings(loaded),
    examine(context, { timeServer: timeServerOf(options.timeServer) }),
  ]);
  const config = own.map(({ text, fix }) => problem('config', text, fix));
  if (loaded.config.enforcement === 'shadow')
    config.push(
      warning(
        'config',
        'SHADOW MODE: nothing is enforced',
        'sallyport audit report --shadow, then `enforcement: enforce`',
      ),
    );
  if (!loaded.config.inspect.enabled)
    config.push(
      warning(
        'config',
        NOT_INSPECTED,
        'take `inspect.enabled: false` out, and put the shipped policies back',
      ),
    );
  const all = [
    ...(config.length > 0 ? config : [ok('config', 'the configuration is one that starts')]),
    ...policies,
    ...seen,
  ];
  if (asked === undefined) return all;
  const password = await askSecret(`Password of ${asked.account}: `);
  return [...all, ...(await sendTestMail(context, { ...asked, password, patience: PATIENCE_MS }))];
}

/** @throws UserError (exit status 2) when it isn't one address with an account */
function testMailOf({ testMail, account }: Options): Pick<TestMail, 'to' | 'account'> | undefined {
  if (testMail === undefined && account === undefined) return undefined;
  if (testMail === undefined || account === undefined)
    throw new UserError('--test-mail and --account go together', { exitStatus: 2 });
  return { to: givenMailbox(testMail, '--test-mail'), account };
}

async function policyFindings(loaded: LoadedConfig): Promise<readonly Finding[]> {
  const policies = await policiesOf(loaded);
  if (!policies.ok)
    return policies.problems.map((one) =>
      problem('policies', formatProblem(one), 'mend it; sallyport policy test'),
    );
  const warnings = policies.warnings.map((one) =>
    warning('policies', formatProblem(one), 'see docs/policies.md'),
  );
  if (policies.policy.rules.length === 0)
    return [
      problem(
        'policies',
        `there is no rule in ${loaded.policyDir}, so nothing is protected`,
        'copy the shipped policies there',
      ),
    ];
  return [...warnings, ok('policies', countWords(policies.policy.rules.length, 'rule', 'rules'))];
}

function timeServerOf(text: string): TimeServer {
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^:\s]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined)
    throw new UserError(`--time-server ${text}: must be a host, or host:port`, { exitStatus: 2 });
  return { host, port: Number(match?.[3] ?? 123) };
}
