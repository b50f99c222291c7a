import { domainToASCII, domainToUnicode } from 'node:url';

/** A mailbox in canonical form: local part as given, domain as lower-case A-labels. */
export interface Mailbox {
  readonly local: string;
  readonly domain: string;
  /** `local@domain`. */
  readonly address: string;
  /** True when the local part has non-ASCII characters, so the next hop must offer SMTPUTF8 (RFC 6531). */
  readonly needsSmtpUtf8: boolean;
}

export type AddressResult =
  | { readonly ok: true; readonly mailbox: Mailbox }
  | { readonly ok: false; readonly reason: string };

const ATEXT = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+$/u;
const ASCII = /^[\x21-\x7e]*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Parses one address by a strict grammar: dot-atom local part (RFC 5321 4.1.2, without quoted strings, comments,
 * source routes and address literals, which other software rewrites), UTF-8 local parts as in RFC 6531 3.3, a domain
 * of at least two LDH or U-labels. Domains become lower-case A-labels.
 *
 * Stricter than the RFC on purpose: an address that two programs could read differently is refused.
 */
export function parseAddress(text: string): AddressResult {
  if (!text.isWellFormed()) return refuse('is not well-formed Unicode');
  if (text.length > 254) return refuse('is longer than 254 characters');
  const at = text.lastIndexOf('@');
  if (at < 0) return refuse('has no @');
  const local = text.slice(0, at);
  if (local === '') return refuse('has an empty local part');
  if (local.includes('@')) return refuse('has more than one @');
  if (Buffer.byteLength(local) > 64) return refuse('has a local part longer than 64 octets');
  for (const atom of local.split('.')) {
    if (atom === '') return refuse('has a dot at the edge of its local part, or two in a row');
    if (!ATEXT.test(atom)) return refuse('has a character in its local part that is not accepted');
  }
  const domain = canonicalDomain(text.slice(at + 1));
  if (domain === undefined) return refuse('has a domain that is not a valid host name of two or more labels');
  const needsSmtpUtf8 = !ASCII.test(local);
  if (needsSmtpUtf8 && local.normalize('NFC') !== local)
    return refuse('has a local part that is not in Unicode NFC');
  const address = `${local}@${domain}`;
  // RFC 5321 4.5.3.1.3: a path has 256 octets at most, two of them the angle brackets.
  if (Buffer.byteLength(address) > 254) return refuse('is longer than 254 octets');
  return { ok: true, mailbox: { local, domain, address, needsSmtpUtf8 } };
}

/**
 * The domain as lower-case A-labels (RFC 5890), or undefined when it isn't a host name of two or more labels.
 * A trailing dot is not accepted.
 */
export function canonicalDomain(text: string): string | undefined {
  if (text === '' || text.length > 253) return undefined;
  if (lately.has(text)) return lately.get(text);
  if (lately.size >= MOST_LATELY) lately.clear();
  const domain = readDomain(text);
  lately.set(text, domain);
  return domain;
}

/** Domains as they were given, with what they are: the same few come with every message. */
const lately = new Map<string, string | undefined>();
const MOST_LATELY = 1000;

function readDomain(text: string): string | undefined {
  // domainToASCII is lenient (percent-decoding, ports, IPv4 forms), so only plain host characters reach it.
  if (/[\x00-\x2c/:-@[-`{-\x7f]/.test(text)) return undefined;
  const ascii = domainToASCII(text);
  if (ascii === '' || ascii.length > 253) return undefined;
  const labels = ascii.split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined;
  if (/^\d+$/.test(labels[labels.length - 1] ?? '')) return undefined;
  // What was given must be what the A-labels mean; otherwise the library mapped it (full-width letters, ideographic
  // dots, soft hyphens, numbers as IPv4), and another program might not.
  const unicode = domainToUnicode(ascii);
  if (domainToASCII(unicode) !== ascii) return undefined;
  // Newer libraries leave an A-label that decodes to nothing valid as it is.
  if (unicode.split('.').some((label) => label.startsWith('xn--'))) return undefined;
  const given = text.toLowerCase();
  return given === ascii || given === unicode ? ascii : undefined;
}

function refuse(reason: string): AddressResult {
  return { ok: false, reason };
}
