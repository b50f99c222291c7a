import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { CertificateAndKey } from '../../src/keys/certificates.js';
import { freePort } from './relay-process.js';

export interface Slapd {
  /** Without TLS, or with StartTLS. */
  readonly ldap: string;
  readonly ldaps: string;
  readonly base: string;
  readonly bindDn: string;
  readonly password: string;
  close(): Promise<void>;
}

/** One value of an attribute in LDIF, as base64. */
export function ldifValue(attribute: string, value: Uint8Array | string): string {
  return `${attribute}:: ${Buffer.from(value).toString('base64')}\n`;
}

/**
 * A private OpenLDAP server on loopback, with a database of its own, gone when closed. Only those who have logged in may
 * read.
 * @param program path of slapd
 * @param entries LDIF of what stands below `dc=clinic,dc=test`
 */
export async function startSlapd(
  program: string,
  tls: CertificateAndKey,
  entries: readonly string[],
): Promise<Slapd> {
  const folder = await mkdtemp(join(tmpdir(), 'slapd-'));
  const at = (name: string) => join(folder, name);
  const base = 'dc=clinic,dc=test';
  const [bindDn, password] = [`cn=relay,${base}`, 'made up for a test'];
  await writeFile(at('certificate.pem'), tls.certificatePem);
  await writeFile(at('key.pem'), tls.keyPem, { mode: 0o600 });
  await writeFile(
    at('slapd.conf'),
    `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.3.6.1.4.1.3401.8.2.11 NAME 'pgpKey' SYNTAX 1.3.6.1.4.1.1466.115.121.1.40 )
objectclass ( 1.3.6.1.4.1.3401.8.2.99 NAME 'pgpPerson' SUP top AUXILIARY MAY pgpKey )
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${at('slapd.pid')}
TLSCertificateFile ${at('certificate.pem')}
TLSCertificateKeyFile ${at('key.pem')}
database mdb
maxsize 10485760
suffix "${base}"
directory ${folder}
rootdn "${bindDn}"
rootpw "${password}"
access to * by users read by anonymous auth
`,
  );
  const root = `dn: ${base}\nobjectClass: dcObject\nobjectClass: organization\no: Example Clinic\ndc: clinic\n`;
  await writeFile(at('entries.ldif'), [root, ...entries].join('\n'));
  await promisify(execFile)(join(dirname(program), 'slapadd'), [
    '-f',
    at('slapd.conf'),
    '-l',
    at('entries.ldif'),
  ]);
  const [plain, secure] = [await freePort(), await freePort()];
  const urls = [`ldap://127.0.0.1:${plain}`, `ldaps://127.0.0.1:${secure}`] as const;
  // With a debug level, even none, it stays in the foreground and is our child.
  const child = spawn(program, ['-f', at('slapd.conf'), '-h', urls.join(' '), '-d', '0'], {
    stdio: 'ignore',
  });
  const gone = once(child, 'exit');
  const close = async () => {
    child.kill();
    await gone;
    await rm(folder, { recursive: true });
  };
  try {
    await Promise.race([
      Promise.all([answers(plain), answers(secure)]),
      gone.then(() => Promise.reject(new Error('slapd ended'))),
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  return { ldap: urls[0], ldaps: urls[1], base, bindDn, password, close };
}

/** Resolves once something listens on the port. */
async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 5000; tries += 1) {
    const socket = connect({ host: '127.0.0.1', port });
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'close').then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing listens on port ${port}`);
}
