import { canonicalDomain, parseAddress } from './address.js';
import { foldAddress } from './sender-pattern.js';

/** What an entry of a list or a condition names. `<>` is the null sender. */
export type AddressEntry =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'domain'; readonly domain: string }
  /** Subdomains of the domain, not the domain itself. */
  | { readonly kind: 'subdomains'; readonly domain: string };

/** A set of addresses, domains and subdomains, ready for look-up. */
export interface AddressMatcher {
  readonly addresses: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
  readonly parents: ReadonlySet<string>;
}

/** A named list; `matcher` is undefined when its file could not be read, and then membership is unknown. */
export interface AddressList {
  readonly name: string;
  readonly matcher: AddressMatcher | undefined;
}

/** Parses `user@domain`, `domain`, `@domain`, `*.domain` or `<>`; undefined when it is none of these. */
export function parseAddressEntry(text: string): AddressEntry | undefined {
  if (text === '<>') return { kind: 'address', address: '' };
  if (text.startsWith('*.')) {
    const domain = canonicalDomain(text.slice(2));
    return domain === undefined ? undefined : { kind: 'subdomains', domain };
  }
  const bare = text.startsWith('@') ? text.slice(1) : text;
  if (!bare.includes('@')) {
    const domain = canonicalDomain(bare);
    return domain === undefined ? undefined : { kind: 'domain', domain };
  }
  const parsed = parseAddress(bare);
  return parsed.ok ? { kind: 'address', address: foldAddress(parsed.mailbox) } : undefined;
}

export function addressMatcher(entries: readonly AddressEntry[]): AddressMatcher {
  const addresses = new Set<string>();
  const domains = new Set<string>();
  const parents = new Set<string>();
  for (const entry of entries) {
    if (entry.kind === 'address') addresses.add(entry.address);
    else if (entry.kind === 'domain') domains.add(entry.domain);
    else parents.add(entry.domain);
  }
  return { addresses, domains, parents };
}

/** Whether a canonical address (`''` is the null sender) is in the set; local parts compare without ASCII case. */
export function matchesAddress(matcher: AddressMatcher, address: string): boolean {
  if (matcher.addresses.has(address.replace(/[A-Z]/g, (letter) => letter.toLowerCase()))) return true;
  if (address === '') return false;
  const domain = address.slice(address.lastIndexOf('@') + 1).toLowerCase();
  if (matcher.domains.has(domain)) return true;
  for (let dot = domain.indexOf('.'); dot >= 0; dot = domain.indexOf('.', dot + 1)) {
    if (matcher.parents.has(domain.slice(dot + 1))) return true;
  }
  return false;
}
