import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type RelayHome, relayHome } from '../support/relay-process.js';

let home: RelayHome;

beforeEach(async () => {
  home = await relayHome();
});
afterEach(() => home.remove());

const mode = (path: string) => statSync(path).mode & 0o777;

describe('the first start', () => {
  it('makes what is missing, prints the password once; the second reuses all of it', async () => {
    const first = await home.start();
    expect(first.account).toMatchObject({ name: 'clinic' });
    expect(first.output()).toMatch(/SMTP submission +127\.0\.0\.1:\d+/);
    expect(first.output()).toMatch(/Pickup portal +https:/);

    const key = join(home.dataDir, 'master.key');
    const certificate = join(home.dataDir, 'tls', 'certificate.pem');
    const signing = join(home.dataDir, 'audit', 'signing-key.pem');
    expect(mode(home.dataDir)).toBe(0o700);
    for (const secret of [
      key,
      join(home.dataDir, 'tls', 'key.pem'),
      signing,
      join(home.dataDir, 'relay.db'),
    ]) {
      expect([secret, mode(secret).toString(8)]).toEqual([secret, '600']);
    }
    const before = [key, certificate, signing].map((file) => readFileSync(file, 'utf8'));
    await expect(first.kill('SIGTERM')).resolves.toBe(0);

    const second = await home.start();
    expect(second.account).toBeUndefined();
    expect(second.output()).not.toContain(first.account?.password);
    expect([key, certificate, signing].map((file) => readFileSync(file, 'utf8'))).toEqual(before);
    await expect(second.kill('SIGTERM')).resolves.toBe(0);
  });

  it('answers /healthz and /metrics on loopback', async () => {
    const relay = await home.start();
    const health = await fetch(`http://127.0.0.1:${relay.adminPort}/healthz`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({ ok: true, state: 'running', enforcement: 'enforce' });
    const metrics = await (await fetch(`http://127.0.0.1:${relay.adminPort}/metrics`)).text();
    expect(metrics).toMatch(/^sallyport_recipients\{state="held"\} 0$/m);
    expect(metrics).toMatch(/^sallyport_shadow_mode 0$/m);
  });

  it('leaves nothing behind when the configuration is wrong', async () => {
    home.configure({ listeners: [{ name: 'open', address: '127.0.0.1:0', mode: 'relay' }] });
    const result = await home.run(['start']);
    expect(result.status).toBe(2);
    expect(result.stderr).toMatch(/config\.yaml:\d+:\d+: listeners\.0: admits nobody/);
    expect(existsSync(home.dataDir)).toBe(false);
  });
});

describe('what must refuse to start', () => {
  it.each([
    ['another master key', () => `${Buffer.alloc(32, 7).toString('base64')}\n`, /master key/i],
    ['no master key at all', () => undefined, /master key .* is missing/],
  ])('with %s', async (_name, content, complaint) => {
    await (await home.start()).kill('SIGTERM');
    const key = join(home.dataDir, 'master.key');
    const text = content();
    rmSync(key);
    if (text !== undefined) writeFileSync(key, text, { mode: 0o600 });
    const result = await home.run(['start']);
    expect(result.stderr).toMatch(complaint);
    expect(result.status).not.toBe(0);
    expect(result.stdout).not.toContain('Sallyport is running');
  });

  it('a second relay on the same data directory', async () => {
    await home.start();
    const result = await home.run(['start']);
    expect(result.stderr).toMatch(/in use by another sallyport process/);
    expect(result.status).toBe(1);
  });
});
