import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type Server, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type LoadedConfig, loadConfig } from '../../../src/config/load.js';
import { createTlsContexts, type TlsContexts } from '../../../src/deliver/tls-contexts.js';
import { createTestCa, type TestCa } from '../../support/certificates.js';

/* A server that knows its clients by certificate, such as an inbound connector of Microsoft 365. */

let folder: string;
let ca: TestCa;
let server: Server;
let loaded: LoadedConfig;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-route-certificate-'));
  ca = await createTestCa();
  writeFileSync(join(folder, 'ca.pem'), ca.pem);
  await put('relay.clinic.example');
  const own = await ca.leaf('mx.clinic.example');
  server = createServer(
    { cert: own.certificatePem, key: own.keyPem, ca: ca.pem, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      const shown = (socket as TLSSocket).getPeerCertificate();
      socket.end(shown.subject === undefined ? 'nobody' : String(shown.subject.CN));
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const route = { host: '127.0.0.1', kind: 'recipient-server', ca: 'ca.pem' };
  const files = { certificate: 'relay.pem', key: 'relay.key' };
  writeFileSync(
    join(folder, 'config.yaml'),
    stringify({
      hostname: 'relay.clinic.example',
      organisation: { name: 'Clinic', domains: ['clinic.example'], postmaster: 'postmaster@clinic.example' },
      listeners: [{ name: 'submission', address: '127.0.0.1:2587', mode: 'submission', accounts: true }],
      delivery: {
        routes: [
          { name: 'known', domains: ['*'], ...route, ...files },
          { name: 'unknown', domains: ['partner.example'], ...route },
          { name: 'broken', domains: ['broken.example'], ...route, ...files, key: 'missing.key' },
        ],
      },
    }),
  );
  loaded = await loadConfig(join(folder, 'config.yaml'));
});

afterAll(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function put(name: string): Promise<void> {
  const { certificatePem, keyPem } = await ca.leaf(name);
  writeFileSync(join(folder, 'relay.pem'), certificatePem);
  writeFileSync(join(folder, 'relay.key'), keyPem);
}

async function shownBy(contexts: TlsContexts, name: string): Promise<string> {
  const route = loaded.config.delivery.routes.find((one) => one.name === name);
  const { context } = await contexts.get(route, true);
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    secureContext: context,
    servername: 'mx.clinic.example',
  });
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  await once(socket, 'end');
  return text;
}

describe('the certificate of a route', () => {
  it('is shown to a server that asks, on that route only', async () => {
    const contexts = createTlsContexts(() => loaded);
    expect(await shownBy(contexts, 'known')).toBe('relay.clinic.example');
    expect(await shownBy(contexts, 'unknown')).toBe('nobody');
  });

  it('is the new one when its files have changed', async () => {
    const contexts = createTlsContexts(() => loaded);
    expect(await shownBy(contexts, 'known')).toBe('relay.clinic.example');
    await put('renewed.clinic.example');
    expect(await shownBy(contexts, 'known')).toBe('renewed.clinic.example');
  });

  it('goes with the TLS of the configuration in force, also where files were being read when it was replaced', async () => {
    let inForce = loaded;
    const contexts = createTlsContexts(() => inForce);
    const { config } = loaded;
    const route = config.delivery.routes.find((one) => one.name === 'known');
    const begunBefore = contexts.get(route, true);
    inForce = {
      ...loaded,
      config: { ...config, delivery: { ...config.delivery, tls_min_version: 'TLSv1.3' } },
    };
    contexts.forget();
    expect((await begunBefore).minVersion).toBe('TLSv1.2');
    expect((await contexts.get(route, true)).minVersion).toBe('TLSv1.3');
  });

  it('is not left out where its files cannot be used', async () => {
    await expect(
      shownBy(
        createTlsContexts(() => loaded),
        'broken',
      ),
    ).rejects.toThrow(/missing\.key/);
  });
});
