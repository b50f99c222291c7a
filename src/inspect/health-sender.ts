import type { Config } from '../config/schema.js';
import type { Authors } from '../model/message.js';
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
 * it is `phi` without health words. One of several who wrote it is enough. The null sender never is: it says nothing of
 * who wrote a message. Where nobody can tell who did, it could be one.
 * @param message its canonical envelope sender (`''` for none), and who wrote it beside that
 */
export function isHealthSender(
  config: { readonly inspect: Pick<Config['inspect'], 'health_senders'> },
  message: { readonly sender: string; readonly authors?: Authors },
): boolean {
  const written = config.inspect.health_senders;
  const { sender, authors } = message;
  if (authors?.unsure === true) return written.length > 0;
  const senders = [...(sender === '' ? [] : [sender]), ...(authors?.addresses ?? [])];
  if (senders.length === 0) return false;
  let matcher = matchers.get(written);
  if (matcher === undefined) {
    matcher = addressMatcher(written.map(parseAddressEntry).filter((entry) => entry !== undefined));
    matchers.set(written, matcher);
  }
  const health = matcher;
  return senders.some((one) => matchesAddress(health, one));
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
