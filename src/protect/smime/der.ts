import { AsnConvert } from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';

/** Tags of DER (X.690) that are written here by hand. */
export const DER = {
  integer: 0x02,
  octetString: 0x04,
  oid: 0x06,
  sequence: 0x30,
  set: 0x31,
  /** Context-specific, primitive: `[n] IMPLICIT` of a primitive type. */
  primitive: (tag: number) => 0x80 | tag,
  /** Context-specific, constructed: `[n] EXPLICIT`, or `[n] IMPLICIT` of a constructed type. */
  constructed: (tag: number) => 0xa0 | tag,
} as const;

/** Tag and definite length (X.690 8.1.3, 10.1) of a value of so many bytes that is written afterwards. */
export function derHeader(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.of(tag, length);
  const digits: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) digits.unshift(rest % 256);
  return Buffer.of(tag, 0x80 | digits.length, ...digits);
}

/** A whole value. */
export function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const length = contents.reduce((sum, part) => sum + part.length, 0);
  return Buffer.concat([derHeader(tag, length), ...contents]);
}

/** A structure of one of the ASN.1 classes. */
export function write(structure: object): Buffer {
  return Buffer.from(AsnConvert.serialize(structure));
}

/** An OBJECT IDENTIFIER: all that is in an AlgorithmIdentifier without parameters. */
export function oid(value: string): Buffer {
  return write(new AlgorithmIdentifier({ algorithm: value })).subarray(2);
}

/** In the order that DER demands of a SET OF (X.690 11.6). */
export function derSetOrder(values: readonly Buffer[]): readonly Buffer[] {
  return [...values].sort(Buffer.compare);
}

/** The bytes alone, as the ASN.1 classes take them. */
export function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  const exact = new ArrayBuffer(bytes.length);
  new Uint8Array(exact).set(bytes);
  return exact;
}
