import { parseAddress } from './address.js';

/** A quoted character of RFC 6533 section 3: `\x{E4}` for ä. */
function quoted(character: string): string {
  return `\\x{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`;
}

/** `rfc822; a@b`, or for a non-ASCII address the ASCII form of RFC 6533 section 3 (utf-8-addr-xtext). */
export function typedAddress(address: string): string {
  const parsed = parseAddress(address);
  if (parsed.ok && !parsed.mailbox.needsSmtpUtf8) return `rfc822; ${address}`;
  return `utf-8; ${address.replace(/[^\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]/gu, quoted)}`;
}

/**
 * An original recipient of type `utf-8` with characters as they are (utf-8-addr-unitext) in the ASCII form that may stand
 * anywhere, in DSNs too (utf-8-addr-xtext, RFC 6533 section 3). Undefined when it is not well formed.
 * @param text behind `utf-8;`
 */
export function utf8AddrXtext(text: string): string | undefined {
  if (!/^(?:[\x21-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]|[^\x00-\x9f]|\\x\{[0-9A-F]{2,6}\})+$/u.test(text))
    return undefined;
  return text.replace(/[^\x00-\x7f]/gu, quoted);
}
