import { z } from 'zod';
import type { PortalItem } from '../model/portal-item.js';
import type { Json } from '../shared/canonical-json.js';
import { printable, printLine, printTime } from './print.js';

/** One item as JSON; field names are a contract. The hashes of its link and passphrase are nobody's business. */
export function itemJson(item: PortalItem): Json {
  return {
    id: item.id,
    messageId: item.messageId,
    recipientIndex: item.recipientIndex,
    recipient: item.recipient,
    sender: item.sender,
    createdAt: item.createdAt,
    expiresAt: item.expiresAt,
    state: item.state,
    ...(item.firstReadAt === undefined ? {} : { firstReadAt: item.firstReadAt }),
    strength: item.strength,
    passphrase: item.passphraseHash !== undefined,
    passphraseTries: item.passphraseTries,
    ...(item.body === undefined ? {} : { size: item.body.size }),
    receipt: item.receipt,
    language: item.language,
    reminders: item.reminders,
    ...(item.state !== 'waiting' || item.nextReminderAt === undefined
      ? {}
      : { nextReminderAt: item.nextReminderAt }),
  };
}

export const ITEM_COLUMNS = ['item', 'message', 'recipient', 'state', 'created', 'first read', 'expires'];

/** The cells of `portal list`. */
export function itemRow(item: PortalItem): readonly string[] {
  return [
    item.id,
    item.messageId,
    item.recipient,
    item.state,
    printTime(item.createdAt),
    printTime(item.firstReadAt),
    printTime(item.expiresAt),
  ];
}

/** One item in plain words. */
export function showItem(item: PortalItem, mostTries: number): void {
  const waiting = item.state === 'waiting';
  const lines = [
    `${item.id}  ${item.state}, for ${item.recipient}`,
    `  message ${item.messageId} from ${item.sender === '' ? '<>' : item.sender}`,
    `  placed ${printTime(item.createdAt)}, ${item.state === 'expired' ? 'ended' : 'ends'} ${printTime(item.expiresAt)}`,
    item.firstReadAt === undefined ? '  not read' : `  first read ${printTime(item.firstReadAt)}`,
    `  asks for: ${item.strength}`,
    ...(item.passphraseHash === undefined
      ? []
      : [
          item.passphraseTries >= mostTries
            ? `  passphrase: locked after ${item.passphraseTries} wrong tries`
            : `  passphrase: ${item.passphraseTries} wrong tries`,
        ]),
    item.body === undefined ? '  content: none of its own' : `  content: ${item.body.size} bytes`,
    `  receipt: ${item.receipt}`,
    `  reminders: ${item.reminders}${waiting && item.nextReminderAt !== undefined ? `, next due ${printTime(item.nextReminderAt)}` : ''}`,
  ];
  for (const line of lines) printLine(printable(line));
}

/** What came of a command about items. */
export const changedItems = z.object({
  items: z.array(
    z.object({
      item: z.string(),
      recipient: z.string(),
      firstReadAt: z.number().optional(),
      wasRead: z.boolean().optional(),
      expiresAt: z.number().optional(),
    }),
  ),
  /** What nothing was done with, and why. */
  left: z.array(z.object({ item: z.string(), recipient: z.string(), reason: z.string() })).optional(),
});
