/*
 * A strict reader of DER (X.690). Certificates are read from its tree and not through a general ASN.1 library, because those
 * accept BER, ignore bytes after the end and skip what they can't read, so that two programs could see different
 * certificates in one file; here such a file is refused. The signed bytes and names are views of the input.
 */

/** What was read is not what its format says. The message is for people and quotes nothing that was read. */
export class BadCertificate extends Error {
  override readonly name = 'BadCertificate';
}

export interface DerNode {
  /** The identifier octet; tag numbers above 30 are not accepted. */
  readonly tag: number;
  /** The whole encoding. */
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
  /** Of constructed encodings; empty for primitive ones. */
  readonly children: readonly DerNode[];
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** The tag of `[number]`, as it stands in front of a primitive or a constructed encoding. */
export const context = (number: number): number => 0x80 | number;
export const contextConstructed = (number: number): number => 0xa0 | number;

const MAX_DEPTH = 32;
/** A certificate has about a hundred; a bundle that many for each certificate. */
const MAX_NODES = 300_000;

/**
 * Reads one value that fills the bytes.
 * @param rules `ber` accepts indefinite and over-long lengths too, as some CAs use them around their bundles
 * @throws BadCertificate
 */
export function readDer(bytes: Uint8Array, rules: 'der' | 'ber' = 'der'): DerNode {
  const state = { nodes: 0, rules };
  const { node, end } = readNode(bytes, 0, bytes.length, 0, state);
  if (end !== bytes.length) throw new BadCertificate('has bytes after its end');
  return node;
}

interface State {
  nodes: number;
  readonly rules: 'der' | 'ber';
}

function readNode(
  bytes: Uint8Array,
  start: number,
  limit: number,
  depth: number,
  state: State,
): { readonly node: DerNode; readonly end: number } {
  state.nodes += 1;
  if (depth > MAX_DEPTH || state.nodes > MAX_NODES)
    throw new BadCertificate('is nested too deeply or too long');
  const tag = octet(bytes, start, limit);
  if ((tag & 0x1f) === 0x1f) throw new BadCertificate('has an ASN.1 tag that no certificate has');
  const length = readLength(bytes, start + 1, limit, state.rules);
  const constructed = (tag & 0x20) !== 0;
  if (length.value === undefined) {
    if (!constructed) throw new BadCertificate('has an indefinite length where none may be');
    const children: DerNode[] = [];
    let at = length.end;
    // X.690 8.1.5: two zero octets end the contents.
    while (octet(bytes, at, limit) !== 0 || octet(bytes, at + 1, limit) !== 0) {
      const child = readNode(bytes, at, limit, depth + 1, state);
      children.push(child.node);
      at = child.end;
    }
    const end = at + 2;
    return {
      node: { tag, bytes: bytes.subarray(start, end), content: bytes.subarray(length.end, at), children },
      end,
    };
  }
  const end = length.end + length.value;
  if (end > limit) throw new BadCertificate('is cut off');
  const content = bytes.subarray(length.end, end);
  const children: DerNode[] = [];
  if (constructed) {
    for (let at = length.end; at < end; ) {
      const child = readNode(bytes, at, end, depth + 1, state);
      children.push(child.node);
      at = child.end;
    }
  }
  if (state.rules === 'der') checkUniversal(tag, content);
  return { node: { tag, bytes: bytes.subarray(start, end), content, children }, end };
}

function readLength(
  bytes: Uint8Array,
  start: number,
  limit: number,
  rules: 'der' | 'ber',
): { readonly value: number | undefined; readonly end: number } {
  const first = octet(bytes, start, limit);
  if (first < 0x80) return { value: first, end: start + 1 };
  const count = first & 0x7f;
  if (count === 0) {
    if (rules === 'der') throw new BadCertificate('has an indefinite length, which DER forbids');
    return { value: undefined, end: start + 1 };
  }
  if (count > 4) throw new BadCertificate('has a length that no certificate has');
  let value = 0;
  for (let index = 0; index < count; index += 1) value = value * 256 + octet(bytes, start + 1 + index, limit);
  // X.690 10.1: the shortest form.
  if (rules === 'der' && (value < 0x80 || value < 256 ** (count - 1)))
    throw new BadCertificate('has a length that is not in its shortest form');
  return { value, end: start + 1 + count };
}

/** X.690 10 and 11, for the types that have more than one way to say the same. */
function checkUniversal(tag: number, content: Uint8Array): void {
  // Universal class: only SEQUENCE and SET are constructed (X.690 10.2).
  if ((tag & 0xc0) === 0 && (tag & 0x20) !== 0 && tag !== TAG.sequence && tag !== TAG.set)
    throw new BadCertificate('has a string in pieces, which DER forbids');
  const first = content[0];
  switch (tag) {
    case TAG.sequence & 0x1f:
    case TAG.set & 0x1f:
      throw new BadCertificate('has a sequence that is marked as primitive');
    case TAG.boolean:
      if (content.length !== 1 || (first !== 0 && first !== 0xff))
        throw new BadCertificate('has a boolean that is not DER');
      return;
    case TAG.integer: {
      const second = content[1] ?? 0;
      const padded =
        content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
      if (first === undefined || padded) throw new BadCertificate('has a number that is not DER');
      return;
    }
    case TAG.bitString: {
      const last = content[content.length - 1] ?? 0;
      const bad =
        first === undefined ||
        first > 7 ||
        (first > 0 && content.length === 1) ||
        (last & ((1 << first) - 1)) !== 0;
      if (bad) throw new BadCertificate('has a bit string that is not DER');
      return;
    }
    case 0x05:
      if (content.length !== 0) throw new BadCertificate('has a null with content');
      return;
    default:
      return;
  }
}

function octet(bytes: Uint8Array, at: number, limit: number): number {
  const value = at < limit ? bytes[at] : undefined;
  if (value === undefined) throw new BadCertificate('is cut off');
  return value;
}

/** Takes the members of a SEQUENCE one after the other. */
export interface Fields {
  /** @throws BadCertificate when the next member is another one */
  take(tag: number): DerNode;
  /** Whatever comes next. */
  takeAny(): DerNode;
  maybe(tag: number): DerNode | undefined;
  /** @throws BadCertificate when members are left */
  end(): void;
}

/** @throws BadCertificate when it isn't of that tag */
export function fieldsOf(node: DerNode, tag: number = TAG.sequence): Fields {
  expectTag(node, tag);
  let next = 0;
  const maybe = (wanted: number): DerNode | undefined => {
    const child = node.children[next];
    if (child?.tag !== wanted) return undefined;
    next += 1;
    return child;
  };
  return {
    maybe,
    take(wanted) {
      const child = maybe(wanted);
      if (child === undefined) throw new BadCertificate('does not have the structure of a certificate');
      return child;
    },
    takeAny() {
      const child = node.children[next];
      if (child === undefined) throw new BadCertificate('does not have the structure of a certificate');
      next += 1;
      return child;
    },
    end() {
      if (next !== node.children.length) throw new BadCertificate('has more parts than a certificate has');
    },
  };
}

/** @throws BadCertificate */
export function expectTag(node: DerNode, tag: number): DerNode {
  if (node.tag !== tag) throw new BadCertificate('does not have the structure of a certificate');
  return node;
}

/** Dotted form of an OBJECT IDENTIFIER. @throws BadCertificate */
export function oidOf(node: DerNode, tag: number = TAG.oid): string {
  const { content } = expectTag(node, tag);
  if (content.length === 0 || content.length > 64)
    throw new BadCertificate('has an object identifier that is not DER');
  const parts: bigint[] = [];
  let value = 0n;
  let fresh = true;
  for (const byte of content) {
    if (fresh && byte === 0x80) throw new BadCertificate('has an object identifier that is not DER');
    value = (value << 7n) | BigInt(byte & 0x7f);
    fresh = byte < 0x80;
    if (!fresh) continue;
    if (parts.length === 0) {
      const arc = value < 40n ? 0n : value < 80n ? 1n : 2n;
      parts.push(arc, value - arc * 40n);
    } else parts.push(value);
    value = 0n;
  }
  if (!fresh) throw new BadCertificate('has an object identifier that is not DER');
  return parts.join('.');
}

/** An INTEGER that counts something: 0 to 2^31. @throws BadCertificate */
export function smallInteger(node: DerNode, tag: number = TAG.integer): number {
  const { content } = expectTag(node, tag);
  const first = content[0];
  if (first === undefined || first >= 0x80 || content.length > 4)
    throw new BadCertificate('has a number that is out of range');
  return content.reduce((sum, byte) => sum * 256 + byte, 0);
}

/** A positive INTEGER of any size. @throws BadCertificate */
export function positiveInteger(node: DerNode): bigint {
  const { content } = expectTag(node, TAG.integer);
  const first = content[0];
  if (first === undefined || first >= 0x80) throw new BadCertificate('has a number that is out of range');
  return BigInt(`0x${Buffer.from(content).toString('hex')}`);
}

/** The octets of a BIT STRING of whole octets, as keys and signatures are. @throws BadCertificate */
export function wholeBits(node: DerNode): Uint8Array {
  const { content } = expectTag(node, TAG.bitString);
  if (content[0] !== 0) throw new BadCertificate('has a bit string that is not of whole octets');
  return content.subarray(1);
}

/** Characters of ASCII types; undefined when there is another byte. */
export function asciiOf(content: Uint8Array): string | undefined {
  return content.every((byte) => byte < 0x80) ? Buffer.from(content).toString('latin1') : undefined;
}

/** Undefined when it isn't well-formed UTF-8. */
export function utf8Of(content: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
  } catch {
    return undefined;
  }
}
