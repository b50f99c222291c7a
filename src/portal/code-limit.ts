import type { PortalItem } from '../model/portal-item.js';
import type { Site } from './site.js';

const HOUR = 3_600_000;
/** Codes for all messages of one recipient, as a multiple of those for one message. */
const CODES_OF_RECIPIENT = 4;

/**
 * Whether an item had its codes for this hour, or its recipient for all items together, by whatever way they went.
 * @throws StoreUnavailable
 */
export async function hadItsCodes(
  { config, portal }: Pick<Site, 'config' | 'portal'>,
  item: PortalItem,
  now: number,
): Promise<boolean> {
  const since = now - HOUR;
  return (
    (await portal.codesIssuedSince(item.id, since)) >= config.codes_per_hour ||
    (await portal.codesIssuedToSince(item.recipient, since)) >= CODES_OF_RECIPIENT * config.codes_per_hour
  );
}
