import { entityFacts } from '../../inspect/entity.js';
import { parseMimeValue } from '../../inspect/mime-params.js';
import { decodeTransfer } from '../../inspect/transfer.js';
import { fieldValue, type RawField } from './raw-header.js';

/** `30 len 06 09` and the object identifier of SignedData (RFC 5652 5.1), in DER or BER. */
const SIGNED_DATA = /^\x30(?:\x80|[\x81-\x86]?[\s\S]{1,6})\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02/;
/** As much of the body as tells what it is. */
const LOOKED_AT = 4096;

/**
 * Whether the sender signed the message as a whole: multipart/signed (RFC 1847), CMS SignedData (RFC 8551 3.5.2), or a
 * text signed inline (RFC 9580 7).
 * @param body the beginning of the body
 */
export function isAlreadySigned(fields: readonly RawField[], body: Buffer): boolean {
  const named = fields.map((field) => ({ name: field.name, value: fieldValue(field) }));
  const facts = entityFacts(named, 'text/plain');
  return facts.contentTypes.some(({ mediaType }) => {
    if (mediaType === 'multipart/signed') return true;
    const isCms = /^application\/(?:x-)?pkcs7-mime$/.test(mediaType);
    if (isCms && named.some(({ name, value }) => name === 'content-type' && saysSigned(value))) return true;
    if (!isCms && !mediaType.startsWith('text/')) return false;
    const head = body.subarray(0, LOOKED_AT);
    return decodeTransfer(head, facts.encodings).readings.some((reading) => {
      const text = reading.toString('latin1');
      return isCms ? SIGNED_DATA.test(text) : /^\s*-----BEGIN PGP SIGNED MESSAGE-----/.test(text);
    });
  });
}

function saysSigned(contentType: string): boolean {
  return parseMimeValue(contentType).params.get('smime-type')?.[0]?.toLowerCase() === 'signed-data';
}
