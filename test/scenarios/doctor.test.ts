import { createSocket } from 'node:dgram';
import { chmodSync, cpSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CertificateAndKey } from '../../src/keys/certificates.js';
import { createTestCa, type TestCa } from '../support/certificates.js';
import { type DnsServer, startDnsServer, type Zone } from '../support/dns-server.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { startSink } from '../support/sink.js';

const NAME = 'relay.clinic.example';
const GOOD: Zone = {
  [NAME]: { a: ['127.0.0.1'] },
  '1.0.0.127.in-addr.arpa': { ptr: [NAME] },
  'clinic.example': {
    txt: [`v=spf1 a:${NAME} -all`],
    mx: [{ preference: 10, exchange: 'mx.clinic.example' }],
  },
  'mx.clinic.example': { a: ['127.0.0.1'] },
  '_dmarc.clinic.example': { txt: ['v=DMARC1; p=none'] },
};

let dns: DnsServer;
let ca: TestCa;
let good: CertificateAndKey;
let clock: { readonly address: string; readonly close: () => void };
let home: RelayHome;
let relay: RunningRelay | undefined;

beforeAll(async () => {
  dns = await startDnsServer(GOOD);
  ca = await createTestCa();
  good = await ca.leaf(NAME, { names: [NAME, '127.0.0.1'] });
  clock = await timeServer();
});
afterAll(async () => {
  clock.close();
  await dns.close();
});
afterEach(async () => {
  dns.setZone(GOOD);
  relay = undefined;
  await home.remove();
});

/** A relay whose ports are known, with a certificate of the tests' authority. */
async function setUp(certificate: CertificateAndKey = good): Promise<number> {
  const port = await freePort();
  const review = await freePort();
  const sink = await startSink({});
  home = await relayHome({
    admin: { address: `127.0.0.1:${await freePort()}` },
    dns: { servers: [dns.address], allow_private_targets: true, timeout: '10s' },
    delivery: { port: sink.port },
    listeners: [
      {
        name: 'submission',
        address: `127.0.0.1:${port}`,
        mode: 'submission',
        accounts: true,
        tls: { certificate: 'certificate.pem', key: 'key.pem' },
      },
    ],
    portal: { certificate: 'certificate.pem', key: 'key.pem' },
    review: {
      address: `127.0.0.1:${review}`,
      url: `https://relay.clinic.example:${review}`,
      certificate: 'certificate.pem',
      key: 'key.pem',
    },
  });
  writeFileSync(join(home.folder, 'certificate.pem'), certificate.certificatePem);
  writeFileSync(join(home.folder, 'key.pem'), certificate.keyPem, { mode: 0o600 });
  writeFileSync(join(home.folder, 'ca.pem'), ca.pem);
  return port;
}

async function doctor(...more: string[]) {
  const args = ['doctor', '--json', '--ca', join(home.folder, 'ca.pem'), '--time-server', clock.address];
  const { status, stdout, stderr } = await home.run([...args, '--timeout', '60', ...more]);
  if (stdout === '') throw new Error(stderr);
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; level: string; what: string; fix?: string }[];
  };
  return { status, findings, problems: findings.filter((one) => one.level === 'problem') };
}

