import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dns-server.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink, testCa } from '../support/sink.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * One message with patient data to three recipients, found by MX: a server with a good certificate, a server without
 * STARTTLS, and a domain that does not exist. Each has an end of its own, and the audit log says why.
 */

let home: RelayHome;
let relay: RunningRelay;
let dns: DnsServer;
let good: Sink;
let clear: Sink;
let id: string;

beforeAll(async () => {
  const ca = await testCa();
  const port = await freePort('127.0.0.2');
  good = await startSink({ host: '127.0.0.2', port, certificate: await ca.issue('mx.hospital.example') });
  clear = await startSink({ host: '127.0.0.3', port });
  dns = await startDnsServer({
    'hospital.example': { mx: [{ preference: 10, exchange: 'mx.hospital.example' }] },
    'mx.hospital.example': { a: ['127.0.0.2'] },
    'oldhost.example': { mx: [{ preference: 10, exchange: 'mx.oldhost.example' }] },
    'mx.oldhost.example': { a: ['127.0.0.3'] },
  });
  home = await relayHome({
    dns: { servers: [dns.address], allow_private_targets: true, timeout: '10s' },
    delivery: { port, ca: 'ca.pem', first_retry: '1s', max_retry: '2s' },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.pem);
  relay = await home.start();
  id = await submit(relay, {
    to: ['doe@hospital.example', 'roe@oldhost.example', 'nobody@nowhere.example'],
    subject: 'Referral',
    text: LAB_RESULT,
  });
  await untilState(home, id, 'doe@hospital.example', 'delivered');
  await untilState(home, id, 'roe@oldhost.example', 'in-portal');
  await untilState(home, id, 'nobody@nowhere.example', 'bounced');
});

afterAll(async () => {
  await home?.remove();
  await Promise.all([good?.close(), clear?.close(), dns?.close()]);
});

it('delivers by verified TLS where it can', async () => {
  const arrived = await good.next((one) => one.recipients.includes('doe@hospital.example'));
  expect(arrived.tls).toMatch(/^TLSv1\.[23]$/);
  expect(arrived.text).toContain(CANARY);
  expect(arrived.recipients).toEqual(['doe@hospital.example']);
});

it('sends nothing but a notice without patient data to the server without TLS', async () => {
  const notice = await clear.next((one) => one.recipients.includes('roe@oldhost.example'));
  expect(notice.text).toMatch(/https:\/\/127\.0\.0\.1:\d+\/m\//);
  for (const one of clear.messages) {
    expect(one.text).not.toContain(CANARY);
    expect(one.text).not.toMatch(/Referral|Roe, Jane|diabetes|00482913/);
  }
});

it('tells the story of all three, with rules, findings and TLS facts', async () => {
  const story = await home.run(['audit', 'show', id]);
  expect(story.status).toBe(0);
  expect(story.stdout).toContain('hipaa-phi-outside');
  expect(story.stdout).toContain('us-ssn');
  expect(story.stdout).toMatch(/doe@hospital\.example/);
  expect(story.stdout).toMatch(/TLSv1\.[23]/);
  expect(story.stdout).toMatch(/does not offer STARTTLS/);
  expect(story.stdout).not.toContain(CANARY);

  const json = await home.run(['audit', 'show', id, '--json']);
  expect(() => JSON.parse(json.stdout)).not.toThrow();
});

it.each([
  [['--id', 'ID'], 5],
  [['--recipient', 'roe@oldhost.example'], 2],
  [['--outcome', 'delivered', '--recipient', 'doe@hospital.example'], 1],
  [['--rule', 'hipaa-phi-outside'], 3],
  [['--detector', 'us-ssn'], 1],
  [['--method', 'portal'], 1],
  [['--sender', 'ward3@clinic.example'], 1],
])('audit search %j finds at least %i events while the relay runs', async (options, least) => {
  const args = options.map((one) => (one === 'ID' ? id : one));
  const found = await home.run(['audit', 'search', ...args, '--json']);
  expect(found.stderr).toBe('');
  expect(JSON.parse(found.stdout).length).toBeGreaterThanOrEqual(least);
});

it('verifies, and so does a snapshot without the relay', async () => {
  const verified = await home.run(['audit', 'verify']);
  expect(verified.stdout + verified.stderr).toMatch(/verif|holds|ok/i);
  expect(verified.status).toBe(0);
  const snapshot = join(home.folder, 'snapshot');
  expect((await home.run(['audit', 'export', '--snapshot', snapshot])).status).toBe(0);
});

it('keeps names, numbers, Subjects and full addresses out of the operational log', () => {
  expect(relay.output()).not.toMatch(/212-55-0187|Roe, Jane|Referral|doe@hospital|00482913/);
});
