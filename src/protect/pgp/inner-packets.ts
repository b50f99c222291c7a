import { concat } from '../../keys/openpgp/cursor.js';
import type { Payload } from '../payload/types.js';
import { SealFailed } from '../seal-failed.js';
import { MESSAGE_TAG } from './packet-tags.js';
import { definiteLength } from './partial-packet.js';
import type { MessageSigner } from './signature-packets.js';

/**
 * What is encrypted: the entity as a literal data packet (RFC 9580 5.9), between the packets of a signature where there is
 * one. Not compressed: beyond how long a message is (RFC 9580 13.11), the length would tell whether it repeats what somebody else
 * could put into it; most attachments are compressed already; and compressing the rest takes longer than the cipher.
 */
export async function* innerPackets(payload: Payload, signer?: MessageSigner): AsyncGenerator<Uint8Array> {
  // Binary, no file name and no date: neither is authenticated by a signature, and both could tell something.
  const literal = Uint8Array.of('b'.charCodeAt(0), 0, 0, 0, 0, 0);
  const head = concat(
    Uint8Array.of(0xc0 | MESSAGE_TAG.literal),
    definiteLength(literal.length + payload.size),
    literal,
  );
  yield signer === undefined ? head : concat(signer.before, head);
  let left = payload.size;
  for await (const chunk of payload.open()) {
    left -= chunk.length;
    if (left < 0) throw new SealFailed('the message is longer than was said');
    signer?.update(chunk);
    yield chunk;
  }
  if (left > 0) throw new SealFailed('the message is shorter than was said');
  if (signer !== undefined) yield signer.final();
}
