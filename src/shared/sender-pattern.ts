import { canonicalDomain, type Mailbox, parseAddress } from './address.js';

/** What an identity may send as: one address, or every address of a domain (not of its subdomains). */
export type SenderPattern =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'domain'; readonly domain: string };

/** Parses `user@domain`, `@domain` or `domain`; undefined when it is none of these. */
export function parseSenderPattern(text: string): SenderPattern | undefined {
  if (text.lastIndexOf('@') <= 0) {
    const domain = canonicalDomain(text.replace('@', ''));
    return domain === undefined ? undefined : { kind: 'domain', domain };
  }
  // A legal address, but whoever writes it means a wildcard, and there is none.
  if (text.includes('*')) return undefined;
  const parsed = parseAddress(text);
  return parsed.ok ? { kind: 'address', address: foldAddress(parsed.mailbox) } : undefined;
}

/** Whether the mailbox is within any of the patterns; local parts compare ASCII-case-insensitively. */
export function senderAllowed(patterns: readonly SenderPattern[], mailbox: Mailbox): boolean {
  return patterns.some((pattern) =>
    pattern.kind === 'domain' ? pattern.domain === mailbox.domain : pattern.address === foldAddress(mailbox),
  );
}

/** The address with ASCII letters of its local part in lower case, for comparing. */
export function foldAddress(mailbox: Mailbox): string {
  return mailbox.address.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
