import { parseAddress } from '../../shared/address.js';
import { BOUNDS } from './bounds.js';

/**
 * The canonical address that a user ID names, if it names exactly one without doubt: `addr` or `Name <addr>`
 * (RFC 9580 5.11 only has a convention). The name may hold the same address again, as programs write it that know no
 * name. Anything in which two programs could see different addresses names nobody: another address anywhere, more
 * brackets, control and direction characters, malformed UTF-8.
 */
export function userIdAddress(body: Uint8Array): string | undefined {
  const text = decode(body);
  if (text === undefined || AMBIGUOUS.test(text)) return undefined;
  // Other forms of @ are @ to programs that normalise.
  if (countAt(text.normalize('NFKC')) !== countAt(text)) return undefined;
  const found = /^(?:([^<>]*)<([^<>]+)>|([^<>]+))$/.exec(text);
  const parsed = parseAddress(found?.[2] ?? found?.[3] ?? '');
  if (!parsed.ok) return undefined;
  const { address } = parsed.mailbox;
  return wordsWithAt(found?.[1] ?? '').every((word) => isAddress(word, address)) ? address : undefined;
}

/** Whether a user ID that `userIdAddress` refuses has more than one @, in whatever form. */
export function namesSeveralAddresses(body: Uint8Array): boolean {
  const text = decode(body);
  return text !== undefined && countAt(text.normalize('NFKC')) > 1 && userIdAddress(body) === undefined;
}

function countAt(text: string): number {
  return text.split('@').length - 1;
}

/** What stands between separators in a name and has an @. Quotation marks around it don't belong to it. */
function wordsWithAt(name: string): readonly string[] {
  return name
    .split(/[\s()[\]",;:]+/u)
    .filter((word) => word.includes('@'))
    .map((word) => /^'(.*)'$/u.exec(word)?.[1] ?? word);
}

function isAddress(word: string, address: string): boolean {
  const parsed = parseAddress(word);
  return parsed.ok && parsed.mailbox.address === address;
}

/** Control, format, private and unassigned characters and line breaks, but not the joiners of some scripts. */
const AMBIGUOUS = /(?![\u200c\u200d])[\p{C}\u2028\u2029]/u;

function decode(body: Uint8Array): string | undefined {
  if (body.length > BOUNDS.userId) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** Whether two canonical addresses are the same mailbox; case is ignored in ASCII letters only. */
export function sameAddress(a: string, b: string, localPart: 'ignore-case' | 'exact'): boolean {
  return localPart === 'exact' ? a === b : foldAscii(a) === foldAscii(b);
}

function foldAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
