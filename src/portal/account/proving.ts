import { normalizeIP } from '@fastify/rate-limit';
import { type AuditEvent, auditEvent } from '../../audit/events.js';
import type { PortalAccount, PortalItem, PortalSession, Proof } from '../../model/portal-item.js';
import { foldAddress } from '../../shared/fold-address.js';
import { MOST_PASSPHRASE_TRIES, passphraseRight, takesPassphrase } from '../passphrase.js';
import { isOf, type OpenedSession, sessionWith } from '../sign-in.js';
import type { Site, Visit } from '../site.js';
import { isFresh } from '../ways/enrolling.js';
import { afterFailure, type Failures, FREE_FAILURES_OF_ALL, isLocked, unlocked } from '../ways/locking.js';
import { isRemembered } from '../ways/means.js';
import { provenCounter } from './passkeys.js';
import { openTotp, totpStep } from './totp.js';
import { countFailure, MOST_FAILURES_OF_NETWORK, type Ways } from './ways.js';

/* Each check says yes or no, never why: the reason is in the audit log. To be run by `withAccount`. */

/** Who tries, and for which item, if for one. */
export interface Attempt {
  readonly client: string;
  readonly now: number;
  readonly item?: PortalItem;
  readonly request?: Visit['request'];
  readonly session?: PortalSession;
}

/** Whether so much from this network was wrong lately that nothing of it is checked for a while. */
export function networkIsOut(ways: Ways, { client, now }: Attempt): boolean {
  return (ways.failures.get(normalizeIP(client), now) ?? 0) >= MOST_FAILURES_OF_NETWORK;
}

/** Whether the password is the account's. The same work without an account as with one. */
export async function checkPassword(
  site: Site,
  ways: Ways,
  account: PortalAccount | undefined,
  typed: string | undefined,
  attempt: Attempt,
): Promise<boolean> {
  const right = await ways.passwords.fits(account?.passwordHash, typed ?? '');
  const known = await isKnownBrowser(site, attempt, account?.recipient ?? '');
  if (account?.passwordHash === undefined)
    return refuse(site, ways, 'password', attempt, account?.recipient, 'there is no such password');
  const { recipient } = account;
  const { now } = attempt;
  const key = `${recipient}\n${known ? 'known' : normalizeIP(attempt.client)}`;
  const own = ways.tries.get(key, now) ?? { failures: 0 };
  const all = known ? undefined : (ways.triesOfAll.get(recipient, now) ?? { failures: 0 });
  if (isLocked(own, now) || (all !== undefined && isLocked(all, now)))
    return refuse(site, ways, 'password', attempt, recipient, 'the account is locked');
  if (right) {
    ways.tries.take(key, now);
    return true;
  }
  countFailure(ways, attempt.client, now);
  const ownNow = afterFailure(own, now);
  ways.tries.put(key, ownNow, now);
  const allNow = all === undefined ? undefined : afterFailure(all, now, FREE_FAILURES_OF_ALL);
  if (allNow !== undefined) ways.triesOfAll.put(recipient, allNow, now);
  const locked = [allNow, ownNow].find((one) => one !== undefined && isLocked(one, now));
  await site.portal.record([
    refusedEvent('password', attempt, recipient, 'wrong password'),
    ...(locked === undefined ? [] : [lockedEvent(attempt, recipient, locked)]),
  ]);
  return false;
}

/**
 * Whether the browser is remembered for the recipient, or has proved the mailbox a short time ago: its wrong passwords are
 * counted for themselves, so that nobody who guesses from elsewhere keeps the owner out.
 */
async function isKnownBrowser(
  site: Site,
  { request, session, now }: Attempt,
  recipient: string,
): Promise<boolean> {
  if (session !== undefined && isOf(session, recipient))
    if (session.proofs.includes('mailbox') && isFresh(session, now)) return true;
  return request !== undefined && (await isRemembered(site, { request, now }, recipient));
}

function lockedEvent({ client, now }: Attempt, recipient: string, locked: Failures): AuditEvent {
  return auditEvent('portal.account-locked', {
    recipient,
    clientAddress: client,
    until: locked.lockedUntil ?? now,
    failures: locked.failures,
  });
}

/** Whether the code is the authenticator app's, and was not used before. */
export async function checkTotp(
  site: Site,
  ways: Ways,
  account: PortalAccount | undefined,
  typed: string | undefined,
  attempt: Attempt,
): Promise<boolean> {
  const totp = account?.totp;
  if (account === undefined || totp?.confirmed !== true)
    return refuse(site, ways, 'totp', attempt, account?.recipient, 'no authenticator app is enrolled');
  if (isLocked(account, attempt.now))
    return refuse(site, ways, 'totp', attempt, account.recipient, 'the account is locked');
  const secret = openTotp(site.codeKey, account.recipient, totp.sealed);
  const step = await totpStep(secret, typed ?? '', totp.lastStep, attempt.now);
  if (step === undefined) return fail(site, ways, account, 'totp', attempt);
  // False when another request was quicker: then this code was used.
  return site.portal.putAccount({ ...unlocked(account), totp: { ...totp, lastStep: step } }, account, []);
}

