import { asciiOf, BadCertificate, type DerNode, expectTag, fieldsOf, oidOf, TAG, utf8Of } from './der.js';

export interface DistinguishedName {
  /** DER. */
  readonly bytes: Uint8Array;
  /** Each RDN in comparable form. */
  readonly rdns: readonly string[];
  /** Comparable form: equal for names that RFC 5280 7.1 calls equal. */
  readonly key: string;
  /** For people, see `escapeText`; in the order of the certificate. */
  readonly text: string;
  /** Values of the emailAddress attribute (RFC 5280 4.1.2.6). */
  readonly emails: readonly string[];
}

const EMAIL_ADDRESS = '1.2.840.113549.1.9.1';

/** Short names of RFC 4514 3 and of what CAs put into names besides. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.42': 'GN',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  [EMAIL_ADDRESS]: 'emailAddress',
};

/**
 * Bytes of a value; RFC 5280 A.1 has upper bounds of 64 to 32,768 characters, real values a few dozen. Normalising makes
 * some characters eighteen times as long, and these names are read before any signature is checked.
 */
const MAX_VALUE = 4096;

interface Attribute {
  readonly type: string;
  readonly key: string;
  readonly value: string | undefined;
  readonly text: string;
}

/** @throws BadCertificate */
export function readName(node: DerNode): DistinguishedName {
  const rdns = expectTag(node, TAG.sequence).children.map((rdn) => {
    if (rdn.tag !== TAG.set || rdn.children.length === 0)
      throw new BadCertificate('has a name that is malformed');
    return rdn.children.map(readAttribute);
  });
  // The members of an RDN are a set: their order says nothing.
  const keys = rdns.map((rdn) => JSON.stringify(rdn.map((attribute) => attribute.key).sort()));
  return {
    bytes: node.bytes,
    rdns: keys,
    key: keys.join('\n'),
    text: rdns.map((rdn) => rdn.map((attribute) => attribute.text).join('+')).join(', '),
    emails: rdns
      .flat()
      .filter((attribute) => attribute.type === EMAIL_ADDRESS)
      .map((attribute) => attribute.value ?? ''),
  };
}

function readAttribute(node: DerNode): Attribute {
  const fields = fieldsOf(node);
  const type = oidOf(fields.take(TAG.oid));
  const valueNode = fields.takeAny();
  fields.end();
  if (valueNode.content.length > MAX_VALUE) throw new BadCertificate('has a name that is too long');
  const value = stringOf(valueNode);
  const shown = value === undefined ? `#${hex(valueNode.bytes)}` : escapeText(value);
  return {
    type,
    key: value === undefined ? `${type}#${hex(valueNode.bytes)}` : `${type}=${comparable(value)}`,
    value,
    text: `${SHORT_NAMES[type] ?? type}=${shown}`,
  };
}

/**
 * The characters of a DirectoryString or another string type; undefined for what is none, which is compared octet by octet.
 * The old types count too, or a name written in one would slip past a constraint that is written in another.
 */
function stringOf(node: DerNode): string | undefined {
  switch (node.tag) {
    case TAG.utf8String:
      return utf8Of(node.content);
    case TAG.printableString:
    case TAG.ia5String:
    case TAG.numericString:
    case TAG.visibleString:
      return asciiOf(node.content);
    case TAG.teletexString:
      // Nobody writes T.61: what is found in it is Latin-1.
      return Buffer.from(node.content).toString('latin1');
    case TAG.universalString:
      return utf32Of(node.content);
    case TAG.bmpString: {
      if (node.content.length % 2 !== 0) return undefined;
      const text = Buffer.from(node.content).swap16().toString('utf16le');
      return text.isWellFormed() ? text : undefined;
    }
    default:
      return undefined;
  }
}

function utf32Of(content: Uint8Array): string | undefined {
  if (content.length % 4 !== 0) return undefined;
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  let text = '';
  for (let at = 0; at < content.length; at += 4) {
    const point = view.getUint32(at);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    text += String.fromCodePoint(point);
  }
  return text;
}

/** RFC 5280 7.1: compatibility forms, case, and white space at the ends and in runs don't count. */
function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/**
 * Text of a certificate for a terminal or a page: RFC 4514 2.4, and everything that could move the cursor, hide or turn
 * other text is written as escaped octets.
 */
export function escapeText(text: string): string {
  return text
    .replace(/[\\,+"<>;=]/g, (char) => `\\${char}`)
    .replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, (char) =>
      [...Buffer.from(char)].map((byte) => `\\${byte.toString(16).padStart(2, '0').toUpperCase()}`).join(''),
    );
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
