import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DnsServer, startDnsServer } from '../support/dns-server.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink, testCa } from '../support/sink.js';
import { untilState } from '../support/until-state.js';

/*
 * Mail as connectors of clouds and servers bring it: of our tenant and of strangers', out-of-office replies and receipts
 * without envelope sender, mail sent on behalf of others and sent on. What is let in says by which rule; nothing else is.
 */

const OURS = '1b2c3d4e-0000-4000-8000-00000000c11c';
const THEIRS = '99999999-0000-4000-8000-000000000bad';
const MARK = 'made-up-0123456789abcdef0123456789abcdef';
const MICROSOFT = '127.0.65.1';
const GOOGLE = '127.0.66.1';
const EXCHANGE = '127.0.67.1';

let home: RelayHome;
let relay: RunningRelay;
let dns: DnsServer;
let sink: Sink;

const POLICY = `version: 1
rules:
  - id: of-ward3
    when: { sender: ward3@clinic.example }
    demand: { require: tls }
`;

const identities = (tenants: boolean) => [
  {
    name: 'microsoft',
    networks: [tenants ? `${MICROSOFT}/32` : '40.107.0.0/16'],
    senders: ['clinic.example'],
    ...(tenants ? { tenant: { provider: 'microsoft-365', id: OURS, domains: ['clinic.example'] } } : {}),
  },
  {
    name: 'google',
    networks: [`${GOOGLE}/32`],
    senders: ['clinic.example'],
    tenant: { provider: 'google-workspace', secret_header: 'X-Clinic-Relay', secret_file: 'mark' },
  },
  {
    name: 'exchange',
    networks: [`${EXCHANGE}/32`],
    senders: ['pa@clinic.example', 'ward3@clinic.example', 'bounces@clinic.example'],
    allow: { forwarding: 'redirected', on_behalf_of: ['boss@clinic.example'] },
  },
];

beforeAll(async () => {
  const ca = await testCa();
  const port = await freePort('127.0.0.2');
  sink = await startSink({
    host: '127.0.0.2',
    port,
    certificate: await ca.issue('mx.hospital.example'),
    refuse: (recipient) => (recipient === 'gone@hospital.example' ? 550 : undefined),
  });
  dns = await startDnsServer({
    'hospital.example': { mx: [{ preference: 10, exchange: 'mx.hospital.example' }] },
    'mx.hospital.example': { a: ['127.0.0.2'] },
    'clinic.example': { mx: [{ preference: 10, exchange: 'mx.hospital.example' }] },
  });
  home = await relayHome(
    {
      dns: { servers: [dns.address], allow_private_targets: true, timeout: '10s' },
      delivery: { port, ca: 'ca.pem', first_retry: '1s', max_retry: '2s' },
      identities: identities(false),
      listeners: [
        { name: 'submission', address: '127.0.0.1:0', mode: 'submission', accounts: true },
        {
          name: 'connectors',
          address: '127.0.0.1:0',
          mode: 'relay',
          identities: ['microsoft', 'google', 'exchange'],
        },
      ],
    },
    { policies: { 'clinic.yaml': POLICY } },
  );
  writeFileSync(join(home.folder, 'ca.pem'), ca.pem);
  writeFileSync(join(home.folder, 'mark'), MARK, { mode: 0o600 });
});
afterAll(async () => {
  await home?.remove();
  await Promise.all([sink?.close(), dns?.close()]);
});

interface Given {
  readonly via?: string;
  readonly from?: string;
  readonly to?: string;
  readonly header: readonly string[];
  readonly body?: string;
}

/** Sends as a server in that network does; gives our ID, or the refusal. */
async function send(given: Given): Promise<string> {
  const { via, from = 'ward3@clinic.example', to = 'doe@hospital.example' } = given;
  const client = createTransport({
    host: '127.0.0.1',
    port: relay.port(via === undefined ? 'submission' : 'connectors'),
    requireTLS: true,
    tls: { rejectUnauthorized: false },
    ...(via === undefined
      ? { auth: { user: relay.account?.name ?? '', pass: relay.account?.password ?? '' } }
      : { localAddress: via }),
  });
  const raw = `${given.header.join('\r\n')}\r\n\r\n${given.body ?? 'Made up.\r\n'}`;
  try {
    const sent = await client.sendMail({ envelope: { from: from === '' ? false : from, to }, raw });
    return /queued as (\S+)/.exec(sent.response)?.[1] ?? sent.response;
  } catch (error) {
    return error instanceof Error && 'response' in error ? String(error.response) : String(error);
  } finally {
    client.close();
  }
}
const story = async (id: string) => (await home.run(['audit', 'show', id])).stdout;

