import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sealSmime } from '../../../../src/protect/smime/seal-smime.js';
import {
  cmsOf,
  collect,
  mailboxOf,
  payloadOf,
  sealingKeyOf,
  signingKeyOf,
} from '../../../support/smime-reader.js';
import { describeWithTools } from '../../../support/tools.js';
import { makeAuthority, TEST_NOW } from '../../../support/x509-authority.js';

const PASSPHRASE = 'made-up';

/** gpgsm 2.2 opens RSA PKCS#1 v1.5 with AES-CBC, and nothing else that is made here. */
describeWithTools(
  ['gpgsm', 'gpg-agent', 'gpgconf', 'openssl'],
  'S/MIME messages, opened by gpgsm',
  ({ gpgsm = '', gpgconf = '', openssl = '' }) => {
    const home = mkdtempSync(join(tmpdir(), 'gs-'));
    const at = (name: string) => join(home, name);
    const root = makeAuthority();
    const bob = root.issue({ name: 'Bob', keyType: 'rsa-2048', emails: ['bob@clinic.example'] });
    const gate = root.issue({ name: 'Gate', keyType: 'rsa-2048', emails: ['gate@clinic.example'] });
    const run = (...options: string[]) =>
      execFileSync(
        gpgsm,
        [
          ...['--homedir', home, '--batch', '--no-tty', '--disable-crl-checks'],
          ...['--pinentry-mode', 'loopback', '--passphrase-fd', '0', ...options],
        ],
        { input: PASSPHRASE, stdio: ['pipe', 'pipe', 'pipe'], maxBuffer: 1 << 27 },
      );

    beforeAll(() => {
      const { certificatePem, keyPem } = mailboxOf(bob);
      writeFileSync(at('bob.pem'), certificatePem);
      writeFileSync(at('bob.key'), keyPem, { mode: 0o600 });
      writeFileSync(at('root.pem'), root.pem);
      execFileSync(openssl, [
        ...['pkcs12', '-export', '-in', at('bob.pem'), '-inkey', at('bob.key'), '-out', at('bob.p12')],
        ...['-passout', `pass:${PASSPHRASE}`, '-macalg', 'sha1'],
        ...['-keypbe', 'PBE-SHA1-3DES', '-certpbe', 'PBE-SHA1-3DES'],
      ]);
      run('--import', at('root.pem'));
      run('--import', at('bob.p12'));
    });
    afterAll(() => {
      execFileSync(gpgconf, ['--homedir', home, '--kill', 'all'], { stdio: 'ignore' });
      rmSync(home, { recursive: true, force: true });
    });

    it.each([0, 1, 15, 16, 17, 100_000])('gives back %i bytes of RSA with AES-256-CBC', async (size) => {
      const content = Buffer.from(Uint8Array.from({ length: size }, (_, index) => (index * 31) & 0xff));
      const message = await collect(
        sealSmime({
          payload: payloadOf(content),
          key: sealingKeyOf(bob),
          cipher: 'aes-256-cbc',
          keyTransport: 'rsa-pkcs1',
          now: TEST_NOW,
        }),
      );
      writeFileSync(at('message.p7m'), cmsOf(message));
      run('--yes', '--output', at('content'), '--decrypt', at('message.p7m'));
      expect(readFileSync(at('content')).equals(content)).toBe(true);
    });

    it('finds the signature good', async () => {
      const content = Buffer.from('Content-Type: text/plain\r\n\r\nGr\u00fc\u00dfe.\r\n');
      const message = await collect(
        sealSmime({
          payload: payloadOf(content),
          key: sealingKeyOf(bob),
          cipher: 'aes-256-cbc',
          keyTransport: 'rsa-pkcs1',
          signer: signingKeyOf(gate, [root.certificate]),
          now: TEST_NOW,
        }),
      );
      writeFileSync(at('message.p7m'), cmsOf(message));
      run('--yes', '--output', at('entity'), '--decrypt', at('message.p7m'));
      const entity = readFileSync(at('entity')).toString('latin1');
      const base64 = /smime\.p7s\r\n\r\n([A-Za-z0-9+/=\r\n]+?)\r\n--/.exec(entity)?.[1] ?? '';
      writeFileSync(at('smime.p7s'), Buffer.from(base64, 'base64'));
      writeFileSync(at('signed'), content);
      // Whether the root is trusted is not the question here; that the signature holds is.
      const status = statusOf(() => run('--status-fd', '1', '--verify', at('smime.p7s'), at('signed')));
      expect(status).toMatch(/^\[GNUPG:\] GOODSIG /m);
    });
  },
);

/** What was written to standard output, whether or not the exit status was 0. */
function statusOf(command: () => Buffer): string {
  try {
    return command().toString();
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout);
    throw error;
  }
}
