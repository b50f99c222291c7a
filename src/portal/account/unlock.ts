import { auditEvent } from '../../audit/events.js';
import type { InTurn } from '../../shared/in-turn.js';
import type { PortalStore } from '../../store/ports.js';
import { newPassphrase, passphraseHash } from '../passphrase.js';
import { unlocked } from '../ways/locking.js';
import { withAccount } from './with-account.js';

/** What came of it; the passphrase is shown once and kept nowhere. */
export interface Unlocked {
  /** For every open message that asks for more than a code; absent: there is none. */
  readonly passphrase?: string;
  readonly items: number;
  readonly wasLocked: boolean;
}

const MOST_ITEMS = 10_000;

/**
 * Lets a recipient in again whom the organisation has recognised by telephone: the account is not locked any more, and
 * one new passphrase opens, beside the mailbox, whatever waits for that recipient and asks for more than a code. In such a
 * session lost second factors can be replaced.
 */
export function unlockRecipient(
  deps: {
    readonly portal: PortalStore;
    readonly codeKey: Uint8Array;
    /** The portal's: a sign-in going on ends before, with the failures that it counts, or begins after. */
    readonly inTurn: InTurn;
  },
  recipient: string,
  actor: string,
): Promise<Unlocked> {
  return withAccount(deps, recipient, () => unlock(deps, recipient, actor));
}

async function unlock(
  { portal, codeKey }: { readonly portal: PortalStore; readonly codeKey: Uint8Array },
  recipient: string,
  actor: string,
): Promise<Unlocked> {
  const open = await portal.items({ recipient, states: ['waiting', 'picked-up'], limit: MOST_ITEMS });
  const passphrase = newPassphrase();
  let items = 0;
  for (const { id, messageId, strength } of open) {
    const hash = passphraseHash(codeKey, id, passphrase);
    if (strength === 'code' || hash === undefined) continue;
    const changed = await portal.changeItem(
      id,
      { passphraseHash: hash, passphraseTries: 0 },
      [],
      [auditEvent('portal.passphrase-made', { messageId, recipient, item: id, actor })],
    );
    if (changed) items++;
  }
  const event = auditEvent('portal.unlocked', { recipient, actor, items });
  const account = await portal.account(recipient);
  const wasLocked = account !== undefined && account.failures > 0;
  if (!wasLocked || !(await portal.putAccount(unlocked(account), account, [event])))
    await portal.record([event]);
  return { ...(items === 0 ? {} : { passphrase }), items, wasLocked };
}
