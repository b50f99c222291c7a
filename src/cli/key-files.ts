import { openOpenPgpSecret, readOpenPgp } from '../keys/openpgp/index.js';
import { looksLikePkcs12, type Pkcs12Key, readPkcs12 } from '../keys/own/pkcs12.js';
import type { ReadKey, ReadSecretKey } from '../keys/types.js';
import { readCertificates } from '../keys/x509/index.js';
import type { KeyKind } from '../model/key.js';
import { UserError } from '../shared/errors.js';

/** What a file with keys holds. */
export interface KeyFile {
  readonly publics: readonly ReadKey[];
  /** For signing, opened. */
  readonly secrets: readonly ReadSecretKey[];
  readonly refused: readonly RefusedKey[];
}

export interface RefusedKey {
  readonly kind?: KeyKind;
  readonly fingerprint?: string;
  readonly address?: string;
  readonly reason: string;
}

/** Gives a passphrase for something; undefined when there is none to try any more. */
export type AskPassphrase = (forWhat: string, attempt: number) => Promise<string | undefined>;

/**
 * Reads a file with keys of any form: OpenPGP (armoured or binary, keyrings, secret keys), certificates (PEM, DER, PKCS#7)
 * and PKCS#12. What is in it decides, not its name.
 */
export async function readKeyFile(bytes: Uint8Array, ask: AskPassphrase): Promise<KeyFile> {
  if (looksLikePkcs12(bytes)) return fromPkcs12(bytes, ask);
  if (isOpenPgp(bytes)) return fromOpenPgp(bytes, ask);
  if (bytes[0] !== 0x30 && !textOf(bytes).includes('-----BEGIN '))
    return refusing({ reason: 'neither an OpenPGP key, a certificate nor a PKCS#12 file' });
  const { certificates, refused } = readCertificates(bytes);
  return {
    publics: certificates,
    secrets: [],
    refused: refused.map((one) => ({ kind: 'x509', ...one })),
  };
}

/** Packets begin with an octet whose highest bit is set (RFC 9580 4.2); DER and text don't, but for UTF-8 with its mark. */
function isOpenPgp(bytes: Uint8Array): boolean {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  if (!marked && ((bytes[0] ?? 0) & 0x80) !== 0) return true;
  return bytes[0] !== 0x30 && textOf(bytes).includes('-----BEGIN PGP ');
}

async function fromOpenPgp(bytes: Uint8Array, ask: AskPassphrase): Promise<KeyFile> {
  const { publics, secrets, refused } = await readOpenPgp(bytes);
  const opened: ReadSecretKey[] = [];
  const all: RefusedKey[] = refused.map((one) => ({ kind: 'openpgp', ...one }));
  for (const secret of secrets) {
    const result = await unlock((passphrase) => openOpenPgpSecret(secret, passphrase), {
      ask,
      forWhat: `the OpenPGP key ${secret.key.fingerprint}`,
    });
    if ('reason' in result)
      all.push({ kind: 'openpgp', fingerprint: secret.key.fingerprint, reason: result.reason });
    else opened.push(result);
  }
  if (!((bytes[0] ?? 0) & 0x80) && /-----BEGIN (?!PGP )/.test(textOf(bytes)))
    all.push({ reason: 'certificates beside OpenPGP keys in one file: give them in a file of their own' });
  return { publics, secrets: opened, refused: all };
}

async function fromPkcs12(bytes: Uint8Array, ask: AskPassphrase): Promise<KeyFile> {
  const opened = await unlock(
    async (passphrase) => {
      const result = readPkcs12(bytes, passphrase ?? '');
      if (!result.ok) throw new UserError(result.reason);
      return result.key;
    },
    { ask, forWhat: 'the PKCS#12 file' },
  );
  if ('reason' in opened) return refusing({ kind: 'x509', reason: opened.reason });
  return certified(opened);
}

function certified({ certificate, chain, privateKey }: Pkcs12Key): KeyFile {
  const { certificates, refused } = readCertificates(certificate);
  const [key] = certificates;
  if (key === undefined)
    return refusing({ kind: 'x509', reason: refused[0]?.reason ?? 'its certificate can’t be read' });
  const secret = privateKey.export({ type: 'pkcs8', format: 'der' });
  return { publics: [], secrets: [{ ...key, chain, secret }], refused: [] };
}

const MAX_ATTEMPTS = 3;

/** Without a passphrase first: many keys of machines have none. */
async function unlock<T extends object>(
  open: (passphrase: string | undefined) => Promise<T>,
  options: { readonly ask: AskPassphrase; readonly forWhat: string },
): Promise<T | { readonly reason: string }> {
  let passphrase: string | undefined;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await open(passphrase);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { message } = error;
      if (attempt > MAX_ATTEMPTS || !message.includes('passphrase')) return { reason: message };
      passphrase = await options.ask(options.forWhat, attempt);
      if (passphrase === undefined) return { reason: message };
    }
  }
}

function refusing(reason: RefusedKey): KeyFile {
  return { publics: [], secrets: [], refused: [reason] };
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
