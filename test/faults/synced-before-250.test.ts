import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openReadOnly } from '../../src/store/read-only.js';
import { PATIENT } from '../support/patience.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { openDialog } from '../support/smtp-dialog.js';
import { describeWithTools } from '../support/tools.js';

/*
 * What the operating system saw: between the last byte of a message and its 250, what is to be sent is synced together with
 * what is to be on record (relay.db), and a large message's file with its folder before; each sync has returned before the
 * next begins. The audit log is synced beside that, or a moment later: relay.db has its events until then. Needs the right to
 * trace a process of one's own.
 */

let home: RelayHome;
let relay: RunningRelay;

beforeAll(async () => {
  // Without TLS, so that replies can be seen in the trace.
  home = await relayHome({
    identities: [{ name: 'scanner', networks: ['127.0.0.1'], senders: ['clinic.example'] }],
    listeners: [
      {
        name: 'submission',
        address: '127.0.0.1:0',
        mode: 'relay',
        identities: ['scanner'],
        tls: { mode: 'off', off_for: ['127.0.0.1'] },
      },
    ],
    // Nothing is tried again, which would be written between the lines of the next message.
    delivery: {
      routes: [{ name: 'none', domains: ['*'], host: '127.0.0.1', port: 9 }],
      first_retry: '1h',
      max_retry: '1h',
    },
  });
  relay = await home.start();
});

afterAll(() => home?.remove());

describeWithTools(['strace'], 'synced before 250', ({ strace = '' }) => {
  /** What became of the first attempt, once that is written: nothing more is, then, until the next message. */
  const lastReason = (id: string) =>
    openReadOnly(home.dataDir, (store) => store.recipients(id)[0]?.lastReason);

  /** Lines of system calls, in the order in which they began, while `work` runs. */
  async function traced(work: () => Promise<void>): Promise<readonly string[] | 'not permitted'> {
    const file = join(home.folder, 'trace');
    const calls = 'trace=fsync,fdatasync,write,writev,sendto,sendmsg';
    const tracer = spawn(strace, ['-f', '-y', '-s', '64', '-e', calls, '-o', file, '-p', String(relay.pid)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = new Promise((done) => tracer.on('close', done));
    const said = await new Promise<string>((done) => {
      let text = '';
      tracer.stderr.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
        if (text.includes('attached')) done(text);
      });
      void ended.then(() => done(text));
    });
    if (said.includes('Operation not permitted')) return 'not permitted';
    if (!said.includes('attached')) throw new Error(`strace did not attach: ${said}`);
    await work();
    tracer.kill('SIGINT');
    await ended;
    return readFileSync(file, 'utf8').split('\n');
  }

  it.for<readonly [string, string, readonly RegExp[]]>([
    ['a small message', 'Hello.\r\n', []],
    [
      'a large message',
      'A line of a large message.\r\n'.repeat(8000),
      [/sync\(\d+<[^>]*\.body>/, /sync\(\d+<[^>]*\/bodies>/],
    ],
  ])('%s', async ([, text, bodySyncs], { skip }) => {
    const dialog = await openDialog(relay.port('submission'));
    await dialog.reply();
    for (const line of [
      'EHLO client.example',
      'MAIL FROM:<ward3@clinic.example>',
      'RCPT TO:<roe@lab.example>',
    ])
      expect(await dialog.say(line)).toMatch(/^250/);
    let id = '';
    const lines = await traced(async () => {
      expect(await dialog.say('DATA')).toMatch(/^354/);
      dialog.write(`From: ward3@clinic.example\r\nSubject: Note\r\n\r\n${text}`);
      const said = await dialog.say('.');
      expect(said).toMatch(/^250/);
      id = /queued as (\S+)/.exec(said)?.[1] ?? '';
    });
    dialog.end();
    if (lines === 'not permitted') return skip('no process may be traced here');
    await vi.waitFor(() => expect(lastReason(id)).toBeDefined(), PATIENT);
    const from = lines.findIndex((line) => line.includes('"354 '));
    const to = lines.findIndex((line) => line.includes('"250 2.0.0 Ok: queued'));
    expect(from).toBeGreaterThanOrEqual(0);
    expect(to).toBeGreaterThan(from);
    const between = lines.slice(from, to);
    /** Where the call that begins at a line has returned with success; -1: not before the 250 was said. */
    const returned = (at: number) => {
      const [line = '', thread = ''] = /^(\d+) .*/.exec(between[at] ?? '') ?? [];
      if (!line.endsWith('<unfinished ...>')) return / = 0$/.test(line) ? at : -1;
      // A short number has more blanks behind it.
      const end = new RegExp(`^${thread} +<\\.\\.\\. .* = 0$`);
      return between.findIndex((one, i) => i > at && end.test(one));
    };
    const wanted = [...bodySyncs, /sync\(\d+<[^>]*\/relay\.db-wal>/];
    // Each begins when the one before has returned. A late sync of what was written earlier may come first.
    let before = -1;
    for (const pattern of wanted) {
      const at = between.findIndex((line, i) => i > before && pattern.test(line));
      expect([pattern, at]).not.toEqual([pattern, -1]);
      before = returned(at);
      expect([pattern, before]).not.toEqual([pattern, -1]);
    }
  });
});
