import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import forge from 'node-forge';
import { afterEach, describe, expect, it } from 'vitest';
import type { Portal } from '../../../src/portal/index.js';
import { portalSettings } from '../../../src/portal/settings.js';
import { UserError } from '../../../src/shared/errors.js';
import { formToken, linkSecret, loadedConfig, mailedCode, signInTo, startWorld } from './harness.js';

function selfSigned(): { certificatePem: string; keyPem: string } {
  const keys = forge.pki.rsa.generateKeyPair(2048);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = keys.publicKey;
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(0);
  certificate.validity.notAfter = new Date(Date.UTC(2049, 0, 1));
  const name = [{ name: 'commonName', value: 'pickup.clinic.example' }];
  certificate.setSubject(name);
  certificate.setIssuer(name);
  certificate.sign(keys.privateKey, forge.md.sha256.create());
  return {
    certificatePem: forge.pki.certificateToPem(certificate),
    keyPem: forge.pki.privateKeyToPem(keys.privateKey),
  };
}

describe('starting', () => {
  it.each([
    ['plain http under a public name', { url: 'http://pickup.clinic.example' }, /plain http/],
    ['https without any certificate', { url: 'https://pickup.clinic.example' }, /no certificate/],
    ['an address with a path', { url: 'https://pickup.clinic.example/mail' }, /scheme, host and port only/],
    ['an address with a query', { url: 'https://pickup.clinic.example?x' }, /scheme, host and port only/],
    ['an address with a login', { url: 'https://a@pickup.clinic.example' }, /scheme, host and port only/],
    [
      'plain http under a public name behind a proxy',
      { url: 'http://pickup.clinic.example', behind_proxy: 'true' },
      /plain http/,
    ],
    [
      'certificate files that are not there',
      { url: 'https://pickup.clinic.example', certificate: '/nowhere/a.pem', key: '/nowhere/b.pem' },
      /cannot use the portal's certificate \/nowhere\/a\.pem/,
    ],
  ])('is refused for %s', async (_name, portal, problem) => {
    const attempt = portalSettings(loadedConfig(portal), undefined);
    await expect(attempt).rejects.toBeInstanceOf(UserError);
    await expect(attempt).rejects.toThrow(problem);
  });

  it.each([
    ['http on loopback', {}, { secure: false, hsts: false, trustedProxies: [] }],
    [
      'behind a proxy',
      { url: 'https://pickup.clinic.example', behind_proxy: 'true', trusted_proxies: '[10.0.0.0/8]' },
      { secure: true, hsts: true, trustedProxies: ['127.0.0.0/8', '::1/128', '10.0.0.0/8'] },
    ],
  ])('serves %s', async (_name, portal, settings) => {
    const got = await portalSettings(loadedConfig(portal), undefined);
    expect(got).toMatchObject(settings);
    expect(got.tls).toBeUndefined();
  });

  it('says which port is taken', async () => {
    const first = await startWorld();
    try {
      await expect(startWorld({ address: `127.0.0.1:${first.portal.port}` })).rejects.toThrow(
        /cannot listen on 127\.0\.0\.1 port \d+.*portal\.address/,
      );
    } finally {
      await first.portal.close();
    }
  });
});

describe('over https', () => {
  const open: Portal[] = [];
  afterEach(async () => {
    for (const portal of open.splice(0)) await portal.close();
  });

  it('sends HSTS and binds its cookies to this host and to TLS', async () => {
    const w = await startWorld({ url: 'https://pickup.clinic.example' }, { serverCertificate: selfSigned() });
    open.push(w.portal);
    w.store.add(1);
    const browser = w.browser();
    const start = await browser.get(`/m/${linkSecret(1)}`);
    expect(start.headers['strict-transport-security']).toBe('max-age=31536000');
    expect(String(start.headers['set-cookie'])).toMatch(
      /^__Host-pickup-form=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    );
    await browser.post(`/m/${linkSecret(1)}/code`, { token: formToken(start, 'code') });
    const page = await browser.post(`/m/${linkSecret(1)}/sign-in`, {
      token: formToken(start, 'code'),
      code: mailedCode(w.store),
    });
    expect(String(page.headers['set-cookie'])).toMatch(
      /^__Host-pickup=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=1800$/,
    );
    expect((await browser.get('/inbox/item1')).status).toBe(200);
    const inbox = await browser.get('/inbox');
    const chosen = await browser.post('/language', {
      token: formToken(inbox, 'language') || (/name="token" value="([^"]+)"/.exec(inbox.body)?.[1] ?? ''),
      path: '/inbox',
      language: 'es',
    });
    expect(String(chosen.headers['set-cookie'])).toBe(
      '__Host-pickup-language=es; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=31536000',
    );
    expect((await browser.get('/inbox')).body).toContain('<html lang="es">');
  });
});