it('does not start with an identity that all tenants share', async () => {
  const checked = await home.run(['check']);
  expect(checked.status).toBe(2);
  expect(checked.stdout + checked.stderr).toMatch(
    /config\.yaml:\d+:\d+: identities\.0\.networks\.0: the network 40\.107\.0\.0\/16 belongs to Microsoft 365/,
  );
  home.configure({ identities: identities(true) });
  const warned = await home.run(['check']);
  expect(warned.stdout).toMatch(
    /warning: .*identities\.0\.tenant: rests on headers that Microsoft does not promise/,
  );
  relay = await home.start();
});

describe('a connector of a cloud', () => {
  const ours = [`X-MS-Exchange-CrossTenant-Id: ${OURS}`, 'X-OriginatorOrg: clinic.example'];
  const theirs = [`X-MS-Exchange-CrossTenant-Id: ${THEIRS}`, 'X-OriginatorOrg: lab.example'];
  const mark = `X-Clinic-Relay: ${MARK}`;
  const plain = (subject: string) => ['From: ward3@clinic.example', `Subject: ${subject}`];

  it('brings mail of our tenant', async () => {
    for (const [via, lines] of [
      [MICROSOFT, ours],
      [
        MICROSOFT,
        [`x-ms-exchange-CROSSTENANT-id:\r\n ${OURS.toUpperCase()}`, 'X-ORIGINATORORG: Clinic.Example'],
      ],
      [GOOGLE, [mark]],
      [GOOGLE, [`x-clinic-RELAY:\r\n ${MARK}`]],
    ] as const) {
      const id = await send({ via, header: [...plain('ours'), ...lines] });
      await untilState(home, id, 'doe@hospital.example', 'delivered');
    }
    expect(sink.messages.length).toBe(4);
    for (const one of sink.messages) expect(one.text.toLowerCase()).not.toContain('x-clinic-relay');
  });

  it("brings nothing of a stranger's", async () => {
    const arrived = sink.messages.length;
    const nested = (lines: readonly string[]) => ({
      header: [...plain('nested'), 'MIME-Version: 1.0', 'Content-Type: message/rfc822'],
      body: `${[...lines, ...plain('x')].join('\r\n')}\r\n\r\nMade up.\r\n`,
    });
    const table: readonly Given[] = [
      { via: MICROSOFT, header: plain('none') },
      { via: MICROSOFT, header: [...plain('theirs'), ...theirs] },
      { via: MICROSOFT, header: [...plain('theirs, with our domain'), `${theirs[0]}`, `${ours[1]}`] },
      { via: MICROSOFT, header: [...plain('both'), ...ours, ...theirs] },
      { via: MICROSOFT, header: [...theirs, ...plain('both'), ...ours] },
      { via: MICROSOFT, header: [...plain('twice'), ...ours, ...ours] },
      {
        via: MICROSOFT,
        header: [...plain('ID folded'), `${ours[0]?.slice(0, -4)}\r\n ${OURS.slice(-4)}`, `${ours[1]}`],
      },
      { via: MICROSOFT, ...nested(ours) },
      { via: MICROSOFT, from: '', header: [...plain('out of office of theirs'), ...theirs] },
      { via: MICROSOFT, header: [...plain("Google's mark"), mark] },
      { via: GOOGLE, header: plain('none') },
      { via: GOOGLE, header: [...plain("Microsoft's"), ...ours] },
      { via: GOOGLE, header: [...plain('wrong'), `${mark}x`] },
      { via: GOOGLE, header: [...plain('twice'), mark, mark] },
      { via: GOOGLE, ...nested([mark]) },
    ];
    for (const given of table)
      expect([given, await send(given)]).toEqual([given, expect.stringMatching(/^550 5\.7\.1 /)]);
    expect(sink.messages.length).toBe(arrived);
    const found = await home.run(['audit', 'search', '--type', 'session.refused', '--json']);
    expect(found.stdout).toContain('The message is from a tenant that may not send here');
    expect(found.stdout).toContain('The mark of the tenant is wrong');
    for (const text of [found.stdout, relay.output()]) {
      expect(text).not.toContain(MARK);
      expect(text).not.toContain(THEIRS);
    }
  });
});

