import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { problemLine, startProblems } from '../../../src/cli/start-problems.js';
import { loadConfig } from '../../../src/config/load.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sallyport-start-problems-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const BASE = `hostname: relay.clinic.test
data_dir: data
policies: policies
organisation: { name: Example Clinic, domains: [clinic.test], postmaster: postmaster@clinic.test }
`;

async function linesOf(rest: string): Promise<readonly string[]> {
  const file = join(folder, 'config.yaml');
  writeFileSync(file, `${BASE}${rest}`);
  const problems = await startProblems(await loadConfig(file), Date.now());
  return problems.map((one) => problemLine(one).replaceAll(`${folder}/`, ''));
}

it('tells of a file that is missing where it is named, and what to do', async () => {
  const lines = await linesOf(`listeners:
  - name: one
    address: 127.0.0.1:2525
    mode: submission
    accounts: true
    tls: { certificate: none.pem, key: none.key }
`);
  expect(lines).toEqual([
    'config.yaml:10:25: listeners.0.tls.certificate: none.pem: is not there; put the file there, or correct its path in the configuration',
    'config.yaml:10:40: listeners.0.tls.key: none.key: is not there; put the file there, or correct its path in the configuration',
  ]);
});

it('tells of a part that cannot be used where it begins', async () => {
  const lines =
    await linesOf(`listeners: [{ name: one, address: '127.0.0.1:2525', mode: submission, accounts: true }]
portal:
  url: http://pickup.clinic.test
  sender: pickup@clinic.test
`);
  expect(lines).toEqual([
    expect.stringMatching(/^config\.yaml:7:3: .*portal\.url.* plain http.*; correct `portal`$/),
  ]);
});
