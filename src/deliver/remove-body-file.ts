import type { Log } from '../ops/log.js';
import { errorCode } from '../shared/errors.js';
import type { BodyStore } from '../store/ports.js';

/**
 * Removes a sealed file whose key is forgotten. One that can't be removed is logged and left: it can't be read any more,
 * and the store removes files without a row when it opens.
 */
export async function removeBodyFile(
  deps: { readonly bodies: Pick<BodyStore, 'remove'>; readonly log: Log },
  messageId: string,
  file: string,
): Promise<void> {
  try {
    await deps.bodies.remove(file);
  } catch (error) {
    deps.log.warn({ id: messageId, code: errorCode(error) }, 'a sealed file could not be removed');
  }
}
