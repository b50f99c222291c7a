import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { toCsv } from '../../../src/audit/csv.js';
import { auditEvent } from '../../../src/audit/events.js';
import type { AuditLog } from '../../../src/audit/log.js';
import { type AuditDeps, registerAudit } from '../../../src/cli/audit.js';
import { errorText, UserError } from '../../../src/shared/errors.js';
import { openSqlite } from '../../../src/shared/open-sqlite.js';
import { isClosedToOthers, otherUser } from '../../support/other-user.js';
import { type Bench, bench, failedLogin, messageEvents, NOVEMBER, tamper, write } from './support.js';

const HOSTILE = '\x1b[2J\r\nFAKE 2026 event\u202e\u0085\x07';

let log: Bench;
let writer: AuditLog;
let target: string;
beforeAll(() => {
  log = bench();
  target = join(log.dataDir, 'out');
  writer = log.open({ everyEvents: 5 });
  write(writer, messageEvents('m1'), NOVEMBER);
  write(
    writer,
    [
      auditEvent('message.accepted', {
        messageId: 'm2',
        identity: 'ward3',
        listener: 'submission',
        clientAddress: '192.0.2.7',
        sender: '=cmd@clinic.example',
        recipients: ['bob@lab.example'],
        size: 10,
        headerMessageId: `<${HOSTILE}>`,
      }),
    ],
    NOVEMBER,
  );
});
afterAll(() => {
  writer.close();
  log.remove();
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(target, { recursive: true, force: true });
});

/** Runs `sallyport audit …` in this process, as the entry does. */
async function run(args: readonly string[], deps: Partial<AuditDeps> = {}) {
  let out = '';
  let err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
  const program = new Command().exitOverride();
  registerAudit(program, { perform: async () => null, ...deps });
  let status = 0;
  try {
    await program.parseAsync(['audit', ...args], { from: 'user' });
  } catch (error) {
    err += errorText(error);
    status = error instanceof UserError ? error.exitStatus : 2;
  }
  vi.restoreAllMocks();
  return { out, err, status };
}

const here = () => ['--audit-dir', log.dir];

