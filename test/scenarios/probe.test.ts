import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueCertificate } from '../../src/keys/certificates.js';
import { type DomainPeer, type Domains, startDomains } from '../support/hostile-domains.js';
import { type RelayHome, relayHome } from '../support/relay-process.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/* What `sallyport probe` says of servers must be what delivery makes of them. */

const DAY = 86_400_000;
const valid = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 30 * DAY) };

let domains: Domains;
let home: RelayHome;

beforeAll(async () => {
  const ca = await issueCertificate({ commonName: 'Test CA', names: [], isCa: true, ...valid });
  const certified = async (name: string, behaviour: DomainPeer['behaviour'] = {}): Promise<DomainPeer> => ({
    certificate: await issueCertificate({ commonName: name, names: [name], issuer: ca, ...valid }),
    behaviour,
  });
  const selfSigned = async (name: string): Promise<DomainPeer> => ({
    certificate: await issueCertificate({ commonName: name, names: [name], ...valid }),
  });
  domains = await startDomains({
    'good.example': [await certified('mx1.good.example')],
    'mixed.example': [{}, await certified('mx2.mixed.example')],
    'clear.example': [{}],
    'self.example': [await selfSigned('mx1.self.example')],
    'broken.example': [await certified('mx1.broken.example', { startTls: 'garbage' })],
    'closed.example': [{ behaviour: { closeAt: 'connect' } }],
    // First seen with TLS, then without.
    'fell.example': [
      await certified('mx1.fell.example', (connection) => (connection === 1 ? {} : { startTls: 'none' })),
    ],
    'partner.example': [await certified('mx1.partner.example')],
  });
  domains.dns.setZone({
    ...domains.dns.zone(),
    '_mta-sts.good.example': { txt: ['v=STSv1; id=20260101T000000;'] },
    '_mta-sts.clear.example': { fails: 'SERVFAIL' },
    'null.example': { mx: [{ preference: 0, exchange: '' }] },
  });
  home = await relayHome({
    dns: { servers: [domains.dns.address], allow_private_targets: true, timeout: '10s' },
    delivery: {
      port: domains.port,
      ca: 'ca.pem',
      routes: [
        {
          name: 'partner',
          domains: ['partner.example'],
          // The last of the servers above.
          host: '127.0.0.29',
          port: domains.port,
          kind: 'smarthost',
          tls_name: 'mx1.partner.example',
        },
      ],
    },
  });
  writeFileSync(join(home.folder, 'ca.pem'), ca.certificatePem);
});

afterAll(async () => {
  await home?.remove();
  await domains?.close();
});

interface Probed {
  readonly usable: boolean;
  readonly best: string | null;
  readonly worst: string | null;
  readonly problem: string | null;
  readonly remembered: string | null;
  readonly mta_sts: boolean | null;
  readonly servers: readonly { readonly level: string | null; readonly problem: string | null }[];
}

async function probe(domain: string, ...more: string[]) {
  const { status, stdout, stderr } = await home.run(['probe', domain, '--json', ...more]);
  expect(stderr).toBe('');
  const probed: Probed = JSON.parse(stdout);
  return { status, probed };
}

describe('probing a domain', () => {
  it.each([
    ['good.example', 0, 'verified', 'verified', null],
    ['mixed.example', 0, 'verified', 'none', null],
    ['clear.example', 1, 'none', 'none', /STARTTLS was not offered/],
    ['self.example', 1, 'encrypted', 'encrypted', /self-signed/],
    ['broken.example', 1, 'none', 'none', /handshake failed|TLS could not be started/],
    ['closed.example', 1, null, null, /connection|ended/],
  ])('says what its servers reach: %s', async (domain, status, best, worst, why) => {
    const result = await probe(domain);
    expect(result.probed).toMatchObject({ best, worst, usable: status === 0 });
    expect(result.status).toBe(status);
    const reasons = result.probed.servers.map((one) => one.problem ?? '').join();
    if (why !== null) expect(reasons).toMatch(why);
  });

  it('asks for as much as it is told to', async () => {
    expect((await probe('self.example', '--tls', 'encrypted')).status).toBe(0);
    expect((await probe('clear.example', '--tls', 'encrypted')).status).toBe(1);
  });

  it('says why there is no server', async () => {
    expect((await probe('null.example')).probed).toMatchObject({
      usable: false,
      problem: expect.stringContaining('null MX'),
    });
    expect((await probe('nowhere.example')).probed.problem).toContain('does not exist');
  });

  it('says that the TLS of a smarthost is not that of the recipient', async () => {
    const { status, probed } = await probe('partner.example');
    expect(probed).toMatchObject({ best: 'verified', usable: false });
    expect(probed.problem).toContain('onward_tls');
    expect(status).toBe(1);
  });

  it('tells a domain that says it has an MTA-STS policy, and knows what it does not know', async () => {
    expect((await probe('good.example')).probed.mta_sts).toBe(true);
    expect((await probe('self.example')).probed.mta_sts).toBe(false);
    expect((await probe('clear.example')).probed.mta_sts).toBeNull();
  });

  it('begins no message', async () => {
    await probe('good.example');
    expect(domains.peer('good.example').messages).toEqual([]);
    expect(domains.peer('good.example').secured()).not.toContain('MAIL');
  });

  it('warns where TLS was better once', async () => {
    const relay = await home.start();
    const id = await submit(relay, {
      to: ['doe@fell.example'],
      subject: 'Chairs',
      text: 'Four chairs, please.',
    });
    await untilState(home, id, 'doe@fell.example', 'delivered');
    const { stdout, status } = await home.run(['probe', 'fell.example']);
    expect(stdout).toContain('TLS was verified once');
    expect(stdout).toContain('may travel to it in the clear');
    expect(status).toBe(1);
  });

  it('says what is no domain', async () => {
    const { status, stderr } = await home.run(['probe', 'doe@good.example']);
    expect(stderr).toContain('is no domain');
    expect(status).toBe(2);
  });
});
