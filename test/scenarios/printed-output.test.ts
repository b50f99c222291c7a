import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome, runCommand } from '../support/relay-process.js';

/* What the command line tells a person: where to go on, what is missing, and nothing when nobody reads any more. */

const MAIN = resolve('dist/main.js');
let home: RelayHome;
let relay: RunningRelay;

beforeAll(async () => {
  home = await relayHome();
});
afterAll(() => home?.remove());

describe('before the first start', () => {
  it.each([
    [['audit', 'verify']],
    [['audit', 'search']],
    [['audit', 'tail']],
    [['audit', 'checkpoint']],
    [['audit', 'show', 'x']],
  ])('%j says what to do, with status 1', async (args) => {
    const result = await home.run(args);
    expect([result.status, result.stdout]).toEqual([1, '']);
    expect(result.stderr).toMatch(
      /^sallyport: there is no audit log in \S+\/audit: start the relay once, or check `data_dir` in the configuration\n$/,
    );
  });
});

describe('the welcome', () => {
  beforeAll(async () => {
    relay = await home.start();
  });

  it('names commands that can be typed as they stand', async () => {
    expect(relay.output()).toContain(`\`kill -HUP ${relay.pid}\` reloads`);
    const call = /Why was my mail protected\? node (\S+) (.*)$/m.exec(relay.output());
    expect(call?.[2]).toBe(`audit search --config ${home.configFile}`);
    expect(resolve(call?.[1] ?? '')).toBe(MAIN);
    expect((await runCommand((call?.[2] ?? '').split(' '))).status).toBe(0);
  });

  it('warns of private targets', () => {
    expect(relay.output()).toMatch(/"level":40.*allow_private_targets/);
  });
});

describe('output that nobody reads', () => {
  it.each([
    [['audit', 'search', '--json']],
    [['audit', 'tail', '--follow', '--json']],
    [['audit', 'verify']],
    [['check']],
    [['held', 'reject', '--help']],
  ])('%j ends quietly', async (args) => {
    const child = spawn(
      process.execPath,
      [MAIN, ...args, ...(args.includes('--help') ? [] : ['--config', home.configFile])],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    // Closed before the first byte, so that every write meets a broken pipe.
    child.stdout.destroy();
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    const status = await new Promise((done) => child.on('close', done));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('keeps the status that says no', async () => {
    home.configure({ master_key: { env: 'SALLYPORT_TEST_NOPE' } });
    const wrong = spawn(process.execPath, [MAIN, 'check', '--config', home.configFile], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    wrong.stdout.destroy();
    expect(await new Promise((done) => wrong.on('close', done))).toBe(2);
  });
});

describe('help', () => {
  it.each([
    [['held', 'reject'], ['--reason']],
    [['queue', 'cancel'], ['--reason']],
    [['portal', 'revoke'], ['--reason']],
    [['explain'], ['--from', '--to']],
    [['users', 'add'], ['--senders']],
    [['audit', 'hold', 'add'], ['--reason']],
  ])('of %j marks what is required: %j', async (command, options) => {
    const help = (await runCommand([...command, '--help'])).stdout.replace(/\n {20,}/g, ' ');
    for (const option of options) expect(help).toMatch(new RegExp(`^ +${option} .*\\(required\\)`, 'm'));
  });
});
