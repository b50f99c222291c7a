import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SealingKey, SigningKey, X509SealingKey } from '../../src/keys/types.js';
import type { Payload } from '../../src/protect/payload/types.js';
import type { TestCertificate } from './x509-authority.js';

/*
 * Reads S/MIME messages with OpenSSL's command line, and makes what sealing them needs.
 */

/** What a recipient has. */
export interface SmimeMailbox {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface SmimeReader {
  /** The content of an encrypted message. Throws where OpenSSL can't open it. */
  decrypt(message: Uint8Array, mailbox: SmimeMailbox): Buffer;
  /** Whether OpenSSL refuses it, and what it had written until then. */
  refuses(message: Uint8Array, mailbox: SmimeMailbox): boolean;
  /** The content of a multipart/signed entity, after its signature and path hold. */
  verify(entity: Uint8Array, anchorPem: string, now: number): Buffer;
  /** OpenSSL's picture of the structure in a message, or in any MIME part with a CMS object. */
  print(message: Uint8Array): string;
  asn1(message: Uint8Array): string;
  close(): void;
}

export function openSmimeReader(openssl: string): SmimeReader {
  const folder = mkdtempSync(join(tmpdir(), 'smime-'));
  const at = (name: string) => join(folder, name);
  const put = (name: string, content: Uint8Array | string) => {
    writeFileSync(at(name), content, { mode: 0o600 });
    return at(name);
  };
  const decryption = (message: Uint8Array, mailbox: SmimeMailbox) => [
    ...['cms', '-decrypt', '-binary', '-in', put('message.eml', message), '-out', at('content')],
    ...['-recip', put('certificate.pem', mailbox.certificatePem), '-inkey', put('key.pem', mailbox.keyPem)],
  ];
  return {
    decrypt(message, mailbox) {
      execFileSync(openssl, decryption(message, mailbox), { stdio: 'pipe' });
      return readFileSync(at('content'));
    },
    refuses(message, mailbox) {
      return spawnSync(openssl, decryption(message, mailbox), { stdio: 'pipe' }).status !== 0;
    },
    verify(entity, anchorPem, now) {
      execFileSync(
        openssl,
        [
          ...['cms', '-verify', '-in', put('signed.eml', entity), '-out', at('verified')],
          ...['-CAfile', put('anchor.pem', anchorPem), '-attime', String(Math.floor(now / 1000))],
        ],
        { stdio: 'pipe' },
      );
      return readFileSync(at('verified'));
    },
    print(message) {
      const file = put('message.der', cmsOf(message));
      return execFileSync(openssl, ['cms', '-cmsout', '-print', '-noout', '-inform', 'DER', '-in', file], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
    },
    asn1(message) {
      const file = put('message.der', cmsOf(message));
      return execFileSync(openssl, ['asn1parse', '-inform', 'DER', '-in', file], {
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The bytes behind the header, decoded from base64. */
export function cmsOf(message: Uint8Array): Buffer {
  const raw = Buffer.from(message);
  return Buffer.from(raw.subarray(raw.indexOf('\r\n\r\n') + 4).toString('latin1'), 'base64');
}

/** The message with other bytes behind the header. */
export function withCms(message: Uint8Array, cms: Uint8Array): Buffer {
  const raw = Buffer.from(message);
  const lines = Buffer.from(cms).toString('base64').replace(/.{76}/g, '$&\r\n');
  return Buffer.concat([raw.subarray(0, raw.indexOf('\r\n\r\n') + 4), Buffer.from(`${lines}\r\n`)]);
}

export function mailboxOf(certificate: TestCertificate): SmimeMailbox {
  return { certificatePem: certificate.pem, keyPem: privatePem(certificate) };
}

export function sealingKeyOf(
  certificate: Pick<TestCertificate, 'certificate' | 'fingerprint'>,
  capabilities?: readonly string[],
): Extract<SealingKey, { kind: 'x509' }> {
  const key: X509SealingKey = {
    kind: 'x509',
    fingerprint: certificate.fingerprint,
    certificate: certificate.certificate,
  };
  return capabilities === undefined ? key : { ...key, capabilities };
}

export function signingKeyOf(
  certificate: TestCertificate,
  chain: readonly Uint8Array[] = [],
): Extract<SigningKey, { kind: 'x509' }> {
  return {
    kind: 'x509',
    fingerprint: certificate.fingerprint,
    certificate: certificate.certificate,
    chain,
    pkcs8: certificate.keys.privateKey.export({ type: 'pkcs8', format: 'der' }),
  };
}

function privatePem(certificate: TestCertificate): string {
  return certificate.keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/** A payload of these bytes, given in pieces of this size. */
export function payloadOf(
  entity: Uint8Array,
  options: { readonly chunk?: number; readonly alreadySigned?: boolean; readonly size?: number } = {},
): Payload {
  const chunk = options.chunk ?? 64 * 1024;
  return {
    outerHeader: Buffer.from('From: gate@clinic.example\r\nTo: bob@clinic.example\r\nSubject: [...]\r\n'),
    size: options.size ?? entity.length,
    alreadySigned: options.alreadySigned ?? false,
    open: async function* () {
      for (let at = 0; at < entity.length; at += chunk) yield entity.subarray(at, at + chunk);
    },
  };
}

export async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}
