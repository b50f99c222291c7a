import { X509Certificate } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CertificateAndKey, issueCertificate } from '../../../src/keys/certificates.js';
import { createMetrics } from '../../../src/ops/metrics.js';
import {
  type Client,
  DAY,
  dial,
  dialAs,
  HEADER,
  loadedOf,
  SUBMISSION,
  startWorld,
  submit,
  type World,
} from './harness.js';

/** Slow to make, so each is made once. */
let pairs: {
  readonly first: CertificateAndKey;
  readonly second: CertificateAndKey;
  readonly expired: CertificateAndKey;
};
beforeAll(async () => {
  const now = Date.now();
  const issue = (notAfter: number) =>
    issueCertificate({
      commonName: 'relay.clinic.example',
      names: ['relay.clinic.example'],
      notBefore: new Date(now - 9 * DAY),
      notAfter: new Date(notAfter),
    });
  pairs = {
    first: await issue(now + DAY),
    second: await issue(now + 2 * DAY),
    expired: await issue(now - DAY),
  };
});

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-certificates-'));
  open.push(() => rmSync(folder, { recursive: true, force: true }));
  const files = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  const write = (file: string, text: string) => {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  };
  const renew = ({ certificatePem, keyPem }: CertificateAndKey) => {
    write(files.certificate, certificatePem);
    write(files.key, keyPem);
  };
  renew(pairs.first);
  const metrics = createMetrics();
  const loaded = loadedOf({
    listeners: [
      { ...SUBMISSION, tls: files },
      { ...SUBMISSION, name: 'submissions', mode: 'submissions', tls: files },
    ],
  });
  const world: World = await startWorld(loaded, { certificateEveryMs: 50, metrics }, [
    { name: 'ward3', senders: ['clinic.example'] },
  ]);
  open.push(() => world.close());
  const [submission, submissions] = world.intake.listeners.map((one) => one.port);
  const shown = async () => {
    const starttls = await dial(submission!);
    await starttls.reply();
    await starttls.say('EHLO client.example');
    await starttls.say('STARTTLS');
    await starttls.startTls();
    const implicit = await dial(submissions!, { tls: {} });
    const all = [starttls, implicit].map(fingerprintOf);
    for (const one of [starttls, implicit]) one.end();
    return all;
  };
  return { world, files, write, renew, loaded, metrics, shown, port: submission! };
}

const fingerprintOf = ({ socket }: Client) =>
  socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : undefined;
const both = ({ certificatePem }: CertificateAndKey) => {
  const { fingerprint256 } = new X509Certificate(certificatePem);
  return [fingerprint256, fingerprint256];
};

describe('the certificate of a listener', () => {
  it('is replaced for new sessions when its files are; running sessions go on; it is on record', async () => {
    const { world, renew, shown, metrics, port } = await start();
    expect(await shown()).toEqual(both(pairs.first));
    const running = await dialAs(port, 'ward3');
    open.push(() => running.end());
    renew(pairs.second);
    await expect.poll(shown).toEqual(both(pairs.second));
    expect(await submit(running, `${HEADER}\r\nx`)).toMatch(/^250/);
    expect(fingerprintOf(running)).toBe(both(pairs.first)[0]);
    expect(world.eventsOf('certificate.rejected')).toEqual([]);
    const { fingerprint256, validTo } = new X509Certificate(pairs.second.certificatePem);
    expect(world.eventsOf('certificate.changed').sort((a, b) => (a.part < b.part ? -1 : 1))).toEqual(
      ['listener submission', 'listener submissions'].map((part) => ({
        part,
        fingerprint: fingerprint256,
        expiresAt: Date.parse(validTo),
      })),
    );
    expect(await metrics.registry.metrics()).toContain(
      `sallyport_certificate_expires_seconds{part="listener submission"} ${Date.parse(validTo) / 1000}`,
    );
  });

  it.each([
    ['is of another key', () => pairs.second.certificatePem],
    ['has expired', () => pairs.expired.certificatePem, () => pairs.expired.keyPem],
    ['is no certificate', () => 'nothing'],
    ['is empty', () => ''],
  ])('stays in use while the new one %s, which is said, counted and recorded', async (_, cert, key?) => {
    const { world, files, write, renew, shown, metrics } = await start();
    write(files.certificate, cert());
    if (key !== undefined) write(files.key, key());
    await expect.poll(() => world.eventsOf('certificate.rejected').length).toBeGreaterThanOrEqual(2);
    expect(await shown()).toEqual(both(pairs.first));
    expect(world.logged.join('')).toContain('the one in use stays');
    expect(world.logged.join('') + JSON.stringify(world.events)).not.toContain('PRIVATE KEY');
    expect(await metrics.registry.metrics()).toContain(
      'sallyport_certificate_refused{part="listener submission"} 1',
    );
    renew(pairs.second);
    await expect.poll(shown).toEqual(both(pairs.second));
    expect(await metrics.registry.metrics()).toContain(
      'sallyport_certificate_refused{part="listener submission"} 0',
    );
  });

  it('stays in use while the change can not be recorded', async () => {
    const { world, renew, shown } = await start();
    world.faults.audit = true;
    renew(pairs.second);
    await expect.poll(() => world.logged.join('')).toContain('could not be recorded');
    expect(await shown()).toEqual(both(pairs.first));
  });

  it('stays in use over a reload while the one in its files has expired', async () => {
    const { world, renew, loaded, shown } = await start();
    renew(pairs.expired);
    await expect.poll(() => world.eventsOf('certificate.rejected').length).toBeGreaterThan(0);
    (await world.intake.prepare(loaded))();
    expect(await shown()).toEqual(both(pairs.first));
    renew(pairs.second);
    await expect.poll(shown).toEqual(both(pairs.second));
  });

  it('is watched on after a reload', async () => {
    const { world, renew, loaded, shown } = await start();
    (await world.intake.prepare(loaded))();
    renew(pairs.second);
    await expect.poll(shown).toEqual(both(pairs.second));
  });
});
