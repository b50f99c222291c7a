import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestCa } from '../../support/certificates.js';
import { docPages } from '../../support/doc-pages.js';
import { proxyConfig } from '../../support/proxy-config.js';
import { describeWithTools } from '../../support/tools.js';

/* What the pages print for other programs is what those programs accept. */

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-docs-'));
  const { certificatePem, keyPem } = await (await createTestCa()).leaf('pickup.clinic.example');
  writeFileSync(join(folder, 'fullchain.pem'), certificatePem);
  writeFileSync(join(folder, 'privkey.pem'), keyPem);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string | undefined, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program ?? '', args, { encoding: 'utf8', cwd: folder });
  return status === 0 ? 'accepted' : `${stdout}${stderr}`;
}

describeWithTools(['systemd-analyze'], 'systemd', (tools) => {
  const units = docPages().flatMap(({ path, blocks }) =>
    blocks.filter(({ info }) => info === 'ini').map((block) => ({ ...block, path })),
  );

  it.each(units)('accepts the unit at $path:$line', ({ text, path, line }) => {
    const file = join(folder, `${basename(path, '.md')}-${line}.service`);
    // A part for `systemctl edit` stands on a service; programs are where this machine has them.
    const whole = text.includes('ExecStart=')
      ? text
      : text.replace('[Service]', '$&\nExecStart=/usr/bin/node');
    writeFileSync(file, whole.replace(/\/usr(?:\/local)?\/bin\/(?:node|sallyport)/g, process.execPath));
    const said = spawnSync(tools['systemd-analyze'] ?? '', ['verify', '--man=no', file], {
      encoding: 'utf8',
    });
    expect(`${said.stdout}${said.stderr}`).not.toContain(basename(file));
  });
});

describeWithTools(['nginx'], 'nginx', (tools) => {
  it('accepts its part of the guide to reverse proxies', () => {
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, proxyConfig('nginx', { folder, https: 28_443, http: 28_080, portal: 28_444 }));
    expect(run(tools.nginx, '-t', '-p', folder, '-e', join(folder, 'start.log'), '-c', file)).toBe(
      'accepted',
    );
  });
});

describeWithTools(['caddy'], 'Caddy', (tools) => {
  it('accepts its part of the guide to reverse proxies', () => {
    const file = join(folder, 'Caddyfile');
    writeFileSync(file, proxyConfig('caddy', { folder, https: 28_443, http: 28_080, portal: 28_444 }));
    expect(run(tools.caddy, 'validate', '--adapter', 'caddyfile', '--config', file)).toBe('accepted');
  });
});

describeWithTools(['apache2'], 'Apache', (tools) => {
  it('accepts its part of the guide to reverse proxies', () => {
    const file = join(folder, 'apache2.conf');
    writeFileSync(file, proxyConfig('apache', { folder, https: 28_443, http: 28_080, portal: 28_444 }));
    expect(run(tools.apache2, '-t', '-f', file)).toBe('accepted');
  });
});

describe('the guides', () => {
  it('have units to verify', () => {
    const guides = docPages().filter(({ blocks }) => blocks.some(({ info }) => info === 'ini'));
    expect(guides.map(({ path }) => path)).toContain('docs/guides/systemd.md');
  });
});
