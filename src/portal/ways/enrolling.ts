import type { EnrolledBy, PortalSession } from '../../model/portal-item.js';
import { type Enrolment, opens } from './proofs.js';

type Proven = Pick<PortalSession, 'recipient' | 'proofs' | 'passphraseItems'>;

/**
 * What would stand behind a second factor that is enrolled in this session: the organisation, where the session would
 * open an item that demands a second factor (a passphrase told by telephone, a code of the organisation's gateway, or a
 * factor that the organisation stood behind); else merely the mailbox.
 */
export function standsBehind(session: Proven, enrolment: Enrolment): EnrolledBy {
  const opensOne = ['', ...session.passphraseItems].some((id) =>
    opens({ id, recipient: session.recipient, strength: 'account-second-factor' }, session, enrolment),
  );
  return opensOne ? 'organisation' : 'mailbox';
}

/**
 * Whether a session may change password and second factors. Whoever has only got hold of something weaker than what
 * guards the account must not replace that:
 *
 * - a factor that the organisation stood behind: only with as much again;
 * - a factor of the recipient's own: with it, or with an organisation's proof;
 * - a password: with it;
 * - nothing yet: with the mailbox.
 */
export function mayChangeAccount(session: Proven, enrolment: Enrolment, hasPassword: boolean): boolean {
  if (standsBehind(session, enrolment) === 'organisation') return true;
  const { proofs } = session;
  if (enrolment.totp === 'organisation' || enrolment.passkey === 'organisation') return false;
  if (enrolment.totp !== undefined || enrolment.passkey !== undefined)
    return (
      (enrolment.passkey !== undefined && proofs.includes('passkey')) ||
      (enrolment.totp !== undefined && proofs.includes('password') && proofs.includes('totp'))
    );
  return proofs.includes('password') || (!hasPassword && proofs.includes('mailbox'));
}

/** How long a proof stays fresh enough to change the account, in milliseconds. */
export const FRESH_MS = 10 * 60_000;

/** Whether something was proved a short time ago: a session left open somewhere changes nothing. */
export function isFresh(session: Pick<PortalSession, 'createdAt'>, now: number): boolean {
  return now - session.createdAt <= FRESH_MS;
}
