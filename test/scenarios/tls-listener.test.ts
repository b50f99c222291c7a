import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { describeWithTools } from '../support/tools.js';

/*
 * The listeners' TLS seen with somebody else's eyes: OpenSSL's own client gets TLS 1.2 or 1.3 with suites of NIST SP
 * 800-52r2, and nothing older or weaker.
 */

const GOOD = /^(TLS_AES_(256|128)_GCM_SHA(384|256)|(ECDHE|DHE)-(RSA|ECDSA)-AES(256|128)-GCM-SHA(384|256))$/;

describeWithTools(['openssl'], 'openssl s_client', ({ openssl }) => {
  let home: RelayHome;
  let relay: RunningRelay;

  beforeAll(async () => {
    home = await relayHome();
    relay = await home.start();
  });
  afterAll(() => home?.remove());

  const places = {
    'submission (STARTTLS)': () => ['-starttls', 'smtp', '-connect', `127.0.0.1:${relay.port('submission')}`],
    'submissions (implicit TLS)': () => ['-connect', `127.0.0.1:${relay.port('submissions')}`],
    'the portal': () => ['-connect', /Pickup portal +https:\/\/(\S+:\d+)/.exec(relay.output())?.[1] ?? ''],
  };
  const names = Object.keys(places) as (keyof typeof places)[];

  const handshake = async (place: keyof typeof places, options: readonly string[]) => {
    const { status, output } = await run(openssl ?? '', ['s_client', ...places[place](), ...options]);
    return {
      done: status === 0 && !/Cipher is \(NONE\)/.test(output),
      protocol: /^New, (\S+), Cipher is /m.exec(output)?.[1],
      cipher: /Cipher is (\S+)/.exec(output)?.[1],
      output,
    };
  };

  it.each(names)(
    '%s: TLS 1.3 and 1.2, with good suites, and the certificate of the first start',
    async (place) => {
      for (const [option, protocol] of [
        ['-tls1_3', 'TLSv1.3'],
        ['-tls1_2', 'TLSv1.2'],
      ] as const) {
        const got = await handshake(place, [
          option,
          '-CAfile',
          join(home.dataDir, 'tls', 'certificate.pem'),
          '-verify_hostname',
          'relay.clinic.example',
          '-verify_return_error',
        ]);
        expect(got.output).toMatch(/Verify return code: 0 \(ok\)/);
        expect([got.done, got.protocol]).toEqual([true, protocol]);
        expect(got.cipher).toMatch(GOOD);
        expect(got.output).toMatch(/Server Temp Key: (X25519|ECDH|DH)/);
        expect(got.output).toMatch(/Compression: NONE/);
      }
    },
  );

  it.each(names)('%s: refuses TLS 1.0 and 1.1', async (place) => {
    for (const option of ['-tls1', '-tls1_1']) {
      const got = await handshake(place, [option, '-cipher', 'ALL:@SECLEVEL=0']);
      expect([option, got.done]).toEqual([option, false]);
      expect(got.output).toMatch(/alert protocol version|unsupported protocol/);
    }
  });

  it.each(names)('%s: refuses weak suites of TLS 1.2', async (place) => {
    for (const suites of [
      'AES128-SHA:AES256-SHA256',
      'ECDHE-RSA-AES256-SHA384',
      'AES256-GCM-SHA384',
      'aNULL:eNULL',
    ]) {
      const got = await handshake(place, ['-tls1_2', '-cipher', `${suites}:@SECLEVEL=0`]);
      expect([suites, got.done]).toEqual([suites, false]);
      expect(got.output).toMatch(/alert handshake failure/);
    }
  });

  it.each(names)('%s: lets no client renegotiate', async (place) => {
    const { output } = await run(openssl ?? '', ['s_client', ...places[place](), '-tls1_2'], 'R\n');
    const [, after] = output.split('RENEGOTIATING');
    expect(after).toMatch(/no renegotiation|error:/);
    expect(after).not.toMatch(/verify return/);
  });
});

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
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
