import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { describeWithTools } from '../support/tools.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-init-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    // The doctor asks the Internet; it is looked at elsewhere.
    const more = args[0] === 'init' ? ['--no-doctor'] : [];
    execFile(process.execPath, [MAIN, ...args, ...more], { cwd: folder }, (error, stdout, stderr) =>
      done({ status: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, stdout, stderr }),
    );
  });
}

const ANSWERS = {
  hostname: 'relay.clinic.test',
  organisation: { name: 'Clinic of Tests', domains: ['clinic.test'] },
  upstream: [
    { kind: 'mail-clients', account: 'ward' },
    { kind: 'microsoft-365', tenant_id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301' },
    { kind: 'ehr', networks: ['10.1.9.0/24'], tls: 'off', notify: 'it@clinic.test' },
  ],
  portal: { url: 'https://pickup.clinic.test' },
  ports: 'high',
  listen: '127.0.0.1',
};

describe('sallyport init', () => {
  it('writes from an answers file what check accepts, and what a relay starts with', async () => {
    writeFileSync(join(folder, 'answers.yaml'), stringify(ANSWERS));
    const made = await run(['init', 'relay', '--answers', 'answers.yaml']);
    expect(made).toMatchObject({ status: 0, stderr: '' });
    expect(made.stdout).toMatch(/^First account +ward$/m);
    expect(made.stdout).toMatch(/^sallyport-ed\._domainkey\.clinic\.test\. IN TXT "v=DKIM1; k=ed25519;/m);
    expect(made.stdout).toContain('SHADOW MODE');

    const home = join(folder, 'relay');
    const config = join(home, 'config.yaml');
    const checked = await run(['check', '--config', config, '--json']);
    expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, problems: [] });
    for (const secret of ['data/master.key', 'microsoft-365.secret', 'data/relay.db'])
      expect([secret, (statSync(join(home, secret)).mode & 0o777).toString(8)]).toEqual([secret, '600']);
    const secret = readFileSync(join(home, 'microsoft-365.secret'), 'utf8').trim();
    expect(made.stdout).not.toContain(secret);
    // The password is shown once and kept nowhere.
    const password = /Its password +(\S+)/.exec(made.stdout)?.[1] ?? '';
    expect(password).toHaveLength(23);
    expect(readFileSync(join(home, 'data/relay.db')).includes(password)).toBe(false);
    const accounts = await run(['users', 'list', '--config', config, '--json']);
    expect(JSON.parse(accounts.stdout)).toMatchObject([{ name: 'ward', senders: ['clinic.test'] }]);
  });

  it('overwrites nothing, and writes nothing when the answers are wrong', async () => {
    writeFileSync(join(folder, 'wrong.yaml'), stringify({ ...ANSWERS, hostname: 'relay' }));
    const wrong = await run(['init', 'relay', '--answers', 'wrong.yaml']);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/wrong\.yaml:1:11: hostname: must be a host name/);
    expect(existsSync(join(folder, 'relay'))).toBe(false);

    writeFileSync(join(folder, 'answers.yaml'), stringify(ANSWERS));
    expect((await run(['init', 'relay', '--answers', 'answers.yaml'])).status).toBe(0);
    const before = readFileSync(join(folder, 'relay', 'config.yaml'));
    const again = await run(['init', 'relay', '--answers', 'answers.yaml']);
    expect(again.status).toBe(2);
    expect(again.stderr).toMatch(/is there already, and init overwrites nothing/);
    expect(readFileSync(join(folder, 'relay', 'config.yaml')).equals(before)).toBe(true);
  });

  it('takes flags, and names all that is missing where nobody can be asked', async () => {
    const missing = await run(['init', 'relay', '--upstream', 'mail-clients']);
    expect(missing.status).toBe(2);
    expect(missing.stderr).toMatch(/--hostname/);
    expect(missing.stderr).toMatch(/--organisation/);
    const made = await run([
      ...['init', 'relay', '--hostname', 'relay.clinic.test', '--organisation', 'Clinic of Tests'],
      ...['--domain', 'clinic.test', '--upstream', 'exchange', '--exchange-network', '10.1.2.10'],
    ]);
    expect(made).toMatchObject({ status: 0 });
    expect(made.stdout).not.toContain('First account');
  });

  it.each([
    [['--upstream', 'mail-clients', '--ehr-network', '10.1.9.0/24'], '--ehr-network needs --upstream ehr'],
    [['--ehr-without-tls'], '--ehr-without-tls needs --upstream ehr'],
    [['--tenant-id', 'x', '--upstream', 'exchange'], '--tenant-id needs --upstream microsoft-365'],
    [['--postmaster', 'it@clinic.test'], '--postmaster needs --organisation'],
    [['--onward-tls-owner', 'IT'], '--onward-tls-owner needs --smarthost'],
    [['--portal', 'none', '--behind-proxy'], '--behind-proxy needs --portal with an address'],
    [['--answers', 'answers.yaml', '--enforcement', 'enforce'], 'answers come from the file alone'],
  ])('refuses flags that nothing would look at: %j', async (flags, problem) => {
    const { status, stderr } = await run(['init', 'relay', '--hostname', 'relay.clinic.test', ...flags]);
    expect(status).toBe(2);
    expect(stderr).toContain(problem);
    expect(existsSync(join(folder, 'relay'))).toBe(false);
  });
});

describeWithTools(['systemd-analyze'], 'the unit of init', (tools) => {
  it('is one that systemd accepts', async () => {
    writeFileSync(join(folder, 'answers.yaml'), stringify(ANSWERS));
    await run(['init', 'relay', '--answers', 'answers.yaml']);
    const verified = await new Promise<string>((done) => {
      execFile(
        tools['systemd-analyze'] ?? '',
        ['verify', '--man=no', join(folder, 'relay', 'sallyport.service')],
        (_error, out, err) => done(out + err),
      );
    });
    expect(verified).not.toMatch(/sallyport\.service/);
  });
});