/** Whether the answer to a challenge proves one of the recipient's passkeys; its counter is kept. */
export async function checkPasskey(
  site: Site,
  ways: Ways,
  credentialId: Uint8Array | undefined,
  answer: string | undefined,
  challenge: string | undefined,
  recipient: string | undefined,
  attempt: Attempt,
): Promise<boolean> {
  const passkey = credentialId === undefined ? undefined : await site.portal.passkey(credentialId);
  const no = (reason: string) => refuse(site, ways, 'passkey', attempt, recipient, reason);
  if (passkey === undefined || passkey.recipient !== foldAddress(recipient ?? ''))
    return no('unknown passkey');
  if (challenge === undefined) return no('no challenge is open');
  const counter = await provenCounter(site.settings, passkey, answer, challenge);
  if (counter === undefined) return no('the passkey was not proved');
  const use = { before: passkey.counter, counter, at: attempt.now };
  return (
    (await site.portal.usePasskey(passkey.credentialId, use, [])) || no('the passkey was used meanwhile')
  );
}

/** Whether the passphrase is the item's. After ten wrong ones it takes none. */
export async function checkPassphrase(
  site: Site,
  ways: Ways,
  attempt: Attempt & { readonly item: PortalItem },
  typed: string | undefined,
): Promise<boolean> {
  // Looked at anew: tries sent at once come one after the other.
  const item = (await site.portal.item(attempt.item.id)) ?? attempt.item;
  const no = (reason: string) => refuse(site, ways, 'passphrase', attempt, item.recipient, reason);
  if (!takesPassphrase(item)) return no('the item takes no passphrase');
  if (passphraseRight(site.codeKey, item, typed ?? '')) {
    if (item.passphraseTries > 0) await site.portal.changeItem(item.id, { passphraseTries: 0 }, [], []);
    return true;
  }
  countFailure(ways, attempt.client, attempt.now);
  const { id, messageId, recipient } = item;
  const locks = item.passphraseTries + 1 >= MOST_PASSPHRASE_TRIES;
  await site.portal.failPassphrase(id, [
    refusedEvent('passphrase', attempt, recipient, 'wrong passphrase'),
    ...(locks
      ? [
          auditEvent('portal.passphrase-locked', {
            messageId,
            recipient,
            item: id,
            clientAddress: attempt.client,
          }),
        ]
      : []),
  ]);
  return false;
}

async function refuse(
  site: Site,
  ways: Ways,
  proof: Proof,
  attempt: Attempt,
  recipient: string | undefined,
  reason: string,
): Promise<false> {
  countFailure(ways, attempt.client, attempt.now);
  await site.portal.record([refusedEvent(proof, attempt, recipient, reason)]);
  return false;
}

/** One failure more of an account's second factor, which may lock that. */
async function fail(
  site: Site,
  ways: Ways,
  account: PortalAccount,
  proof: Proof,
  attempt: Attempt,
): Promise<false> {
  countFailure(ways, attempt.client, attempt.now);
  const after = afterFailure(account, attempt.now);
  const { recipient } = account;
  const events: AuditEvent[] = [refusedEvent(proof, attempt, recipient, `wrong ${proof}`)];
  if (isLocked(after, attempt.now)) events.push(lockedEvent(attempt, recipient, after));
  if (!(await site.portal.putAccount(after, account, events))) await site.portal.record(events);
  return false;
}

function refusedEvent(
  proof: Proof,
  attempt: Attempt,
  recipient: string | undefined,
  reason: string,
): AuditEvent {
  return auditEvent('portal.proof-refused', { ...aboutAttempt(proof, attempt, recipient), reason });
}

function aboutAttempt(proof: Proof, { item, client }: Attempt, recipient: string | undefined) {
  return {
    ...(item === undefined ? {} : { messageId: item.messageId, item: item.id }),
    ...(recipient === undefined ? {} : { recipient }),
    clientAddress: client,
    proof,
  };
}

/**
 * Opens a session for what was proved, or raises the one that the browser had; undefined when that ended meanwhile.
 * @param proofs one or more, all proved in this request
 * @param chosen it was made now rather than known before: that shows no more of who it is than the session did
 */
export async function raise(
  site: Site,
  before: PortalSession | undefined,
  recipient: string,
  proofs: readonly [Proof, ...Proof[]],
  attempt: Attempt,
  chosen = false,
): Promise<OpenedSession | undefined> {
  const { now, item } = attempt;
  const events = proofs.map((proof) => auditEvent('portal.proved', aboutAttempt(proof, attempt, recipient)));
  const passphraseItem = proofs.includes('passphrase') ? item?.id : undefined;
  const { token, session } = sessionWith(
    before,
    recipient,
    proofs,
    now,
    site.config.session_lifetime,
    passphraseItem,
  );
  const opened = {
    token,
    session: { ...session, createdAt: chosen ? (before?.createdAt ?? 0) : session.createdAt },
  };
  if (before !== undefined && isOf(before, recipient)) {
    site.showing.follow(before.tokenHash, opened.session.tokenHash);
    return (await site.portal.raiseSession(before.tokenHash, opened.session, events)) ? opened : undefined;
  }
  await site.portal.openSession(opened.session, events);
  if (before !== undefined) await site.portal.closeSession(before.tokenHash, []);
  return opened;
}
