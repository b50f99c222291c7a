import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running `sallyport start`. */
export interface RunningRelay {
  readonly pid: number;
  /** Everything on standard output and standard error so far. */
  readonly output: () => string;
  /** Port of a listener by its name. */
  port(listener: string): number;
  readonly adminPort: number;
  /** Account and password printed at the first start. */
  readonly account?: { readonly name: string; readonly password: string };
  /** Sends a signal; resolves with the exit status (or signal) when the process ended. */
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** Resolves when the output has a match. */
  until(pattern: RegExp): Promise<void>;
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** How the relay's process is started, where that is not as a person does it. */
export interface StartOptions {
  /** For Node.js itself, before the program. */
  readonly nodeArgs?: readonly string[];
  /** More in its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Runs the whole command line, for example under limits of a shell. */
  readonly under?: readonly string[];
}

/** A folder with a configuration, where a relay is started, killed and started again. */
export interface RelayHome {
  readonly folder: string;
  readonly dataDir: string;
  readonly configFile: string;
  start(how?: StartOptions): Promise<RunningRelay>;
  /** Runs `sallyport ARGS --config …`, with more in its environment. */
  run(
    args: readonly string[],
    input?: string,
    env?: Readonly<Record<string, string>>,
  ): Promise<CommandResult>;
  /** Replaces top-level keys of the configuration file. */
  configure(changes: Readonly<Record<string, unknown>>): void;
  remove(): Promise<void>;
}

const given = new Set<number>();

/** Test files that run beside each other take ports of lanes of their own: one is given long before it is listened on. */
const LANES = 32;
const lane = Number(process.env.VITEST_POOL_ID ?? 0) % LANES;

/**
 * A TCP port that was free a moment ago, that this process has not given before, and that no test file beside it gives.
 * It lies below the range from which the system takes ports by itself, so no connection or other server gets it meanwhile.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (;;) {
    const port = 20_000 + LANES * Math.floor(Math.random() * (12_000 / LANES)) + lane;
    if (given.has(port) || !(await isFree(port, host))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, host, () => server.close(() => done(true)));
  });
}

/**
 * Makes a folder with a configuration for tests: every port is free or chosen by the system, DNS is the given server,
 * targets on loopback are allowed, retries are fast.
 * @param changes top-level keys that replace the defaults (deep-merged one level)
 */
export async function relayHome(
  changes: Readonly<Record<string, unknown>> = {},
  options: { readonly policies?: string | Readonly<Record<string, string>> } = {},
): Promise<RelayHome> {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'));
  const configFile = join(folder, 'config.yaml');
  const portalPort = await freePort();
  let policies = resolve('policies');
  if (typeof options.policies === 'string') policies = resolve(options.policies);
  else if (options.policies !== undefined) {
    policies = join(folder, 'policies');
    mkdirSync(policies);
    for (const [name, text] of Object.entries(options.policies)) writeFileSync(join(policies, name), text);
  }
  let config: Record<string, unknown> = merge(
    {
      hostname: 'relay.clinic.example',
      data_dir: 'data',
      policies,
      organisation: {
        name: 'Example Clinic',
        domains: ['clinic.example'],
        postmaster: 'postmaster@clinic.example',
        reviewers: ['privacy@clinic.example'],
      },
      first_account: { name: 'clinic', senders: ['clinic.example'] },
      listeners: [
        { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true },
        { name: 'submissions', address: '127.0.0.1:0', mode: 'submissions', accounts: true },
      ],
      dns: { allow_private_targets: true, timeout: '1s' },
      delivery: { first_retry: '1s', max_retry: '2s', tls_fallback_after: '2s' },
      portal: {
        address: `127.0.0.1:${portalPort}`,
        url: `https://127.0.0.1:${portalPort}`,
        sender: 'pickup@clinic.example',
      },
      admin: { address: '127.0.0.1:0' },
      audit: { syslog: false },
      // No test is of how long reading takes, but for those that say so.
      inspect: {
        workers: 1,
        deadline: '10m',
        documents: { deadline: '10m', ocr: { deadline_per_page: '10m' } },
      },
    },
    changes,
  );
  const write = () => writeFileSync(configFile, stringify(config));
  write();
  const running = new Set<RunningRelay>();
  return {
    folder,
    dataDir: join(folder, 'data'),
    configFile,
    start: async (how) => {
      const relay = await startProcess(configFile, how);
      running.add(relay);
      return relay;
    },
    run: (args, input, env) => runCommand([...args, '--config', configFile], input, env),
    configure: (more) => {
      config = merge(config, more);
      write();
    },
    remove: async () => {
      for (const relay of running) await relay.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Runs `sallyport ARGS` to its end, with more in its environment. */
export function runCommand(
  args: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', fail);
    child.on('close', (status) => done({ status, stdout, stderr }));
    child.stdin.end(input);
  });
}

async function startProcess(
  configFile: string,
  { nodeArgs = [], env = {}, under = [] }: StartOptions = {},
): Promise<RunningRelay> {
  const [program, ...args] = [...under, process.execPath, ...nodeArgs, MAIN, 'start', '--config', configFile];
  const child = spawn(program ?? process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let output = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
      for (const watch of watchers) watch();
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((done) => {
    child.on('close', (status, signal) => {
      done(status ?? signal);
      for (const watch of watchers) watch();
    });
  });
  const until = (pattern: RegExp) =>
    new Promise<void>((done, fail) => {
      const watch = () => {
        if (pattern.test(output)) {
          watchers.delete(watch);
          done();
        } else if (child.exitCode !== null || child.signalCode !== null) {
          watchers.delete(watch);
          fail(new Error(`the relay ended before ${pattern}:\n${output}`));
        }
      };
      watchers.add(watch);
      watch();
    });
  // The last line of the welcome: it comes in pieces when the machine is busy.
  await until(/Why was my mail protected\?.*\n/);
  const account = /account +(\S+)\n +password +(\S+)/.exec(output);
  return {
    pid: pidOf(child),
    output: () => output,
    port: (listener) => {
      const found = new RegExp(`SMTP ${listener} +\\S+:(\\d+)`).exec(output);
      if (found === null) throw new Error(`no listener ${listener} in:\n${output}`);
      return Number(found[1]);
    },
    adminPort: Number(/http:\/\/127\.0\.0\.1:(\d+)\/healthz/.exec(output)?.[1]),
    ...(account === null ? {} : { account: { name: account[1] ?? '', password: account[2] ?? '' } }),
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
    until,
    ended,
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('the relay did not start');
  return child.pid;
}

function merge(
  base: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const before = merged[key];
    merged[key] =
      isRecord(before) && isRecord(value) ? { ...before, ...value } : value === undefined ? undefined : value;
    if (merged[key] === undefined) delete merged[key];
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
