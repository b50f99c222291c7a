import type { LoadedConfig } from '../../config/load.js';
import type { StoredMessage, StoredRecipient } from '../../model/message.js';
import type { PortalItem } from '../../model/portal-item.js';
import type { BodyStore } from '../../store/ports.js';
import type { OwnMail } from '../own-mail.js';
import type { Pages } from '../pages.js';

/** What mail about an item is made with. */
export interface AfterDeps {
  readonly loaded: LoadedConfig;
  readonly bodies: Pick<BodyStore, 'seal'>;
  readonly ownMail: OwnMail;
  readonly pages: Pages;
}

/**
 * Whether the sender of a message may be told about it: a person inside the organisation's domains who submitted it
 * (replies written in the portal have its own address), and who did not ask to hear nothing (RFC 3461 4.1). Not the
 * envelope sender of mail that was redirected, which may lead back to a stranger.
 */
export function maySenderBeTold(
  { config }: Pick<LoadedConfig, 'config'>,
  message: Pick<StoredMessage, 'origin' | 'sender' | 'authors'> | undefined,
  recipient?: Pick<StoredRecipient, 'notify'>,
): boolean {
  if (message === undefined || message.origin !== 'submitted' || message.sender === '') return false;
  if (message.authors?.unsure === true) return false;
  if (recipient?.notify?.includes('NEVER') === true) return false;
  return config.organisation.domains.includes(message.sender.slice(message.sender.lastIndexOf('@') + 1));
}

/** A mail's fields that say which item it is about. */
export function aboutItem(item: Pick<PortalItem, 'id' | 'messageId'>): {
  readonly aboutMessage: string;
  readonly aboutPortalItem: string;
} {
  return { aboutMessage: item.messageId, aboutPortalItem: item.id };
}
