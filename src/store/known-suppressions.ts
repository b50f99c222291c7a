import { foldAddress } from '../shared/fold-address.js';
import type { QueueStore, SuppressionStore } from './ports.js';

/** Addresses remembered, of some hundred bytes each. With more of them on the list each is asked for. */
const MOST = 20_000;

/** All by which an address comes on the list. */
export interface Suppressing {
  readonly queue: Pick<QueueStore, 'apply'>;
  readonly suppressions: SuppressionStore;
}

/**
 * The store, with a memory of which addresses may be on the suppression list: nearly none is, and each attempt asks. To be
 * used in place of the one given by all who put addresses on the list.
 *
 * Only one process writes the database, and it does so through this alone. Every address is remembered as soon as somebody
 * asks for it to be put on the list, before it is, and never forgotten: so one that isn't remembered isn't on the list, and
 * of any other the list itself is asked.
 */
export function knownSuppressions<S extends Suppressing>(store: S, most = MOST): S {
  const { queue, suppressions } = store;
  const maybe = new Set<string>();
  /** Too many to be remembered: from then on each is asked for. */
  let tooMany = false;
  /** Resolves when what was on the list before is remembered. */
  let reading: Promise<void> | undefined;

  const remember = (addresses: readonly string[]): void => {
    if (tooMany) return;
    for (const address of addresses) maybe.add(foldAddress(address));
    if (maybe.size <= most) return;
    tooMany = true;
    maybe.clear();
  };
  const read = (): Promise<void> => {
    // At the beginning of time nothing on it has expired, whatever the clock says by now.
    reading ??= suppressions.list(0, most + 1).then(
      (listed) => remember(listed.map(({ address }) => address)),
      (error: unknown) => {
        reading = undefined;
        throw error;
      },
    );
    return reading;
  };

  return {
    ...store,
    queue: {
      ...queue,
      apply(change, events) {
        if (change.suppress !== undefined) remember(change.suppress.map(({ address }) => address));
        return queue.apply(change, events);
      },
    },
    suppressions: {
      ...suppressions,
      async suppressed(addresses, now) {
        await read();
        if (!tooMany && !addresses.some((address) => maybe.has(foldAddress(address)))) return [];
        return suppressions.suppressed(addresses, now);
      },
      put(suppression, events) {
        remember([suppression.address]);
        return suppressions.put(suppression, events);
      },
    },
  };
}
