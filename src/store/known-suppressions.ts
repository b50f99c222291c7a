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
  /** Resolves to whether all of the list is remembered. */
  let isWhole: Promise<boolean> | undefined;

  const readAll = async (): Promise<boolean> => {
    // At the beginning of time nothing on it has expired, whatever the clock says by now.
    const listed = await suppressions.list(0, most + 1);
    for (const { address } of listed) maybe.add(foldAddress(address));
    return listed.length <= most;
  };
  const whole = (): Promise<boolean> => {
    isWhole ??= readAll().catch((error: unknown) => {
      isWhole = undefined;
      throw error;
    });
    return isWhole;
  };
  const remember = (addresses: readonly string[]): void => {
    for (const address of addresses) maybe.add(foldAddress(address));
    if (maybe.size <= most) return;
    maybe.clear();
    isWhole = Promise.resolve(false);
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
        if ((await whole()) && !addresses.some((address) => maybe.has(foldAddress(address)))) return [];
        return suppressions.suppressed(addresses, now);
      },
      put(suppression, events) {
        remember([suppression.address]);
        return suppressions.put(suppression, events);
      },
    },
  };
}
