import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkFiles } from '../../../src/config/check-files.js';
import { loadConfig } from '../../../src/config/load.js';
import { issueCertificate } from '../../../src/keys/certificates.js';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-11-01T00:00:00Z');
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-files-'));
  const pair = (from: number, to: number) =>
    issueCertificate({
      commonName: 'relay.clinic.test',
      names: ['relay.clinic.test'],
      notBefore: new Date(NOW + from * DAY_MS),
      notAfter: new Date(NOW + to * DAY_MS),
    });
  for (const [name, made] of [
    ['good', await pair(-1, 90)],
    ['old', await pair(-90, -1)],
    ['early', await pair(1, 90)],
  ] as const) {
    writeFileSync(join(folder, `${name}.pem`), made.certificatePem);
    writeFileSync(join(folder, `${name}.key`), made.keyPem, { mode: 0o600 });
  }
  writeFileSync(join(folder, 'text.pem'), 'no certificate\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function problemsOf(certificate: string, key: string) {
  const file = join(folder, 'config.yaml');
  const tls = `{ certificate: ${certificate}, key: ${key} }`;
  writeFileSync(
    file,
    `hostname: relay.clinic.test
data_dir: data
policies: policies
organisation:
  name: Example Clinic
  domains: [clinic.test]
  postmaster: postmaster@clinic.test
  reviewers: [privacy@clinic.test]
listeners:
  - { name: one, address: '127.0.0.1:2525', mode: submission, accounts: true, tls: ${tls} }
  - { name: two, address: '127.0.0.1:2526', mode: submissions, accounts: true, tls: ${tls} }
`,
  );
  return checkFiles(await loadConfig(file), NOW);
}

it('finds nothing wrong with a certificate and its key', async () => {
  expect(await problemsOf('good.pem', 'good.key')).toEqual([]);
});

it.each([
  ['that has expired', 'old.pem', 'old.key', 'certificate', /^expired on/, /^renew it/],
  ['of tomorrow', 'early.pem', 'early.key', 'certificate', /^is not valid before/, /clock/],
  ['that is missing', 'none.pem', 'good.key', 'certificate', /^is not there$/, /^put the file there/],
  ['that is none', 'text.pem', 'good.key', 'certificate', /./, /^put the certificate there in PEM form/],
  ['of another key', 'good.pem', 'old.key', 'key', /not the key of/, /^put the key there that/],
  ['without a key', 'good.pem', 'text.pem', 'key', /./, /^put the private key there/],
])('tells once of a certificate %s, and what to do', async (_, certificate, key, at, what, fix) => {
  expect(await problemsOf(certificate, key)).toEqual([
    {
      keys: [`listeners.0.tls.${at}`, `listeners.1.tls.${at}`],
      path: join(folder, at === 'key' ? key : certificate),
      what: expect.stringMatching(what),
      fix: expect.stringMatching(fix),
    },
  ]);
});
