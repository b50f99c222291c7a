import type { RecipientState, StoredRecipient } from '../model/message.js';
import { foldAddress } from '../shared/fold-address.js';
import { LOOP_FIELD, readLoopToken } from '../shared/loop-token.js';
import type { HeaderField } from './header-block.js';
import { type Refusal, refusal } from './reply.js';

/** What finding circles needs. */
interface CircleDeps {
  /** Key of the loop fields. */
  readonly loopKey: Uint8Array;
  readonly queue: {
    recipients(messageId: string): Promise<readonly Pick<StoredRecipient, 'address' | 'state'>[]>;
  };
}

/** The message reached the recipient, or may have: an attempt that is under way is still `pending`. */
const HAS_IT: readonly RecipientState[] = ['pending', 'delivered', 'in-portal', 'picked-up'];

/** Loop fields looked at, from the top: the newest stand there. A header may hold thousands that somebody made up. */
const MAX_FIELDS = 50;
/** Times that one message may pass for ever new recipients; groups that contain groups need a few. */
const MAX_PASSES = 10;

const CAME_BACK = refusal(
  'body',
  554,
  '5.4.6',
  'This relay has sent this message to this recipient before and it came back: a connector or a forwarding rule sends our own mail to us',
);
const TOO_OFTEN = refusal(
  'body',
  554,
  '5.4.6',
  'This message has passed this relay too often: a connector or a forwarding rule sends our own mail to us',
);

/**
 * Whether a message goes in circles (RFC 5321 6.3): its header has a loop field of ours, made for a message that went to
 * one of the same recipients. To other recipients it may pass again, as mail that somebody redirects, or that a group
 * hands on, does. So whoever puts the field of mail that they received into other mail has that refused only where it
 * goes back to themselves. Nobody else's field counts at all.
 * @returns the refusal, with our ID of the message that came back
 * @throws StoreUnavailable when it can't be known; then the message must wait
 */
export async function goesInCircles(
  fields: readonly HeaderField[],
  recipients: readonly Pick<StoredRecipient, 'address'>[],
  deps: CircleDeps,
): Promise<{ readonly refusal: Refusal; readonly earlier: string } | undefined> {
  const name = LOOP_FIELD.toLowerCase();
  const ids = new Set<string>();
  for (const field of fields.filter((one) => one.name === name).slice(0, MAX_FIELDS)) {
    const id = readLoopToken(deps.loopKey, field.value);
    if (id !== undefined) ids.add(id);
  }
  const [newest] = ids;
  if (newest === undefined) return undefined;
  if (ids.size >= MAX_PASSES) return { refusal: TOO_OFTEN, earlier: newest };
  const now = new Set(recipients.map((one) => foldAddress(one.address)));
  for (const earlier of ids) {
    const sent = await deps.queue.recipients(earlier);
    if (sent.some((one) => HAS_IT.includes(one.state) && now.has(foldAddress(one.address))))
      return { refusal: CAME_BACK, earlier };
  }
  return undefined;
}
