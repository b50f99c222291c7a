import { concat, uint32 } from './cursor.js';

/** Packet types of transferable keys (RFC 9580 5). */
export const TAG = {
  signature: 2,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  marker: 10,
  trust: 12,
  userId: 13,
  publicSubkey: 14,
  userAttribute: 17,
  padding: 21,
} as const;

export interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
}

export interface PacketScan {
  readonly packets: readonly Packet[];
  /** Why the rest could not be read; what came before stands. */
  readonly problem?: string;
}

/** Splits a byte string into packets (RFC 9580 4.2). Lengths that point outside end the reading. */
export function scanPackets(bytes: Uint8Array, most: number): PacketScan {
  const packets: Packet[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (packets.length >= most) return { packets, problem: `it has more than ${most} packets` };
    const header = readHeader(bytes, at);
    if (typeof header === 'string') return { packets, problem: header };
    const end = header.start + header.length;
    if (end > bytes.length) return { packets, problem: 'a packet is longer than what is there' };
    packets.push({ tag: header.tag, body: bytes.subarray(header.start, end) });
    at = end;
  }
  return { packets };
}

interface Header {
  readonly tag: number;
  /** Offset of the body. */
  readonly start: number;
  readonly length: number;
}

function readHeader(bytes: Uint8Array, at: number): Header | string {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) return 'something in it is not an OpenPGP packet';
  const number = (offset: number, octets: number): number => {
    let value = 0;
    // Past the end this gives a length that doesn't fit, because the body would begin past the end too.
    for (let i = 0; i < octets; i++) value = value * 256 + (bytes[offset + i] ?? 0);
    return value;
  };
  if ((first & 0x40) === 0) {
    // Legacy format, 4.2.2. Type 3 has no length at all, which 4.2.2 discourages and keys never need.
    const octets = [1, 2, 4][first & 3];
    if (octets === undefined) return 'a packet has no definite length';
    return { tag: (first >> 2) & 15, start: at + 1 + octets, length: number(at + 1, octets) };
  }
  const tag = first & 63;
  const size = bytes[at + 1] ?? 0;
  if (size < 192) return { tag, start: at + 2, length: size };
  if (size < 224) return { tag, start: at + 3, length: ((size - 192) << 8) + number(at + 2, 1) + 192 };
  if (size === 255) return { tag, start: at + 6, length: number(at + 2, 4) };
  // 4.2.1.4: partial lengths are for data packets only.
  return 'a packet has no definite length';
}

/** One packet in the OpenPGP format with a definite length (RFC 9580 4.2.1). */
export function writePacket(tag: number, body: Uint8Array): Uint8Array {
  const { length } = body;
  const size =
    length < 192
      ? Uint8Array.of(length)
      : length < 8384
        ? Uint8Array.of(((length - 192) >> 8) + 192, (length - 192) & 255)
        : concat(Uint8Array.of(255), uint32(length));
  return concat(Uint8Array.of(0xc0 | tag), size, body);
}
