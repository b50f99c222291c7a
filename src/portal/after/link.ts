import { createHmac } from 'node:crypto';
import type { PortalItem } from '../../model/portal-item.js';
import { newSecret, sameBytes, secretHash } from '../../web/secrets.js';

/** So many links are made for an item one after the other before they are drawn at random. */
const MOST_LINKS = 100;

/**
 * The secret of an item's link: HMAC-SHA-256 under a key derived from the master key, as 43 characters of base64url. It
 * can't be told from random ones, and only its hash is stored; but whoever holds the key, and with it all content, can
 * make it again, so that a reminder leads to the item without ending the link of the notice before.
 * @param key as the portal's `codeKey`: at least 32 bytes
 * @param generation 0 for the first link of the item; each `portal resend` makes the next
 */
export function linkSecret(key: Uint8Array, itemId: string, generation: number): string {
  return createHmac('sha256', key).update(`link\n${itemId}\n${generation}`).digest('base64url');
}

export interface Link {
  readonly secret: string;
  readonly hash: Uint8Array;
}

/** The first link of an item. */
export function firstLink(key: Uint8Array, itemId: string): Link {
  return linkOf(linkSecret(key, itemId, 0));
}

/** The link that leads to an item now; undefined when it was drawn at random. */
export function currentLink(
  key: Uint8Array,
  item: Pick<PortalItem, 'id' | 'linkHash'>,
): (Link & { readonly generation: number }) | undefined {
  for (let generation = 0; generation < MOST_LINKS; generation++) {
    const link = linkOf(linkSecret(key, item.id, generation));
    if (sameBytes(link.hash, item.linkHash)) return { ...link, generation };
  }
  return undefined;
}

/** Another link in place of the one that leads to the item now. */
export function nextLink(key: Uint8Array, item: Pick<PortalItem, 'id' | 'linkHash'>): Link {
  const current = currentLink(key, item);
  return current === undefined || current.generation + 1 >= MOST_LINKS
    ? linkOf(newSecret())
    : linkOf(linkSecret(key, item.id, current.generation + 1));
}

function linkOf(secret: string): Link {
  const hash = secretHash(secret);
  if (hash === undefined) throw new Error('a new secret has no hash');
  return { secret, hash };
}
