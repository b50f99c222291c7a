import type { Readable } from 'node:stream';
import type { SealedBody } from '../model/message.js';
import type { BodyStore } from '../store/ports.js';

/**
 * The same plain bytes, sealed anew under a key of their own. One chunk at a time is in memory.
 * @throws StoreUnavailable, and whatever the store throws for damaged content; then nothing is left behind
 */
export async function copyBody(
  bodies: Pick<BodyStore, 'open' | 'create'>,
  body: SealedBody,
): Promise<SealedBody> {
  const writer = bodies.create();
  try {
    const stream: Readable = bodies.open(body);
    for await (const chunk of stream) {
      const bytes: unknown = chunk;
      if (!(bytes instanceof Uint8Array))
        throw new TypeError('a body stream gave something other than bytes');
      await writer.write(bytes);
    }
    return await writer.finish();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
