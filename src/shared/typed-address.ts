import { parseAddress } from './address.js';

/** `rfc822; a@b`, or for a non-ASCII address the ASCII form of RFC 6533 section 3 (utf-8-addr-xtext). */
export function typedAddress(address: string): string {
  const parsed = parseAddress(address);
  if (parsed.ok && !parsed.mailbox.needsSmtpUtf8) return `rfc822; ${address}`;
  const encoded = [...address]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      const plain =
        code > 0x20 && code < 0x7f && character !== '\\' && character !== '+' && character !== '=';
      return plain ? character : `\\x{${code.toString(16).toUpperCase()}}`;
    })
    .join('');
  return `utf-8; ${encoded}`;
}