describe('mail without an envelope sender', () => {
  const away = ['From: Ward 3 <ward3@clinic.example>', 'Subject: Away', 'Auto-Submitted: auto-replied'];

  it('is its author’s, for rules and in the log', async () => {
    const id = await send({ via: EXCHANGE, from: '', header: away });
    await untilState(home, id, 'doe@hospital.example', 'delivered');
    const arrived = await sink.next((one) => one.text.includes('Subject: Away'));
    expect(arrived.sender).toBe('');
    const told = await story(id);
    expect(told).toMatch(/let in as +null-sender ward3@clinic\.example/);
    expect(told).toContain('of-ward3');
    const found = await home.run([
      'audit',
      'search',
      '--sender',
      'ward3@clinic.example',
      '--type',
      'message.accepted',
      '--json',
    ]);
    expect(found.stdout).toContain(id);
  });

  it('comes back to nobody', async () => {
    const before = sink.messages.length;
    const id = await send({ via: EXCHANGE, from: '', to: 'gone@hospital.example', header: away });
    await untilState(home, id, 'gone@hospital.example', 'bounced');
    const told = await story(id);
    expect(told).not.toMatch(/dsn|notice/i);
    expect(sink.messages.length).toBe(before);
    const queue = await home.run(['queue', 'list', '--json']);
    expect(JSON.parse(queue.stdout)).toEqual([]);
  });

  it("is refused in somebody else's name, and of an account that did not make it automatically", async () => {
    const refused = /^550 5\.7\.1 /;
    expect(await send({ via: EXCHANGE, from: '', header: ['From: eve@lab.example', 'Subject: x'] })).toMatch(
      refused,
    );
    expect(await send({ via: EXCHANGE, from: '', header: ['From: a@clinic.example', 'Subject: x'] })).toMatch(
      refused,
    );
    expect(await send({ from: '', header: ['From: ward3@clinic.example', 'Subject: x'] })).toMatch(refused);
    const receipt = [
      'From: ward3@clinic.example',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; boundary=b',
    ];
    const id = await send({ from: '', header: receipt, body: '--b\r\n\r\nRead.\r\n--b--\r\n' });
    await untilState(home, id, 'doe@hospital.example', 'delivered');
  });
});

describe('what was sent on, and on behalf of others', () => {
  const behalf = ['From: boss@clinic.example', 'Sender: pa@clinic.example', 'Subject: For the boss'];
  const forwarded = ['From: eve@lab.example', 'Subject: Sent on'];

  it('is let in where the identity may, and says so', async () => {
    const table = [
      ['on-behalf-of boss@clinic.example', { from: 'pa@clinic.example', header: behalf }],
      ['redirected', { from: 'bounces@clinic.example', header: forwarded }],
      [
        'resent ward3@clinic.example',
        { from: 'bounces@clinic.example', header: ['Resent-From: ward3@clinic.example', ...forwarded] },
      ],
    ] as const;
    for (const [words, given] of table) {
      const id = await send({ via: EXCHANGE, ...given });
      await untilState(home, id, 'doe@hospital.example', 'delivered');
      const told = await story(id);
      expect(told).toMatch(new RegExp(`let in as +${words}\n`));
      // Whoever resent it, or could have sent it on: the ward's rule holds.
      expect(told.includes('of-ward3')).toBe(words !== 'on-behalf-of boss@clinic.example');
    }
  });

  it('is refused where it may not', async () => {
    for (const given of [
      { via: GOOGLE, from: 'pa@clinic.example', header: [...behalf, `X-Clinic-Relay: ${MARK}`] },
      { via: GOOGLE, header: [...forwarded, `X-Clinic-Relay: ${MARK}`] },
      {
        via: EXCHANGE,
        from: 'pa@clinic.example',
        header: ['From: chief@clinic.example', 'Sender: pa@clinic.example'],
      },
      { via: EXCHANGE, header: ['From: boss@clinic.example', 'Subject: no Sender'] },
      { from: 'pa@clinic.example', header: behalf },
    ])
      expect([given, await send(given)]).toEqual([given, expect.stringMatching(/^550 5\.7\.1 /)]);
  });

  it('may be said of an account', async () => {
    const name = relay.account?.name ?? '';
    const allowed = await home.run(['users', 'allow', name, '--on-behalf-of', 'boss@clinic.example']);
    expect([allowed.status, allowed.stderr]).toEqual([0, '']);
    expect((await home.run(['users', 'list'])).stdout).toContain('on behalf of boss@clinic.example');
    expect(await send({ from: 'pa@clinic.example', header: behalf })).not.toMatch(/^\d{3} /);
    await home.run(['users', 'allow', name]);
    expect(await send({ from: 'pa@clinic.example', header: behalf })).toMatch(/^550 5\.7\.1 /);
  });
});
