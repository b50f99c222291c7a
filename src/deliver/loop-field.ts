import type { OutboundCopy } from '../protect/types.js';
import { LOOP_FIELD, loopToken } from '../shared/loop-token.js';

/**
 * The copy with our loop field on top, by which intake knows it should it come back. It is a trace field, as Received
 * is: signatures of what lies below it hold, and it goes on whatever is sent, by every method.
 */
export function withLoopField<Copy extends Extract<OutboundCopy, { readonly kind: 'smtp' }>>(
  copy: Copy,
  messageId: string,
  loopKey: Uint8Array,
): Copy {
  const field = Buffer.from(`${LOOP_FIELD}: ${loopToken(loopKey, messageId)}\r\n`, 'latin1');
  async function* open(): AsyncGenerator<Uint8Array> {
    yield field;
    yield* copy.open();
  }
  return { ...copy, open, size: copy.size + field.length };
}
