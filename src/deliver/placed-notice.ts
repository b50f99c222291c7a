import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { BodyStore } from '../store/ports.js';
import { notify } from './bounce.js';
import { dsnWanted } from './dsn-wanted.js';
import { noticeTarget } from './notice-target.js';
import type { Planned } from './planned.js';

/**
 * For a sender who asked to hear of success (NOTIFY=SUCCESS): the report that the copy of a recipient was put into the
 * portal, from where no report comes when it is opened. Its action is `relayed` (RFC 3461 5.2.2, RFC 3464 2.3.3):
 * `delivered` would be the last word, and the item may yet expire. Nothing is queued where nobody asked.
 */
export async function placedNotice(
  input: {
    readonly loaded: LoadedConfig;
    readonly bodies: Pick<BodyStore, 'seal' | 'open'>;
    readonly message: StoredMessage;
    readonly now: number;
  },
  recipient: StoredRecipient,
): Promise<Planned> {
  const isWanted = dsnWanted(noticeTarget(input.loaded.config, input.message), recipient, 'relayed');
  const { create, events } = await notify(
    input,
    isWanted ? [{ recipient, action: 'relayed', status: '2.0.0', reason: 'placed in the portal' }] : [],
  );
  return { change: { create }, events: [...events] };
}
