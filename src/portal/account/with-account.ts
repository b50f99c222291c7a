import { foldAddress } from '../../shared/fold-address.js';
import type { InTurn } from '../../shared/in-turn.js';

/**
 * Runs what looks at an account and then changes it, or a session by it, one after the other: a factor that is being
 * removed lets nobody in meanwhile, and tries sent at once are counted one by one.
 */
export function withAccount<T>(
  site: { readonly inTurn: InTurn },
  recipient: string,
  task: () => Promise<T>,
): Promise<T> {
  return site.inTurn(`account\n${foldAddress(recipient)}`, task);
}