describe('the doctor', () => {
  it('finds nothing wrong where nothing is', async () => {
    await setUp();
    relay = await home.start();
    const { problems, findings, status } = await doctor();
    expect(problems).toEqual([]);
    expect(status).toBe(0);
    // Something was looked at for each of them.
    expect([...new Set(findings.map((one) => one.check))].sort()).toEqual([
      'clock',
      'config',
      'dns',
      'files',
      'listeners',
      'outward',
      'policies',
      'portal',
      'relay',
      'review',
      'space',
      'sync',
      'upstream',
    ]);
  });

  it('finds a relay that does not work by its files', async () => {
    await setUp();
    cpSync('policies', join(home.folder, 'policies'), { recursive: true });
    home.configure({ policies: 'policies', enforcement: 'shadow' });
    relay = await home.start();
    home.configure({ enforcement: 'enforce' });
    writeFileSync(join(home.folder, 'policies', 'more.yaml'), 'version: 1\nrules: []\n');
    const { problems, status } = await doctor();
    expect(status).toBe(1);
    const said = problems.filter((one) => one.check === 'relay');
    expect(said.map((one) => one.what).join('\n')).toMatch(/in SHADOW MODE.*\n.*other policies/);
    expect(said.every((one) => one.fix?.includes('systemctl reload'))).toBe(true);
    process.kill(relay.pid, 'SIGHUP');
    await relay.until(/configuration and policies reloaded/);
    expect((await doctor()).problems).toEqual([]);
  });

  it('says where nobody listens, and that the relay was never started', async () => {
    await setUp();
    const { problems, status } = await doctor();
    expect(status).toBe(1);
    expect(problems).toContainEqual(
      expect.objectContaining({ check: 'listeners', what: expect.stringMatching(/nobody listens there/) }),
    );
    for (const check of ['relay', 'portal', 'review'])
      expect(problems).toContainEqual(
        expect.objectContaining({ check, fix: expect.stringMatching(/start the relay/) }),
      );
  });

  it('asks for the authority of the organisation, where it is not named', async () => {
    await setUp();
    relay = await home.start();
    const { stdout } = await home.run([
      'doctor',
      '--json',
      '--time-server',
      clock.address,
      '--timeout',
      '60',
    ]);
    const { findings } = JSON.parse(stdout) as { findings: { check: string; level: string; fix?: string }[] };
    for (const check of ['listeners', 'portal', 'review']) {
      const said = findings.filter((one) => one.check === check && one.level !== 'ok');
      expect(said).toContainEqual(expect.objectContaining({ fix: expect.stringMatching(/--ca/) }));
      expect(said).not.toContainEqual(expect.objectContaining({ fix: expect.stringMatching(/firewall/) }));
    }
  });

  it('takes a dead resolver for one problem', async () => {
    await setUp();
    relay = await home.start();
    const fails = { fails: 'SERVFAIL' } as const;
    dns.setZone({
      ...Object.fromEntries(Object.keys(GOOD).map((name) => [name, fails])),
    });
    const { problems, findings } = await doctor();
    expect(problems).toEqual([expect.objectContaining({ check: 'dns' })]);
    expect(findings).not.toContainEqual(
      expect.objectContaining({ fix: expect.stringMatching(/publish|forward/) }),
    );
  });

  it.each<[string, () => Promise<CertificateAndKey>, RegExp]>([
    [
      'for another name',
      () => ca.leaf('other.clinic.example'),
      /for another name than relay\.clinic\.example/,
    ],
    ['that is self-signed', () => ca.leaf(NAME, { selfSigned: true }), /self-signed certificate/],
  ])('finds a certificate %s', async (_, certificate, expected) => {
    await setUp(await certificate());
    relay = await home.start();
    const { findings } = await doctor();
    const said = findings.filter((one) => one.check === 'listeners' && one.level !== 'ok');
    expect(said.map((one) => one.what).join('\n')).toMatch(expected);
    expect(said.every((one) => one.fix !== undefined)).toBe(true);
  });

  it.each<[string, Zone, RegExp]>([
    ['the relay has no address', { ...GOOD, [NAME]: {} }, /relay\.clinic\.example has no address/],
    [
      'SPF does not name the relay',
      { ...GOOD, 'clinic.example': { ...GOOD['clinic.example'], txt: ['v=spf1 -all'] } },
      /SPF of clinic\.example does not let 127\.0\.0\.1 send/,
    ],
    [
      'there is no SPF record',
      { ...GOOD, 'clinic.example': { ...GOOD['clinic.example'], txt: [] } },
      /no SPF record/,
    ],
    [
      'there are two SPF records',
      { ...GOOD, 'clinic.example': { ...GOOD['clinic.example'], txt: ['v=spf1 +all', 'v=spf1 -all'] } },
      /SPF of clinic\.example is broken/,
    ],
  ])('finds in DNS that %s', async (_, zone, expected) => {
    await setUp();
    dns.setZone(zone);
    const { problems } = await doctor();
    const said = problems.filter((one) => one.check === 'dns');
    expect(said.map((one) => one.what).join('\n')).toMatch(expected);
    expect(said.every((one) => one.fix !== undefined)).toBe(true);
  });

  it('sees to SPF before the relay has an address', async () => {
    await setUp();
    dns.setZone({ ...GOOD, [NAME]: {}, 'clinic.example': { ...GOOD['clinic.example'], txt: [] } });
    const { problems } = await doctor();
    const said = problems.filter((one) => one.check === 'dns').map((one) => one.what);
    expect(said).toEqual(['relay.clinic.example has no address', 'clinic.example has no SPF record']);
  });

  it('finds secrets that are open to others', async () => {
    await setUp();
    relay = await home.start();
    chmodSync(join(home.folder, 'key.pem'), 0o644);
    chmodSync(join(home.dataDir, 'relay.db'), 0o644);
    const { problems } = await doctor();
    const files = problems.filter((one) => one.check === 'files');
    expect(files.map((one) => one.fix).sort()).toEqual(
      [`chmod 600 ${join(home.dataDir, 'relay.db')}`, `chmod 600 ${join(home.folder, 'key.pem')}`].sort(),
    );
  });

  it('finds another program on the port', async () => {
    const port = await setUp();
    const other = createServer((socket) => socket.end('220 other.example ESMTP\r\n'));
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const { problems } = await doctor();
    other.close();
    expect(problems).toContainEqual(expect.objectContaining({ check: 'listeners' }));
  });

  it('tells once of files that several parts share, and what to do', async () => {
    await setUp();
    const other = await ca.leaf(NAME);
    writeFileSync(join(home.folder, 'key.pem'), other.keyPem);
    const { problems } = await doctor();
    const at = 'listeners.0.tls.key, portal.key, review.key';
    expect(problems.filter((one) => one.check === 'config')).toEqual([
      expect.objectContaining({
        what: expect.stringMatching(/^\S+:\d+:\d+: /),
        fix: expect.stringMatching(/^put the key there/),
      }),
    ]);
    expect(problems.map((one) => one.what)).toContainEqual(
      expect.stringContaining(`: ${at}: ${join(home.folder, 'key.pem')}: is not the key of the certificate`),
    );
  });

  it('finds policies that cannot be read, at their place', async () => {
    await setUp();
    writeFileSync(join(home.folder, 'bad.yaml'), 'version: 1\nrules: [{ id: x, nonsense: 1 }]\n');
    home.configure({ policies: '.' });
    const { problems } = await doctor();
    expect(
      problems
        .filter((one) => one.check === 'policies')
        .map((one) => one.what)
        .join('\n'),
    ).toMatch(/bad\.yaml:2:\d+/);
  });

  it('finds a smarthost that does not answer', async () => {
    await setUp();
    const nobody = await freePort();
    home.configure({
      delivery: { routes: [{ name: 'up', domains: ['*'], host: '127.0.0.1', port: nobody }] },
    });
    const { problems } = await doctor();
    expect(problems).toContainEqual(
      expect.objectContaining({ check: 'outward', what: expect.stringMatching(/route up to 127\.0\.0\.1/) }),
    );
  });

  it('sends a test mail and tells what became of it', async () => {
    await setUp();
    relay = await home.start();
    const args = ['doctor', '--json', '--ca', join(home.folder, 'ca.pem'), '--time-server', clock.address];
    const { stdout } = await home.run(
      [...args, '--test-mail', 'someone@clinic.example', '--account', 'clinic'],
      `${relay.account?.password ?? ''}\n`,
    );
    expect(JSON.parse(stdout).findings).toContainEqual({
      check: 'test-mail',
      level: 'ok',
      what: 'the test mail to someone@clinic.example was delivered',
    });
    expect(stdout).not.toContain(relay.account?.password);
    const wrong = await home.run(
      [...args, '--test-mail', 'someone@clinic.example', '--account', 'clinic'],
      'not-the-password\n',
    );
    expect(JSON.parse(wrong.stdout).findings).toContainEqual(
      expect.objectContaining({ check: 'test-mail', level: 'problem' }),
    );
  });
});

async function timeServer() {
  const socket = createSocket('udp4');
  socket.on('message', (_question, from) => {
    const reply = Buffer.alloc(48);
    reply[0] = 0x24;
    reply[1] = 2;
    for (const at of [32, 40]) reply.writeUInt32BE(Math.floor(Date.now() / 1000) + 2_208_988_800, at);
    socket.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}