describe('a certificate of its own', () => {
  const open: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  async function withFiles() {
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-portal-'));
    open.push(() => rmSync(folder, { recursive: true, force: true }));
    const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    const write = (pair: { certificatePem: string; keyPem: string }) => {
      writeFileSync(files.certificate, pair.certificatePem);
      writeFileSync(files.key, pair.keyPem);
    };
    const first = selfSigned();
    write(first);
    const w = await startWorld(
      { url: 'https://pickup.clinic.example', ...files },
      { certificateEveryMs: 20 },
    );
    open.push(() => w.portal.close());
    const shown = () => presented(w.portal.port);
    return { w, files, write, first, shown };
  }

  it('is replaced when its files are, without a restart', async () => {
    const { write, first, shown } = await withFiles();
    expect(await shown()).toBe(fingerprint(first));
    const second = selfSigned();
    write(second);
    await expect.poll(shown).toBe(fingerprint(second));
  });

  it('stays in use while the new one cannot be used, and says so', async () => {
    const { w, files, write, first, shown } = await withFiles();
    const second = selfSigned();
    writeFileSync(files.key, second.keyPem);
    await expect.poll(() => w.logged.join('')).toContain('the one in use stays');
    expect(await shown()).toBe(fingerprint(first));
    expect(w.logged.join('')).not.toContain('PRIVATE KEY');
    rmSync(files.certificate);
    await w.portal.reload();
    expect(await shown()).toBe(fingerprint(first));
    write(second);
    await w.portal.reload();
    expect(await shown()).toBe(fingerprint(second));
  });
});

function fingerprint({ certificatePem }: { certificatePem: string }): string {
  return new X509Certificate(certificatePem).fingerprint256;
}

/** The fingerprint of the certificate that a server shows to a new connection. */
function presented(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.once('error', reject);
  });
}

describe('the client address', () => {
  const read = async (settings: Record<string, string>, forwarded: string) => {
    const w = await startWorld(settings);
    try {
      w.store.add(1);
      const browser = await signInTo(w, 1);
      await browser.get('/inbox/item1', { 'x-forwarded-for': forwarded });
      const event = w.store.events.at(-1);
      return event?.type === 'portal.message-read' ? event.data.clientAddress : event?.type;
    } finally {
      await w.portal.close();
    }
  };

  it('is never taken from a header without a trusted proxy', async () => {
    expect(await read({}, '198.51.100.7')).toBe('127.0.0.1');
  });
});

describe('behind a proxy', () => {
  it.each([
    ['198.51.100.7', '198.51.100.7'],
    ['203.0.113.1, 198.51.100.7', '198.51.100.7'],
    ['198.51.100.7, 127.0.0.1', '198.51.100.7'],
    ['evil"><script>', '127.0.0.1'],
  ])('X-Forwarded-For %j gives %s', async (forwarded, expected) => {
    const w = await startWorld({ url: 'https://pickup.clinic.example', behind_proxy: 'true' });
    try {
      const answer = await fetch(`http://127.0.0.1:${w.portal.port}/m/${linkSecret(1)}`, {
        headers: {
          'x-forwarded-for': forwarded,
          'x-forwarded-host': 'evil.example',
          'x-forwarded-proto': 'http',
        },
      });
      expect(answer.status).toBe(404);
      expect(await answer.text()).not.toContain('evil');
      expect(w.store.events.at(-1)?.data).toMatchObject({ clientAddress: expected });
    } finally {
      await w.portal.close();
    }
  });
});
