import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import type { ContentCipher } from './choose-algorithms.js';
import { DER, der, derHeader, exactBuffer, oid, write } from './der.js';
import { OID } from './oids.js';

const AES_BLOCK = 16;
/** Bytes of the authentication tag: the longest that GCM has (RFC 5084 3.2). */
export const TAG_LENGTH = 16;

/** What a content cipher looks like outside. */
interface CipherFrame {
  readonly contentType: string;
  readonly algorithm: string;
  readonly ivLength: number;
  readonly parameters: (iv: Uint8Array) => ArrayBuffer;
  readonly ciphertextLength: (size: number) => number;
  /** Bytes behind the encrypted content. */
  readonly trailerLength: number;
}

export const CIPHER_FRAMES: Readonly<Record<ContentCipher, CipherFrame>> = {
  'aes-256-cbc': {
    contentType: OID.envelopedData,
    algorithm: OID.aes256Cbc,
    ivLength: 16,
    // RFC 3565 4.1.
    parameters: (iv) => AsnConvert.serialize(new OctetString(iv)),
    // Padding fills the last block, or is a block of its own (RFC 5652 6.3).
    ciphertextLength: (size) => size - (size % AES_BLOCK) + AES_BLOCK,
    trailerLength: 0,
  },
  'aes-256-gcm': {
    contentType: OID.authEnvelopedData,
    algorithm: OID.aes256Gcm,
    ivLength: 12,
    // GCMParameters; the tag's length is said, because its default is 12 bytes (RFC 5084 3.2).
    parameters: gcmParameters,
    ciphertextLength: (size) => size,
    trailerLength: 2 + TAG_LENGTH,
  },
};

/**
 * Everything of a ContentInfo with EnvelopedData (RFC 5652 6.1) or AuthEnvelopedData (RFC 5083 2.1) before the encrypted
 * content, with definite lengths, so that the content can follow as it is encrypted.
 * @param size bytes of the plain content
 */
export function frameHead(options: {
  readonly cipher: ContentCipher;
  readonly iv: Uint8Array;
  /** DER. */
  readonly recipientInfos: Uint8Array;
  readonly keyAgreement: boolean;
  readonly size: number;
}): Buffer {
  const frame = CIPHER_FRAMES[options.cipher];
  const contentLength = frame.ciphertextLength(options.size);
  const algorithm = new AlgorithmIdentifier({
    algorithm: frame.algorithm,
    parameters: frame.parameters(options.iv),
  });
  // A primitive [0] IMPLICIT OCTET STRING.
  const contentHead = Buffer.concat([
    oid(OID.data),
    write(algorithm),
    derHeader(DER.primitive(0), contentLength),
  ]);
  const contentInfoLength = contentHead.length + contentLength;
  // AuthEnvelopedData has version 0 always (RFC 5083 2.1), EnvelopedData where all recipients have version 0, else 2.
  const version = options.cipher === 'aes-256-cbc' && options.keyAgreement ? 2 : 0;
  const dataHead = Buffer.concat([
    der(DER.integer, Buffer.of(version)),
    options.recipientInfos,
    derHeader(DER.sequence, contentInfoLength),
    contentHead,
  ]);
  const dataLength = dataHead.length + contentLength + frame.trailerLength;
  const data = derHeader(DER.sequence, dataLength);
  const explicit = derHeader(DER.constructed(0), data.length + dataLength);
  const type = oid(frame.contentType);
  const outer = derHeader(DER.sequence, type.length + explicit.length + data.length + dataLength);
  return Buffer.concat([outer, type, explicit, data, dataHead]);
}

/** What follows the encrypted content of AuthEnvelopedData: the tag as `mac`. */
export function frameTag(tag: Uint8Array): Buffer {
  return der(DER.octetString, tag);
}

function gcmParameters(nonce: Uint8Array): ArrayBuffer {
  const tagLength = der(DER.integer, Buffer.of(TAG_LENGTH));
  return exactBuffer(der(DER.sequence, der(DER.octetString, nonce), tagLength));
}
