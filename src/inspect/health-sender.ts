import type { Config } from '../config/schema.js';
import {
  type AddressMatcher,
  addressMatcher,
  matchesAddress,
  parseAddressEntry,
} from '../shared/address-list.js';

/** One list belongs to one configuration, and is asked for every message. */
const matchers = new WeakMap<readonly string[], AddressMatcher>();

/**
 * Whether a sender's mail is health context by itself (`inspect.health_senders`), so that an identifier of a person in
 * it is `phi` without health words. The null sender never is: it says nothing of who wrote a message.
 * @param sender canonical envelope address, `''` for none
 */
export function isHealthSender(
  config: { readonly inspect: Pick<Config['inspect'], 'health_senders'> },
  sender: string,
): boolean {
  if (sender === '') return false;
  const written = config.inspect.health_senders;
  let matcher = matchers.get(written);
  if (matcher === undefined) {
    matcher = addressMatcher(written.map(parseAddressEntry).filter((entry) => entry !== undefined));
    matchers.set(written, matcher);
  }
  return matchesAddress(matcher, sender);
}

/**
 * What is probably not meant: health senders outside the organisation, for whom nobody has said that they give care.
 * One line for each entry.
 */
export function healthSenderWarnings(
  config: Pick<Config, 'organisation'> & { readonly inspect: Pick<Config['inspect'], 'health_senders'> },
): readonly string[] {
  const own = config.organisation.domains;
  return config.inspect.health_senders.flatMap((written, i): string[] => {
    const entry = parseAddressEntry(written);
    if (entry === undefined) return [];
    const at = `inspect.health_senders.${i}: ${written}`;
    if (entry.kind === 'subdomains') {
      if (own.some((domain) => domain.endsWith(`.${entry.domain}`))) return [];
      return [`${at} matches no domain under organisation.domains; a domain itself is written without *.`];
    }
    const domain =
      entry.kind === 'domain' ? entry.domain : entry.address.slice(entry.address.lastIndexOf('@') + 1);
    if (own.includes(domain)) return [];
    return [
      `${at} is not of a domain under organisation.domains: all mail of that sender counts as health care`,
    ];
  });
}
