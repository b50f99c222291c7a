import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createTestCa } from '../support/certificates.js';
import { commandsIn } from '../support/doc-commands.js';
import { docPages } from '../support/doc-pages.js';
import { type RelayHome, type RunningRelay, relayHome, runCommand } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { describeWithTools } from '../support/tools.js';

/*
 * The guides followed on loopback: one relay with what they print for mail clients, Exchange, Microsoft 365, Google and
 * devices, and clients that behave as these do. Networks, ports and certificates are the test's; all else is the page's.
 */

const SECRET = '5f2c7d0e9b8a41c3a6f4d21e8c7b90125f2c7d0e9b8a41c3a6f4d21e8c7b9012';
const TENANT = '1b2c3d4e-0000-4000-8000-00000000c11c';
const CLIENTS = { exchange: '127.0.2.10', microsoft: '127.0.40.7', google: '127.0.41.7', ehr: '127.0.9.40' };

interface Printed {
  readonly identities?: readonly Record<string, unknown>[];
  readonly listeners?: readonly Record<string, unknown>[];
  readonly delivery?: { readonly routes: readonly Record<string, unknown>[] };
}

const pages = docPages();
let files: string;
let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  files = mkdtempSync(join(tmpdir(), 'sallyport-guides-'));
  const ca = await createTestCa();
  const own = await ca.leaf('relay.clinic.example');
  writeFileSync(join(files, 'ca.pem'), ca.pem);
  writeFileSync(join(files, 'fullchain.pem'), own.certificatePem);
  writeFileSync(join(files, 'privkey.pem'), own.keyPem);
  sink = await startSink({ certificate: await ca.leaf('mx.clinic.example') });
  const guides = ['mail-clients', 'exchange-server', 'microsoft-365', 'google-workspace', 'devices'].map(
    (guide) => printed(guide),
  );
  const back = printed('microsoft-365', -1).delivery?.routes ?? [];
  home = await relayHome({
    listeners: guides.flatMap(({ listeners }) => listeners ?? []),
    identities: guides.flatMap(({ identities }) => identities ?? []),
    audit: { checkpoint_every: '1s' },
    delivery: {
      routes: back.map((route) => ({ ...route, host: '127.0.0.1', port: sink.port })),
    },
  });
  writeFileSync(join(home.folder, 'microsoft-365.secret'), `${SECRET}\n`, { mode: 0o600 });
  writeFileSync(join(home.folder, 'google-workspace.secret'), `${SECRET}\n`, { mode: 0o600 });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
  rmSync(files, { recursive: true, force: true });
});

/** A block of a guide's configuration, the first one unless said. */
function printed(guide: string, which = 0): Printed {
  const page = pages.find(({ path }) => path === `docs/guides/${guide}.md`);
  const text = page?.blocks.filter(({ info }) => info === 'yaml config').at(which)?.text;
  if (text === undefined) throw new Error(`${guide} prints no configuration`);
  const here = text
    .replace(/address: "?[\d.]+:\d+"?/g, 'address: 127.0.0.1:0')
    .replace(/networks: \[40\.[^\]]*\]/, 'networks: [127.0.40.0/24]')
    .replace(/networks: \[209\.[^\]]*\]/, 'networks: [127.0.41.0/24]')
    .replace(/\b10\.1\./g, '127.0.')
    .replaceAll('/etc/sallyport/tls', files);
  return parse(here) as Printed;
}

/** Hands a message over as a server does; gives our ID, or the refusal. */
async function send(
  listener: string,
  from: string,
  lines: readonly string[],
  to = 'doe@hospital.example',
): Promise<string> {
  const client = createTransport({
    host: '127.0.0.1',
    localAddress: from,
    port: relay.port(listener),
    requireTLS: true,
    tls: { rejectUnauthorized: false },
  });
  const header = ['From: ward3@clinic.example', `To: ${to}`, 'Message-ID: <guide@clinic.example>', ...lines];
  try {
    const { response } = await client.sendMail({
      envelope: { from: 'ward3@clinic.example', to: [to] },
      raw: `${header.join('\r\n')}\r\n\r\nHello.\r\n`,
    });
    return /queued as (\S+)/.exec(response)?.[1] ?? response;
  } catch (error) {
    return error instanceof Error && 'response' in error ? String(error.response) : String(error);
  } finally {
    client.close();
  }
}

const ID = /^[0-9a-z]{10,}$/;
const arrivedWith = (words: string) => sink.next((one) => one.text.includes(words));
const marks = (tenant: string) => [
  `X-MS-Exchange-CrossTenant-Id: ${tenant}`,
  'X-OriginatorOrg: clinic.example',
];

describeWithTools(['swaks'], 'the guide to mail clients', (tools) => {
  it('has an account that sends by the command that it prints', async () => {
    const added = await home.run(['users', 'add', 'ward3', '--senders', 'ward3@clinic.example']);
    const password = /[A-Za-z0-9_-]{20,}/.exec(added.stdout)?.[0] ?? '';
    const block = pages
      .find(({ path }) => path === 'docs/guides/mail-clients.md')
      ?.blocks.find(({ text }) => text.startsWith('swaks'))?.text;
    const [, command = ''] = /^swaks (.*)$/m.exec(block?.replace(/\\\n\s*/g, '') ?? '') ?? [];
    const args = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const here = args.map((word) =>
      word === 'relay.clinic.example'
        ? '127.0.0.1'
        : word === '465'
          ? String(relay.port('submissions'))
          : word,
    );
    // In one word: a password may begin with a dash.
    const more = [`--auth-password=${password}`, '--tls-ca-path', join(files, 'ca.pem')];
    const said = await new Promise<string>((done) => {
      execFile(tools.swaks ?? '', [...here, ...more], (_error, out, err) => done(out + err));
    });
    expect(said).toContain('queued as');
    expect((await arrivedWith('Subject: Test')).recipients).toEqual(['you@clinic.example']);
  });
});

