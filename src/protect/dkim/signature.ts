import { createHash, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { ReadToSign } from './read-to-sign.js';
import { relaxedField } from './relaxed-field.js';
import { signedFields } from './signed-fields.js';

/** One key that signs. */
export interface DkimSigner {
  readonly domain: string;
  readonly selector: string;
  /** RSA or Ed25519. */
  readonly privateKey: KeyObject;
}

/**
 * How long a signature is good, in seconds. Mail is delivered within some days and signed anew at each attempt of ours, so
 * two weeks leave room for servers that hold it back, and end the time in which somebody who got it can send it on as
 * ours (RFC 6376 8.6).
 */
const GOOD_FOR = 14 * 86_400;

const signLater = promisify(sign);

/**
 * Signs a message: gives the DKIM-Signature field, folded, with its CRLF (RFC 6376 3.5; RFC 8463 for Ed25519).
 * @param now epoch milliseconds
 * @throws NotSignable; Error of node:crypto when the key can't sign
 */
export async function dkimSignature(message: ReadToSign, signer: DkimSigner, now: number): Promise<string> {
  const ed25519 = signer.privateKey.asymmetricKeyType === 'ed25519';
  const { names, fields } = signedFields(message.fields);
  const time = Math.floor(now / 1000);
  const unsigned = [
    `DKIM-Signature: v=1; a=${ed25519 ? 'ed25519' : 'rsa'}-sha256; c=relaxed/relaxed;`,
    `d=${signer.domain};`,
    `s=${signer.selector};`,
    `t=${time}; x=${time + GOOD_FOR};`,
    ...folded(`h=${names.join(':')};`, /[^:;]*[:;]/g),
    `bh=${message.bodyHash.toString('base64')};`,
    'b=',
  ].join('\r\n\t');
  const data = Buffer.from(
    [...fields.map(({ raw }) => `${relaxedField(raw)}\r\n`), relaxedField(unsigned)].join(''),
    'latin1',
  );
  // RFC 8463 3: Ed25519 signs the hash, not the data.
  const signature = ed25519
    ? await signLater(null, createHash('sha256').update(data).digest(), signer.privateKey)
    : await signLater('sha256', data, signer.privateKey);
  return `${unsigned}${folded(signature.toString('base64'), /.{1,72}/g).join('\r\n\t')}\r\n`;
}

/** Lines of at most 72 characters, but where one token is longer. */
function folded(text: string, tokens: RegExp): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const [token] of text.matchAll(tokens)) {
    if (line !== '' && line.length + token.length > 72) {
      lines.push(line);
      line = '';
    }
    line += token;
  }
  return line === '' ? lines : [...lines, line];
}
