import type { PortalStrength } from '../../model/method.js';
import type { EnrolledBy, PortalItem, PortalSession, Proof } from '../../model/portal-item.js';
import { foldAddress } from '../../shared/fold-address.js';

/** What stands behind the second factors of a recipient; absent: it has none of that kind. */
export interface Enrolment {
  readonly totp?: EnrolledBy;
  readonly passkey?: EnrolledBy;
}

/**
 * Whether what a session has proved opens an item, by what the item's policy demands. Each level's ways are among those
 * of the levels below it, so a stricter demand never opens more:
 *
 * - `code`: any proof at all;
 * - `account`: more than the mailbox: a password, a passkey, an SMS code or the item's passphrase;
 * - `account-second-factor`: nobody who merely has the mailbox gets in, not even by enrolling a factor of his own: a
 *   passkey, or a password and a TOTP code, where an organisation's proof stood behind their enrolment; an SMS code or
 *   the item's passphrase, each together with the mailbox or a password;
 * - `shared-secret`: the item's passphrase, together with the mailbox, a password or a passkey.
 */
export function opens(
  item: Pick<PortalItem, 'id' | 'recipient' | 'strength'>,
  session: Pick<PortalSession, 'recipient' | 'proofs' | 'passphraseItems'>,
  enrolment: Enrolment,
): boolean {
  if (foldAddress(session.recipient) !== foldAddress(item.recipient)) return false;
  const passphrase = session.passphraseItems.includes(item.id);
  return reaches(item.strength, session.proofs, passphrase, enrolment);
}

function reaches(
  strength: PortalStrength,
  proofs: readonly Proof[],
  passphrase: boolean,
  enrolment: Enrolment,
): boolean {
  const has = (proof: Proof) => proofs.includes(proof);
  const first = has('mailbox') || has('password') || has('passkey');
  switch (strength) {
    case 'code':
      return first || has('device') || (passphrase && has('sms'));
    case 'account':
      return has('password') || has('passkey') || (first && (has('sms') || passphrase));
    case 'account-second-factor':
      return (
        (has('passkey') && enrolment.passkey === 'organisation') ||
        (has('password') && has('totp') && enrolment.totp === 'organisation') ||
        (first && (has('sms') || passphrase))
      );
    case 'shared-secret':
      return first && passphrase;
  }
}