describe('the guide to Exchange Server', () => {
  it('lets its servers send, as the clinic only', async () => {
    expect(await send('connector', CLIENTS.exchange, ['Subject: by Exchange'])).toMatch(ID);
    await arrivedWith('Subject: by Exchange');
    expect(await send('connector', '127.0.2.99', ['Subject: by another'])).toMatch(/^530 5\.7\.0/);
  });
});

describe('the guide to Microsoft 365', () => {
  const secret = `X-Sallyport-Tenant: ${SECRET}`;

  it('lets the tenant send, and takes the secret out', async () => {
    expect(
      await send('microsoft-365', CLIENTS.microsoft, [...marks(TENANT), secret, 'Subject: by 365']),
    ).toMatch(ID);
    expect((await arrivedWith('Subject: by 365')).text).not.toMatch(/X-Sallyport-Tenant/i);
  });

  it('lets no other tenant send, nor one without the secret', async () => {
    const other = marks('00000000-0000-4000-8000-000000000bad');
    for (const header of [marks(TENANT), [...other, secret], [secret]])
      expect(await send('microsoft-365', CLIENTS.microsoft, [...header, 'Subject: x'])).toMatch(
        /^550 5\.7\.1/,
      );
  });

  it('ends the circle where 365 hands over again what it was given back', async () => {
    const header = [...marks(TENANT), secret, 'Subject: round'];
    expect(await send('microsoft-365', CLIENTS.microsoft, header)).toMatch(ID);
    const { text } = await arrivedWith('Subject: round');
    const loop = /^X-Sallyport-Loop: .*$/m.exec(text)?.[0].trim() ?? '';
    expect(await send('microsoft-365', CLIENTS.microsoft, [loop, ...header])).toMatch(/^554 5\.4\.6/);
  });
});

describe('the guide to Google Workspace', () => {
  it('lets who has the secret send, and nobody else', async () => {
    const secret = `X-Sallyport-Tenant: ${SECRET}`;
    expect(await send('google-workspace', CLIENTS.google, [secret, 'Subject: by Google'])).toMatch(ID);
    expect((await arrivedWith('Subject: by Google')).text).not.toMatch(/X-Sallyport-Tenant/i);
    expect(await send('google-workspace', CLIENTS.google, ['Subject: x'])).toMatch(/^550 5\.7\.1/);
  });
});

describe('the guide to devices', () => {
  it('takes mail of an EHR without TLS and with bare LF, from its address as its sender', async () => {
    const text = 'From: results@clinic.example\nTo: doe@hospital.example\nSubject: by EHR\n\nHello.\n';
    expect(await device(CLIENTS.ehr, 'results@clinic.example', text)).toMatch(/^250 /);
    expect((await arrivedWith('Subject: by EHR')).text).toContain('Subject: by EHR\r\n');
    expect(await device(CLIENTS.ehr, 'scanner@clinic.example', text)).toMatch(/^550 5\.7\.1/);
  });
});

describe('the guide to setting up', () => {
  it('has answers from which init writes a configuration that check accepts', async () => {
    const [answers] = pages.flatMap(({ blocks }) => blocks.filter(({ info }) => info === 'yaml answers'));
    const file = join(files, 'answers.yaml');
    const text = answers?.text ?? '';
    writeFileSync(
      file,
      text.replaceAll('/etc/sallyport/tls', files).replace('/var/lib/sallyport', join(files, 'data')),
    );
    const made = await runCommand(['init', join(files, 'relay'), '--answers', file, '--no-doctor']);
    expect([made.status, made.stderr]).toEqual([0, '']);
    const checked = await runCommand(['check', '--config', join(files, 'relay/config.yaml')]);
    expect(checked.status, checked.stderr).toBe(0);
  });
});

describe('what the guides have people look at', () => {
  const looks = /^(?:audit (?:search|tail|report|checkpoint|export --format)|held list|check)\b/;
  const elsewhere = /--(?:to|follow|cursor|config|output|html)\b|-f\b/;
  const commands = pages
    .filter(({ path }) => path.startsWith('docs/guides/'))
    .flatMap(commandsIn)
    .filter((one) => looks.test(one) && !elsewhere.test(one));

  it.each([...new Set(commands)])('%s', async (command) => {
    const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const { status, stderr } = await home.run(words);
    // Nothing found is an answer, too; a wrong option or value is not.
    expect([status, stderr]).toEqual([0, expect.not.stringMatching(/^sallyport:/m)]);
  });
});

/** As an old device: no TLS, each command waits for its reply, content as it is. */
async function device(address: string, from: string, content: string): Promise<string> {
  const socket = connect({ port: relay.port('devices'), host: '127.0.0.1', localAddress: address });
  socket.setEncoding('utf8');
  const say = async (bytes: string): Promise<string> => {
    if (bytes !== '') socket.write(bytes);
    let reply = '';
    while (!/^\d{3}(?: .*)?\r\n$/m.test(reply)) reply += String((await once(socket, 'data'))[0]);
    return reply;
  };
  try {
    for (const bytes of ['', 'HELO ehr\r\n']) await say(bytes);
    const mail = await say(`MAIL FROM:<${from}>\r\n`);
    if (!mail.startsWith('250')) return mail;
    for (const bytes of ['RCPT TO:<doe@hospital.example>\r\n', 'DATA\r\n']) await say(bytes);
    return await say(`${content}\r\n.\r\n`);
  } finally {
    socket.destroy();
  }
}
