import { type DerNode, expectTag } from '../x509/der.js';

/** Flags of a named BIT STRING: bit n of the number for bit n of the string; those from 31 on are dropped. @throws BadCertificate */
export function readFlags(node: DerNode, tag: number): number {
  const { content } = expectTag(node, tag);
  let flags = 0;
  for (let bit = 0; bit < 31; bit += 1) {
    const byte = content[1 + (bit >> 3)] ?? 0;
    if ((byte & (0x80 >> (bit & 7))) !== 0) flags |= 1 << bit;
  }
  return flags;
}
