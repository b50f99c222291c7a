import type { PortalAccountChange } from '../../audit/events/portal-events.js';
import { auditEvent } from '../../audit/events.js';
import type { EnrolledBy, PortalSession, Proof } from '../../model/portal-item.js';
import type { BodyStore, NewMessage, PortalStore } from '../../store/ports.js';
import { newSecret, secretHash } from '../../web/secrets.js';
import { brandForRecipient } from '../brand.js';
import { mailText, oneLine } from '../notice.js';
import type { OpenedSession } from '../sign-in.js';
import type { SessionVisit, Site } from '../site.js';
import { texts } from '../texts.js';
import { timeText } from '../time-text.js';
import { withAccount } from './with-account.js';

/** A change that the account's owner is told of. */
export type ToldChange = Exclude<PortalAccountChange, 'device-remembered' | 'device-forgotten'>;

/** The mail that tells the owner what changed, and how to say that it was somebody else. */
export async function accountNotice(
  site: Pick<Site, 'loaded' | 'config' | 'pages' | 'ownMail'> & {
    readonly portal: Pick<PortalStore, 'account' | 'items' | 'writtenAddress'>;
    readonly bodies: Pick<BodyStore, 'seal'>;
  },
  recipient: string,
  change: ToldChange,
  now: number,
): Promise<NewMessage> {
  const { config } = site.loaded;
  const language = await languageOf(site, recipient);
  const brand = await brandForRecipient(config, site.portal, recipient);
  const organisation = oneLine(brand.name);
  const t = texts(language);
  return site.ownMail(
    {
      origin: 'account-notice',
      envelopeFrom: '',
      headerFrom: { name: brand.name, address: site.config.sender },
      to: await mailAddress(site.portal, recipient),
      ...mailText(
        site.pages,
        { language, brand },
        {
          subject: t('account-mail.subject', { organisation }),
          paragraphs: [t(`account-mail.${change}`, { recipient, time: timeText(now, language) })],
          after: [t('account-mail.not-you', { organisation, postmaster: brand.postmaster })],
        },
      ),
      now,
      hostname: config.hostname,
      lifetimeMs: config.delivery.lifetime,
    },
    site.bodies,
  );
}

/** Where mail to a recipient goes: the address as it was first written, because not every server folds it. */
export async function mailAddress(
  portal: Pick<PortalStore, 'writtenAddress'>,
  recipient: string,
): Promise<string> {
  return (await portal.writtenAddress(recipient)) ?? recipient;
}

/** The language of mail to a recipient: that of the account, else as configured. */
export async function languageOf(
  site: Pick<Site, 'config'> & { readonly portal: Pick<PortalStore, 'account'> },
  recipient: string,
): Promise<string> {
  const own = (await site.portal.account(recipient))?.language;
  const domain = recipient.slice(recipient.lastIndexOf('@') + 1);
  return own ?? site.config.language_by_domain[domain] ?? site.config.language;
}

/** Queues the notice with the event, before the change itself: no change goes unnoticed, whenever the relay may stop. */
export async function announce(
  site: Site,
  recipient: string,
  clientAddress: string,
  change: ToldChange,
  now: number,
  enrolledBy?: EnrolledBy,
): Promise<void> {
  const mail = await accountNotice(site, recipient, change, now);
  await site.queue.apply({ create: [mail] }, [
    auditEvent('portal.account-changed', {
      recipient,
      clientAddress,
      change,
      ...(enrolledBy === undefined ? {} : { enrolledBy }),
      noticeId: mail.message.id,
    }),
  ]);
  site.onQueued();
}

/**
 * Changes an account: tells its owner, ends all its sessions and forgets its devices, does the change, and gives the
 * visitor a new session with the proofs that still hold. A session of before would count what it proved with an old
 * factor as proved with the new one.
 * @param act does the change; false: it is not possible any more
 * @returns undefined when nothing is left that the visitor has proved, or the session had ended meanwhile
 */
export function changeAccount(
  site: Site,
  visit: SessionVisit,
  change: { readonly kind: ToldChange; readonly enrolledBy?: EnrolledBy },
  proofsAfter: (proofs: readonly Proof[]) => readonly Proof[],
  act: () => Promise<boolean>,
): Promise<OpenedSession | undefined> {
  const { session, client, now } = visit;
  const { recipient } = session;
  return withAccount(site, recipient, async () => {
    if ((await site.portal.session(session.tokenHash, site.clock.now())) === undefined) return undefined;
    await announce(site, recipient, client, change.kind, now, change.enrolledBy);
    await site.portal.closeSessionsOf(recipient, []);
    const done = await act();
    const proofs = done ? proofsAfter(session.proofs) : session.proofs;
    if (!proofs.some((proof) => proof !== 'totp' && proof !== 'sms' && proof !== 'passphrase'))
      return undefined;
    const opened = successor(session, [...new Set(proofs)]);
    await site.portal.openSession(opened.session, []);
    return opened;
  });
}

/** The session in its next form: another token, neither younger nor longer. */
function successor(session: PortalSession, proofs: readonly Proof[]): OpenedSession {
  const token = newSecret();
  const tokenHash = secretHash(token);
  if (tokenHash === undefined) throw new Error('a new secret has no hash');
  return { token, session: { ...session, tokenHash, proofs } };
}