describe('sallyport audit, beside a running relay', () => {
  it('search lists, as table, JSON and CSV', async () => {
    const table = await run([
      'search',
      '--sender',
      'ward3@clinic.example',
      '--outcome',
      'bounced',
      ...here(),
    ]);
    expect(table.out).toMatch(
      /8 +2026-11-21T14:03:11\.000Z +m1 +ward3@clinic\.example +eve@home\.example +bounced: 5\.1\.1/,
    );
    const json = await run(['search', '--outcome', 'bounced', '--json', ...here()]);
    expect(JSON.parse(json.out)).toEqual([
      {
        seq: 8,
        time: '2026-11-21T14:03:11.000Z',
        type: 'recipient.bounced',
        messageId: 'm1',
        sender: 'ward3@clinic.example',
        recipient: 'eve@home.example',
        outcome: 'bounced',
        headerMessageId: '<m1@clinic.example>',
        summary: 'bounced: 5.1.1, answer 550 (mx.home.example)',
        data: expect.objectContaining({ status: '5.1.1' }),
        file: '2026-11.db',
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    ]);
    const csv = await run(['search', '--outcome', 'bounced', '--csv', ...here()]);
    expect(csv.out.split('\r\n')).toEqual([
      '"seq","time","type","message_id","sender","recipient","outcome","method","header_message_id","summary"',
      '"8","2026-11-21T14:03:11.000Z","recipient.bounced","m1","ward3@clinic.example","eve@home.example","bounced","","<m1@clinic.example>","bounced: 5.1.1, answer 550 (mx.home.example)"',
      '',
    ]);
  });

  it('search says when there is nothing, and when there is more', async () => {
    expect(await run(['search', '--rule', 'none', ...here()])).toMatchObject({
      out: 'no event matches\n',
      status: 0,
    });
    const some = await run(['search', '--limit', '2', '--json', ...here()]);
    expect(JSON.parse(some.out)).toHaveLength(2);
    expect(some.err).toContain('there are more');
  });

  it.each([
    ['search', ['--id', 'm2']],
    ['search', ['--id', 'm2', '--json']],
    ['search', ['--id', 'm2', '--csv']],
    ['show', ['m2']],
    ['show', ['m2', '--json']],
    ['tail', []],
    ['tail', ['--json']],
  ])('%s %j writes no control character of a stranger', async (command, args) => {
    const { out, status } = await run([command, ...args, ...here()]);
    expect(status).toBe(0);
    expect(out).toContain('m2');
    expect(out.replaceAll(/\r?\n/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(out).not.toMatch(/^FAKE/m);
  });

  it('CSV keeps a formula from being one', async () => {
    const { out } = await run(['search', '--id', 'm2', '--csv', ...here()]);
    expect(out).toContain(`"'=cmd@clinic.example"`);
    expect(toCsv([['=1', '+1', '-1', '@a', ' =1', '＝1', 'a=1', 'say "x"', 'a,b\nc', '']])).toBe(
      `"'=1","'+1","'-1","'@a","' =1","'＝1","a=1","say ""x""","a,b\nc",""\r\n`,
    );
  });

  it('show tells a story, and says when there is none', async () => {
    expect((await run(['show', 'm1', ...here()])).out).toContain('For eve@home.example: bounced');
    const json = JSON.parse((await run(['show', 'm1', '--json', ...here()])).out);
    expect(json).toMatchObject({
      messageId: 'm1',
      recipients: [
        { recipient: 'Bob@lab.example', outcome: 'picked-up' },
        { recipient: 'eve@home.example', outcome: 'bounced' },
      ],
    });
    expect(await run(['show', 'm9', ...here()])).toMatchObject({
      status: 1,
      err: 'the audit log has no message m9',
    });
  });

  it('tail gives the newest, and follows', async () => {
    const newest = await run(['tail', '-n', '2', ...here()]);
    expect(
      newest.out
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(['10', '11']);
    const stop = new AbortController();
    let out = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      if (out === '') write(writer, [failedLogin(77)], NOVEMBER);
      out += String(text);
      if (out.includes('try 77')) stop.abort();
      return true;
    });
    const program = new Command().exitOverride();
    registerAudit(program, { perform: async () => null, stop: stop.signal });
    const following = program.parseAsync(['audit', 'tail', '-f', '-n', '1', ...here()], { from: 'user' });
    await following;
    expect(out).toMatch(/^12 {2}2026-11-21 14:03:11 UTC {2}log-in failed/m);
  });

  it('verify says yes with status 0 and no with status 1', async () => {
    const good = await run(['verify', ...here()]);
    expect(good).toMatchObject({ status: 0 });
    expect(good.out).toContain('The audit log verifies');
    expect(good.out).toContain('[no-checkpoint-elsewhere]');
    const withCheckpoint = await run([
      'verify',
      '--checkpoint',
      log.lines[0] ?? '',
      '--public-key',
      join(log.dir, 'public-key.pem'),
      '--json',
      ...here(),
    ]);
    expect(JSON.parse(withCheckpoint.out)).toMatchObject({ ok: true, checkpoints: { elsewhere: 1 } });
    const other = bench();
    const bad = await run(['verify', '--public-key', join(other.dir, 'public-key.pem'), ...here()]);
    other.remove();
    expect(bad).toMatchObject({ status: 1, err: 'the audit log does not verify' });
    expect(bad.out).toMatch(/2026-11\.db event 10 \(2026-11-21 14:03:11 UTC\): .* \[wrong-key\]/);
  });

  it('checkpoint prints a line that verify takes', async () => {
    const { out } = await run(['checkpoint', ...here()]);
    expect(out).toBe(`${log.lines.at(-1)}\n`);
    expect(await run(['verify', '--checkpoint', out.trim(), ...here()])).toMatchObject({ status: 0 });
  });

  it.each([
    ['a folder without a log', ['search', '--audit-dir', '/'], 1, /no audit log in \//],
    [
      'a folder that is not there',
      ['tail', '--audit-dir', '/nonexistent'],
      1,
      /there is no audit log in \/nonexistent: start the relay once, or check --audit-dir/,
    ],
    [
      'a configuration that is not there',
      ['search', '--config', '/nonexistent.yaml'],
      2,
      /nonexistent\.yaml/,
    ],
    ['a key that is not there', ['verify', '--public-key', '/nonexistent.pem'], 2, /public key/],
    [
      'verify in a folder that is not there',
      ['verify', '--audit-dir', '/nonexistent'],
      1,
      /start the relay once, or check --audit-dir/,
    ],
    ['a file in its place', ['search', '--audit-dir', '/dev/null'], 1, /cannot read the audit folder/],
    ['a bad limit', ['search', '--limit', 'many'], 2, /--limit/],
    ['a bad number of lines', ['tail', '-n', 'x'], 2, /--lines/],
  ])('answers %s with the right status', async (_name, args, status, message) => {
    const result = await run(
      args.includes('--audit-dir') || args.includes('--config') ? args : [...args, ...here()],
    );
    expect(result.status).toBe(status);
    expect(result.err).toMatch(message);
  });
});

describe('sallyport audit export', () => {
  it('copies a log in use to files that are in no mode of writing, and verifies them', async () => {
    const { out, status } = await run(['export', '--snapshot', target, ...here()]);
    expect(status).toBe(0);
    expect(out).toContain('the copy was verified');
    expect(readdirSync(target).sort()).toEqual(['2026-11.db', 'checkpoints.log', 'public-key.pem']);
    expect(readFileSync(join(target, '2026-11.db')).subarray(18, 20)).toEqual(Buffer.from([1, 1]));
    expect(await run(['verify', '--checkpoint', log.lines[0] ?? '', '--audit-dir', target])).toMatchObject({
      status: 0,
    });
    expect((await run(['show', 'm1', '--audit-dir', target])).out).toContain('picked-up');
  });

  it('records itself before it copies, and not for a snapshot of a snapshot', async () => {
    const recorded: string[] = [];
    const config = join(log.dataDir, 'config.yaml');
    writeFileSync(config, CONFIG);
    const perform: AuditDeps['perform'] = async (options, name, input) => {
      recorded.push(`${options.config} ${name} ${JSON.stringify(input)}`);
      expect(() => readdirSync(target)).toThrow();
      return null;
    };
    const done = await run(['export', '--config', config, '--snapshot', target], { perform });
    expect(done.err).toBe('');
    expect(recorded).toEqual([`${config} audit record-export ${JSON.stringify({ target })}`]);
    await run(['export', '--audit-dir', target, '--snapshot', `${target}/again`], { perform });
    expect(recorded).toHaveLength(1);
  });

  it('makes no copy when it could not be recorded', async () => {
    const config = join(log.dataDir, 'config.yaml');
    writeFileSync(config, CONFIG);
    const perform = async () => {
      throw new UserError('the relay refused');
    };
    expect(await run(['export', '--config', config, '--snapshot', target], { perform })).toMatchObject({
      status: 1,
      err: 'the relay refused',
    });
    expect(() => readdirSync(target)).toThrow();
  });

  it('overwrites nothing', async () => {
    mkdirSync(target);
    writeFileSync(join(target, 'mine'), 'x');
    expect(await run(['export', '--snapshot', target, ...here()])).toMatchObject({ status: 2 });
    expect(readdirSync(target)).toEqual(['mine']);
  });

  it('says when the copy does not verify', async () => {
    const other = bench();
    const once = other.open();
    write(once, [failedLogin(1), failedLogin(2)], NOVEMBER);
    once.close();
    tamper(other.dir, '2026-11.db', (db) => db.exec("UPDATE event SET data = '{}' WHERE seq = 1"));
    const result = await run(['export', '--snapshot', target, '--audit-dir', other.dir]);
    other.remove();
    expect(result.status).toBe(1);
    expect(result.err).toMatch(/does not verify .*event 1/);
  });

  it.skipIf(isClosedToOthers)(
    'makes files that another user reads where nothing can be written',
    async () => {
      await run(['export', '--snapshot', target, ...here()]);
      chmodSync(log.dataDir, 0o755);
      for (const name of readdirSync(target)) chmodSync(join(target, name), 0o444);
      chmodSync(target, 0o555);
      try {
        const script = `
        const Database = require(${JSON.stringify(require_('better-sqlite3'))});
        const db = new Database(${JSON.stringify(join(target, '2026-11.db'))}, { readonly: true });
        console.log(db.prepare('SELECT count(*) AS n FROM event').get().n);`;
        const child = spawnSync(process.execPath, ['-e', script], {
          encoding: 'utf8',
          cwd: '/',
          ...otherUser,
        });
        expect(child.stderr).toBe('');
        expect(Number(child.stdout)).toBeGreaterThan(10);
        expect(statSync(target).mode & 0o222).toBe(0);
        expect(readdirSync(target)).toHaveLength(3);
      } finally {
        chmodSync(target, 0o755);
      }
    },
  );
});

it('a closed log is not in WAL mode, so another user can read it there too', () => {
  const other = bench();
  const once = other.open();
  write(once, [failedLogin(1)], NOVEMBER);
  once.close();
  const db = openSqlite(join(other.dir, '2026-11.db'), { readonly: true });
  expect(db.pragma('journal_mode', { simple: true })).toBe('delete');
  db.close();
  other.remove();
});

function require_(name: string): string {
  return join(import.meta.dirname, '../../../node_modules', name);
}

const CONFIG = `hostname: gw.clinic.example
data_dir: .
organisation:
  name: Example Clinic
  domains: [clinic.example]
  postmaster: postmaster@clinic.example
listeners:
  - name: submission
    address: 127.0.0.1:2587
    mode: submission
    accounts: true
`;
