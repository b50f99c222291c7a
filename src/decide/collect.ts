import { giveAway } from '../shared/give-away.js';

/** Bytes of a body whose chunks would become much garbage while they are collected. */
const LARGE = 1024 * 1024;

/**
 * All bytes of a body. The chunks of the stream are nobody else's; their memory may be given back.
 * @throws when there are fewer than its row says, or what the stream throws
 */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
  size: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(size);
  let at = 0;
  for await (const chunk of stream) {
    bytes.set(chunk, at);
    at += chunk.length;
    if (size >= LARGE) giveAway(chunk);
  }
  if (at !== size) throw new Error('the stored content is shorter than its row says');
  return bytes;
}
