import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, type HostileHttp, startHostileHttp } from '../../../support/hostile-http.js';
import { describeWithTools } from '../../../support/tools.js';
import { makeChecker } from './checking.js';

describeWithTools(['openssl'], 'what OpenSSL publishes', ({ openssl = '' }) => {
  const KEYS = {
    RSA: ['-newkey', 'rsa:2048'],
    'RSASSA-PSS': ['-newkey', 'rsa:2048', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'],
    'P-256': ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    Ed25519: ['-newkey', 'ed25519'],
  };

  describe.each(Object.entries(KEYS))('by a CA with an %s key', (kind, newKey) => {
    let folder: string;
    let server: HostileHttp;
    let signer = 'ca';

    const run = (...args: readonly string[]) =>
      execFileSync(openssl, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
    /** On which days they were revoked: midnight may fall in between. */
    const days = new Set<string>();
    const note = () => days.add(new Date().toISOString().slice(0, 10));
    const signing =
      kind === 'RSASSA-PSS' ? ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:32'] : [];

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'sallyport-openssl-'));
      server = await startHostileHttp({
        '/crl': (socket, seen) => {
          run('ca', '-config', 'ca.cnf', '-gencrl', '-out', 'crl.pem', '-crldays', '1', ...signing);
          run('crl', '-in', 'crl.pem', '-outform', 'DER', '-out', 'crl.der');
          answer(readFileSync(join(folder, 'crl.der')))(socket, seen);
        },
        '/ocsp': (socket, seen) => {
          writeFileSync(join(folder, 'question.der'), seen.body);
          const files = ['-CA', 'ca.pem', '-rsigner', `${signer}.pem`, '-rkey', `${signer}.key`];
          const question = ['-reqin', 'question.der', '-respout', 'answer.der', '-ndays', '1'];
          const pss = signer === 'ca' ? signing.flatMap((one) => (one === '-sigopt' ? '-rsigopt' : one)) : [];
          run('ocsp', '-index', 'index.txt', ...files, ...question, ...pss);
          answer(readFileSync(join(folder, 'answer.der')))(socket, seen);
        },
      });
      writeFileSync(join(folder, 'index.txt'), '');
      writeFileSync(join(folder, 'serial'), '7A01\n');
      writeFileSync(join(folder, 'crlnumber'), '01\n');
      writeFileSync(join(folder, 'ca.cnf'), configuration(server.origin));
      run(
        'req',
        '-x509',
        '-config',
        'ca.cnf',
        '-extensions',
        'root',
        ...newKey,
        '-nodes',
        '-keyout',
        'ca.key',
        '-out',
        'ca.pem',
        '-days',
        '30',
        '-subj',
        '/O=Example Clinic/CN=OpenSSL CA',
      );
      for (const name of ['crl-good', 'crl-revoked', 'crl-hold', 'ocsp-good', 'ocsp-revoked', 'responder']) {
        run(
          'req',
          '-new',
          '-config',
          'ca.cnf',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-nodes',
          '-keyout',
          `${name}.key`,
          '-out',
          `${name}.csr`,
          '-subj',
          `/CN=${name}`,
        );
        run(
          'ca',
          '-config',
          'ca.cnf',
          '-batch',
          '-notext',
          '-in',
          `${name}.csr`,
          '-out',
          `${name}.pem`,
          '-extensions',
          name.split('-')[0] ?? '',
          ...signing,
        );
      }
      note();
      run('ca', '-config', 'ca.cnf', '-revoke', 'crl-revoked.pem', '-crl_reason', 'keyCompromise');
      run('ca', '-config', 'ca.cnf', '-revoke', 'crl-hold.pem', '-crl_hold', 'holdInstructionReject');
      run('ca', '-config', 'ca.cnf', '-revoke', 'ocsp-revoked.pem');
      note();
    });

    afterAll(async () => {
      await server.close();
      rmSync(folder, { recursive: true });
    });

    const told = (what: string, by: string) => ({
      status: 'revoked',
      reason: expect.stringMatching(
        new RegExp(`^${what} on (?:${[...days].join('|')}) by its CA \\(${by}\\)$`),
      ),
    });
    const check = (name: string) => {
      const path = [name, 'ca'].map(
        (one) => new X509Certificate(readFileSync(join(folder, `${one}.pem`))).raw,
      );
      return makeChecker({ clock: { now: () => Date.now() } }).check(path, 'check');
    };

    it.each<[string, () => unknown]>([
      ['crl-good', () => ({ status: 'good' })],
      ['crl-revoked', () => told('revoked', 'CRL')],
      ['crl-hold', () => told('suspended', 'CRL')],
    ])('%s', async (name, expected) => {
      await expect(check(name)).resolves.toEqual(expected());
    });

    it.each(['ca', 'responder'])('OCSP answered by the %s', async (by) => {
      signer = by;
      await expect(check('ocsp-good')).resolves.toEqual({ status: 'good' });
      await expect(check('ocsp-revoked')).resolves.toEqual(told('revoked', 'OCSP'));
    });
  });

  function configuration(origin: string): string {
    return `
[ca]
default_ca = authority
[authority]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
default_md = default
default_days = 10
policy = anything
unique_subject = no
crl_extensions = crl_numbers
[anything]
commonName = supplied
[req]
distinguished_name = nothing
prompt = no
[nothing]
[crl_numbers]
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[crl]
crlDistributionPoints = URI:${origin}/crl
[ocsp]
authorityInfoAccess = OCSP;URI:${origin}/ocsp
[responder]
extendedKeyUsage = critical, OCSPSigning
noCheck = ignored
`;
  }
});
