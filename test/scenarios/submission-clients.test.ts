import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { describeWithTools } from '../support/tools.js';

/*
 * The programs that people have can submit: swaks, msmtp, Python's smtplib; and what they submit arrives.
 */

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome({
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

const message = (subject: string) =>
  `From: Ward 3 <ward3@clinic.example>\nTo: orders@shop.example\nSubject: ${subject}\n\nTwelve boxes of paper, please.\n`;

describeWithTools(['swaks'], 'swaks', ({ swaks }) => {
  it.each([
    ['STARTTLS', 'submission', '--tls'],
    ['implicit TLS', 'submissions', '--tls-on-connect'],
  ])('submits over %s', async (_name, listener, tls) => {
    const { name, password } = account();
    const result = await run(swaks ?? '', [
      '--server',
      '127.0.0.1',
      '--port',
      String(relay.port(listener)),
      tls,
      '--auth-user',
      name,
      '--auth-password',
      password,
      '--from',
      'ward3@clinic.example',
      '--to',
      'orders@shop.example',
      '--data',
      message(`swaks ${listener}`),
    ]);
    expect(result.output).toMatch(/250 2\.0\.0 .*queued as/);
    expect(result.status).toBe(0);
    const arrived = await sink.next((one) => one.text.includes(`Subject: swaks ${listener}`));
    expect(arrived.recipients).toEqual(['orders@shop.example']);
  });

  it('is refused with a wrong password', async () => {
    const { name } = account();
    const result = await run(swaks ?? '', [
      '--server',
      '127.0.0.1',
      '--port',
      String(relay.port('submission')),
      '--tls',
      '--auth',
      'PLAIN',
      '--auth-user',
      name,
      '--auth-password',
      'not-the-password',
      '--from',
      'ward3@clinic.example',
      '--to',
      'orders@shop.example',
    ]);
    expect(result.output).toMatch(/535 5\.7\.8/);
    expect(result.status).not.toBe(0);
  });
});

describeWithTools(['msmtp'], 'msmtp', ({ msmtp }) => {
  it('submits over STARTTLS, and trusts the certificate by its fingerprint', async () => {
    const { name, password } = account();
    const fingerprint = /\(SHA-256\): (\S+)/.exec(relay.output())?.[1] ?? '';
    const config = join(home.folder, 'msmtprc');
    writeFileSync(
      config,
      [
        'account default',
        'host 127.0.0.1',
        `port ${relay.port('submission')}`,
        'tls on',
        'tls_starttls on',
        `tls_fingerprint ${fingerprint}`,
        'auth plain',
        `user ${name}`,
        `password ${password}`,
        'from ward3@clinic.example',
        '',
      ].join('\n'),
    );
    chmodSync(config, 0o600);
    const result = await run(msmtp ?? '', [`--file=${config}`, 'orders@shop.example'], message('msmtp'));
    expect(result.output).toBe('');
    expect(result.status).toBe(0);
    await sink.next((one) => one.text.includes('Subject: msmtp'));
  });
});

describeWithTools(['python3'], "Python's smtplib", ({ python3 }) => {
  it('submits over STARTTLS', async () => {
    const { name, password } = account();
    const script = `
import smtplib, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[1])
context.check_hostname = False
with smtplib.SMTP("127.0.0.1", int(sys.argv[2])) as client:
    client.starttls(context=context)
    client.login(sys.argv[3], sys.stdin.readline().strip())
    client.sendmail("ward3@clinic.example", ["orders@shop.example", "copies@shop.example"], sys.argv[4].replace("\\n", "\\r\\n"))
`;
    const result = await run(
      python3 ?? '',
      [
        '-c',
        script,
        join(home.dataDir, 'tls', 'certificate.pem'),
        String(relay.port('submission')),
        name,
        message('smtplib'),
      ],
      `${password}\n`,
    );
    expect(result.output).toBe('');
    expect(result.status).toBe(0);
    const arrived = await sink.next((one) => one.text.includes('Subject: smtplib'));
    expect([...arrived.recipients].sort()).toEqual(['copies@shop.example', 'orders@shop.example']);
  });
});

describe('what was submitted', () => {
  it('leaves with our Received, and with the bytes of its body as they came', () => {
    for (const one of sink.messages) {
      expect(one.text).toMatch(
        /^X-Sallyport-Loop: \S+\r\nReceived: from .*\sby relay\.clinic\.example .*ESMTPSA/s,
      );
      expect(one.text).toContain('Twelve boxes of paper, please.');
    }
  });

  it('never shows the password in the log', () => {
    const { password } = account();
    const log = relay
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    expect(log.join('\n')).not.toContain(password);
  });
});

function account(): { readonly name: string; readonly password: string } {
  if (relay.account === undefined) throw new Error('the relay printed no account');
  return relay.account;
}

function run(
  program: string,
  args: readonly string[],
  input = '',
): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
    child.stdin.end(input);
  });
}
