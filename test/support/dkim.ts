import { execFile } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { dkimRecordFor } from '../../src/keys/dkim/index.js';
import { spkiOf } from '../../src/keys/dkim/key.js';

/** A key of a made-up domain, with what is published for it. */
export interface TestDkimKey {
  readonly domain: string;
  readonly selector: string;
  readonly privateKey: KeyObject;
  readonly pem: string;
  readonly record: { readonly name: string; readonly value: string };
}

export function testDkimKey(type: 'rsa' | 'ed25519', domain: string, selector: string): TestDkimKey {
  const { privateKey: pem } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', {
          modulusLength: 2048,
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        })
      : generateKeyPairSync('ed25519', {
          publicKeyEncoding: { type: 'spki', format: 'pem' },
          privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
        });
  const privateKey = createPrivateKey(pem);
  const record = dkimRecordFor({ domain, selector, spki: spkiOf(privateKey) });
  return { domain, selector, privateKey, pem, record };
}

/** TXT records by name. */
type Records = readonly { readonly name: string; readonly value: string }[];

/**
 * What dkimpy makes of each signature of a message, top first.
 * @param dkimverify path of its command, whose first line names the Python that has the library
 */
export async function verifyDkim(
  dkimverify: string,
  message: string | Uint8Array,
  records: Records,
): Promise<readonly string[]> {
  return (await verifyAllDkim(dkimverify, [message], records))[0] ?? [];
}

/** The same for several messages at once. */
export function verifyAllDkim(
  dkimverify: string,
  messages: readonly (string | Uint8Array)[],
  records: Records,
): Promise<readonly (readonly string[])[]> {
  const python = /^#!(\S+)/.exec(readFileSync(dkimverify, 'utf8'))?.[1] ?? 'python3';
  const input = JSON.stringify({
    records: Object.fromEntries(records.map(({ name, value }) => [name, value])),
    messages: messages.map((message) => {
      const bytes = typeof message === 'string' ? Buffer.from(message, 'latin1') : Buffer.from(message);
      const header = bytes.toString('latin1').split('\r\n\r\n')[0] ?? '';
      return {
        message: bytes.toString('base64'),
        signatures: header.match(/^DKIM-Signature:/gim)?.length ?? 0,
      };
    }),
  });
  return new Promise((done, failed) => {
    const child = execFile(
      python,
      [resolve(import.meta.dirname, 'dkim-verify.py')],
      { maxBuffer: 1024 * 1024, timeout: 600_000 },
      (error, stdout) => (error === null ? done(JSON.parse(stdout)) : failed(error)),
    );
    child.stdin?.end(input);
  });
}
