import { auditEvent } from '../../audit/events.js';
import type { LoadedConfig } from '../../config/load.js';
import type { PortalItem } from '../../model/portal-item.js';
import type { Clock } from '../../shared/clock.js';
import { UserError } from '../../shared/errors.js';
import type { InTurn } from '../../shared/in-turn.js';
import type { BodyStore, PortalStore, QueueStore } from '../../store/ports.js';
import { accountNotice } from '../account/changes.js';
import { withAccount } from '../account/with-account.js';
import { noticeMail } from '../notice-mail.js';
import type { OwnMail } from '../own-mail.js';
import { createPages } from '../pages.js';
import { passphraseFor } from '../passphrase.js';
import { nextLink } from './link.js';
import { nextReminderAt } from './schedule.js';

export interface OperateDeps {
  readonly loaded: () => LoadedConfig;
  readonly portal: Pick<
    PortalStore,
    'account' | 'items' | 'passkeys' | 'writtenAddress' | 'changeItem' | 'removeAccount' | 'closeSessionsOf'
  >;
  readonly queue: Pick<QueueStore, 'apply'>;
  readonly bodies: Pick<BodyStore, 'seal'>;
  readonly ownMail: OwnMail;
  /** As the portal's: at least 32 bytes, derived from the master key. */
  readonly codeKey: Uint8Array;
  /** The portal's: no sign-in going on outlives what is done here. */
  readonly inTurn: InTurn;
  readonly clock: Clock;
}

/** What operators do with open items. Each gives false, with nothing done, when the item was closed meanwhile. */
export interface PortalOperations {
  /** Gives it another end (epoch milliseconds). */
  extend(item: PortalItem, expiresAt: number, actor: string, reason: string): Promise<boolean>;
  /**
   * Sends its notice again, with a new link: the one before opens nothing any more. Where it needs a passphrase, its
   * sender gets a new one to tell.
   * @throws UserError where the sender can't be told a passphrase, or there is no portal
   */
  resend(item: PortalItem, actor: string, reason: string): Promise<boolean>;
  /**
   * Removes a recipient's account: password, second factors, passkeys, remembered browsers and sessions. Its owner is
   * told by mail, before it is done. False when there was none.
   * @throws UserError where there is no portal
   */
  resetAccount(recipient: string, actor: string): Promise<boolean>;
}

export function createPortalOperations(deps: OperateDeps): PortalOperations {
  const about = ({ messageId, recipient, id }: PortalItem) => ({ messageId, recipient, item: id });
  return {
    extend: (item, expiresAt, actor, reason) => {
      const reminders = deps.loaded().config.portal?.reminders;
      const next =
        reminders === undefined || item.state !== 'waiting'
          ? undefined
          : nextReminderAt(reminders, { createdAt: item.createdAt, expiresAt }, deps.clock.now());
      return deps.portal.changeItem(
        item.id,
        { expiresAt, nextReminderAt: next ?? null },
        [],
        [auditEvent('portal.extended', { ...about(item), actor, reason, expiresAt })],
      );
    },

    resetAccount: (recipient, actor) =>
      withAccount(deps, recipient, async () => {
        const now = deps.clock.now();
        const loaded = deps.loaded();
        const config = loaded.config.portal;
        if (config === undefined)
          throw new UserError('there is no `portal` in the configuration', { exitStatus: 2 });
        const known =
          (await deps.portal.account(recipient)) !== undefined ||
          (await deps.portal.passkeys(recipient)).length > 0;
        const reset = { recipient, actor, change: 'reset' } as const;
        if (known) {
          const site = { ...deps, loaded, config, pages: createPages([]) };
          const mail = await accountNotice(site, recipient, 'reset', now);
          await deps.queue.apply({ create: [mail] }, [
            auditEvent('portal.account-changed', { ...reset, noticeId: mail.message.id }),
          ]);
        }
        // Without an account, too, there may be sessions and remembered browsers.
        await deps.portal.closeSessionsOf(
          recipient,
          known ? [] : [auditEvent('portal.account-changed', reset)],
        );
        return deps.portal.removeAccount(recipient, []);
      }),

    // Another passphrase: it must not fall between the check of the one before and the session that it opens.
    resend: (item, actor, reason) =>
      withAccount(deps, item.recipient, async () => {
        const now = deps.clock.now();
        const loaded = deps.loaded();
        if (loaded.config.portal === undefined)
          throw new UserError('there is no `portal` in the configuration', { exitStatus: 2 });
        const made = { ...deps, loaded, pages: createPages([]) };
        const passphrase = await passphraseFor(made, item, now);
        if (passphrase.kind === 'hold')
          throw new UserError(
            `${passphrase.reason}; \`sallyport portal unlock ${item.recipient}\` makes one that you tell`,
          );
        const link = nextLink(deps.codeKey, item);
        const notice = await noticeMail(made, item, link.secret, now);
        const noticeId = notice.message.id;
        const fresh = passphrase.kind === 'made' ? passphrase : undefined;
        return deps.portal.changeItem(
          item.id,
          {
            linkHash: link.hash,
            noticeId,
            ...(fresh === undefined ? {} : { passphraseHash: fresh.hash, passphraseTries: 0 }),
          },
          [notice, ...(fresh === undefined ? [] : [fresh.mail])],
          [
            auditEvent('portal.resent', { ...about(item), actor, reason, noticeId }),
            auditEvent('notice.queued', {
              messageId: item.messageId,
              noticeId,
              kind: 'pickup-notice',
              recipient: item.recipient,
            }),
            ...(fresh?.events ?? []),
          ],
        );
      }),
  };
}
