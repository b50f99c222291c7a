import { bitLength, concat } from '../../keys/openpgp/cursor.js';

/** A multiprecision integer: its length in bits, then its octets without leading zeros (RFC 9580 3.2). */
export function mpi(value: Uint8Array): Uint8Array {
  const bits = bitLength(value);
  const octets = value.subarray(value.length - Math.ceil(bits / 8));
  return concat(Uint8Array.of(bits >> 8, bits & 255), octets);
}
