import { parseHeaderMailbox } from '../../intake/header-mailbox.js';
import type { ReadToSign } from './read-to-sign.js';

/**
 * The domain of the one mailbox in From: what receivers compare a signature with (RFC 7489 3.1.1). Undefined where there
 * isn't exactly one.
 */
export function fromDomain({ fields }: ReadToSign): string | undefined {
  const [from, ...more] = fields.filter((one) => one.name === 'from');
  if (from === undefined || more.length > 0) return undefined;
  const value = from.raw.slice(from.raw.indexOf(':') + 1).replaceAll('\r\n', '');
  return parseHeaderMailbox(value.replace(/^[ \t]+|[ \t]+$/g, ''))?.domain;
}

/** The keys of the domain, or of the nearest domain above it that has any. */
export function keysForDomain<T extends { readonly domain: string }>(
  keys: readonly T[],
  domain: string,
): readonly T[] {
  for (let name = domain; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const own = keys.filter((one) => one.domain === name);
    if (own.length > 0) return own;
  }
  return [];
}
