import { base64Lines } from '../base64-lines.js';

/**
 * An OpenPGP message in ASCII armour (RFC 9580 6.2), CRLF, without any armour header: they would say what made it.
 * @param checksum whether the CRC-24 is written. RFC 9580 6.1 forbids it behind encrypted data of version 2; before that,
 * some readers that were written for RFC 4880 miss it.
 */
export async function* armour(
  message: AsyncIterable<Uint8Array>,
  checksum: boolean,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from('-----BEGIN PGP MESSAGE-----\r\n\r\n');
  let crc = CRC24_START;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of message) {
      crc = crc24(crc, chunk);
      yield chunk;
    }
  }
  yield* base64Lines(checksum ? counted() : message);
  const sum = Buffer.of((crc >> 16) & 255, (crc >> 8) & 255, crc & 255).toString('base64');
  yield Buffer.from(`${checksum ? `=${sum}\r\n` : ''}-----END PGP MESSAGE-----\r\n`);
}

const CRC24_START = 0xb704ce;
const CRC24_GENERATOR = 0x864cfb;

/** For one octet at the top of the 24 bits, what the next eight steps add. */
const CRC24_TABLE = Int32Array.from({ length: 256 }, (_, octet) => {
  let crc = octet << 16;
  for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : CRC24_GENERATOR);
  return crc & 0xffffff;
});

/** RFC 9580 6.1.1. @param crc of what came before */
export function crc24(crc: number, bytes: Uint8Array): number {
  let sum = crc;
  for (let i = 0; i < bytes.length; i++) {
    sum = ((sum << 8) & 0xffffff) ^ (CRC24_TABLE[((sum >> 16) & 255) ^ (bytes[i] ?? 0)] ?? 0);
  }
  return sum;
}
