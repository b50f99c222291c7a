import { type CipherOCB, createCipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { concat } from '../../keys/openpgp/cursor.js';
import { MESSAGE_TAG, WRITTEN } from './packet-tags.js';

/** Makes the body of an encrypted data packet, piece by piece. */
export interface ContentCipher {
  /** How the body begins. */
  readonly head: Uint8Array;
  readonly update: (plain: Uint8Array) => Uint8Array;
  /** How it ends; called once, after the last update. */
  readonly final: () => Uint8Array;
}

/** Version 1: AES-256 in CFB mode, with SHA-1 inside against changes (RFC 9580 5.13.1). What every client reads. */
export function contentCipherV1(sessionKey: Uint8Array): ContentCipher {
  // The IV is zero; the random block at the front takes its place, its last two octets repeated.
  const cipher = createCipheriv('aes-256-cfb', sessionKey, new Uint8Array(16));
  const random = randomBytes(16);
  const prefix = concat(random, random.subarray(14));
  const digest = createHash('sha1').update(prefix);
  return {
    head: concat(Uint8Array.of(1), cipher.update(prefix)),
    update: (plain) => {
      digest.update(plain);
      return cipher.update(plain);
    },
    final: () => {
      // 5.13.1: the header of the modification detection code is hashed too.
      const header = Uint8Array.of(0xd3, 0x14);
      const code = concat(header, digest.update(header).digest());
      return concat(cipher.update(code), cipher.final());
    },
  };
}

/** 2^(10 + 6) octets in a chunk: what a reader must hold back until it has checked the tag. */
const CHUNK_SIZE_OCTET = 10;
const TAG_LENGTH = 16;

/** RFC 9580 9.3, by the length of the key. */
const AES_OCB = {
  16: { number: 7, name: 'aes-128-ocb' },
  32: { number: WRITTEN.aes256, name: 'aes-256-ocb' },
} as const;

/**
 * Version 2: AES in OCB mode, in chunks that each carry their tag (RFC 9580 5.13.2).
 * @param sessionKey 32 octets; 16 for the known answers of the standard, and then salt and chunk size are theirs too
 */
export function contentCipherV2(
  sessionKey: Uint8Array,
  salt: Uint8Array = randomBytes(32),
  chunkSizeOctet = CHUNK_SIZE_OCTET,
): ContentCipher {
  const keyLength = sessionKey.length === 16 ? 16 : 32;
  const { number, name } = AES_OCB[keyLength];
  const chunkSize = 2 ** (chunkSizeOctet + 6);
  const settings = Uint8Array.of(2, number, WRITTEN.ocb, chunkSizeOctet);
  // The first octet of the packet header is bound to everything.
  const associated = concat(Uint8Array.of(0xc0 | MESSAGE_TAG.encryptedData), settings);
  // The key, and the nonce but for the 8 octets that count the chunks.
  const derived = new Uint8Array(hkdfSync('sha256', sessionKey, salt, associated, keyLength + 7));

  const cipherOf = (chunk: bigint, data: Uint8Array): CipherOCB => {
    const nonce = concat(derived.subarray(keyLength), uint64(chunk));
    const cipher = createCipheriv(name, derived.subarray(0, keyLength), nonce, { authTagLength: TAG_LENGTH });
    return cipher.setAAD(data);
  };
  const ended = (cipher: CipherOCB): Uint8Array => concat(cipher.final(), cipher.getAuthTag());

  let index = 0n;
  let total = 0n;
  let current: { readonly cipher: CipherOCB; left: number } | undefined;
  const endChunk = (): Uint8Array => {
    if (current === undefined) return new Uint8Array(0);
    const end = ended(current.cipher);
    current = undefined;
    index++;
    return end;
  };
  return {
    head: concat(settings, salt),
    update: (plain) => {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < plain.length; ) {
        current ??= { cipher: cipherOf(index, associated), left: chunkSize };
        const piece = plain.subarray(at, at + current.left);
        pieces.push(current.cipher.update(piece));
        at += piece.length;
        current.left -= piece.length;
        if (current.left === 0) pieces.push(endChunk());
      }
      total += BigInt(plain.length);
      return concat(...pieces);
    },
    final: () => {
      const last = endChunk();
      // One tag more, over nothing but the number of octets: chunks can't be cut off at the end.
      return concat(last, ended(cipherOf(index, concat(associated, uint64(total)))));
    },
  };
}

function uint64(value: bigint): Uint8Array {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(value);
  return octets;
}
