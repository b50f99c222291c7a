import { parseAddress } from '../../shared/address.js';
import { BOUNDS } from './bounds.js';

/**
 * The canonical address that a user ID names, if it names exactly one without doubt: `addr` or `Name <addr>`
 * (RFC 9580 5.11 only has a convention). Anything in which two programs could see different addresses names nobody:
 * a second @ anywhere, more brackets, control and direction characters, malformed UTF-8.
 */
export function userIdAddress(body: Uint8Array): string | undefined {
  const text = decode(body);
  if (text === undefined || AMBIGUOUS.test(text)) return undefined;
  // Other forms of @ are @ to programs that normalise.
  if (text.normalize('NFKC').split('@').length !== 2) return undefined;
  const found = /^(?:[^<>]*<([^<>]+)>|([^<>]+))$/.exec(text);
  const parsed = parseAddress(found?.[1] ?? found?.[2] ?? '');
  return parsed.ok ? parsed.mailbox.address : undefined;
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
