import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { serverCertificate } from '../../../src/keys/server-certificate.js';

const NOW = Date.UTC(2026, 10, 22);
const DAY = 86_400_000;
const dataDir = mkdtempSync(join(tmpdir(), 'sallyport-certificate-'));
const keyFile = join(dataDir, 'tls', 'key.pem');
const certificateFile = join(dataDir, 'tls', 'certificate.pem');

afterEach(() => rmSync(join(dataDir, 'tls'), { recursive: true, force: true }));

it('is made once, with a key that only its owner may read, and used again', async () => {
  const made = await serverCertificate(dataDir, 'relay.clinic.example', NOW);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(keyFile, 'utf8')).toBe(made.keyPem);
  await expect(serverCertificate(dataDir, 'relay.clinic.example', NOW + 600 * DAY)).resolves.toEqual(made);
});

it.each([
  ['it is about to end', 'relay.clinic.example', 710 * DAY],
  ['the host has another name', 'mail.clinic.example', 0],
])('is made anew when %s', async (_name, hostname, later) => {
  const made = await serverCertificate(dataDir, 'relay.clinic.example', NOW);
  const next = await serverCertificate(dataDir, hostname, NOW + later);
  expect(next.certificatePem).not.toBe(made.certificatePem);
  expect(readFileSync(certificateFile, 'utf8')).toBe(next.certificatePem);
});

it('is made anew when a crash left halves of two pairs, or a half-written file', async () => {
  const first = await serverCertificate(dataDir, 'relay.clinic.example', NOW);
  rmSync(join(dataDir, 'tls'), { recursive: true });
  const second = await serverCertificate(dataDir, 'relay.clinic.example', NOW);
  writeFileSync(keyFile, first.keyPem);
  writeFileSync(`${keyFile}.new`, 'half', { mode: 0o644 });
  const third = await serverCertificate(dataDir, 'relay.clinic.example', NOW);
  expect([first.keyPem, second.keyPem]).not.toContain(third.keyPem);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
});
