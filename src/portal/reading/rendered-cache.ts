import type { RenderedMessage } from '../renderer.js';

/** A page and its frame are fetched right after each other. In milliseconds. */
const KEPT_MS = 60_000;
/** Bytes, about: of all that is kept. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Messages as rendered lately, without their attachments' content, so that the page, its frame, the text and the print
 * view read a message once. It opens nothing: whoever is shown something passes the gates anew.
 */
export interface RenderedCache {
  get(itemId: string): RenderedMessage | undefined;
  put(itemId: string, message: RenderedMessage): void;
  drop(itemId: string): void;
}

export function renderedCache(keptMs = KEPT_MS, mostBytes = MOST_BYTES): RenderedCache {
  const kept = new Map<string, { message: RenderedMessage; bytes: number; end: NodeJS.Timeout }>();
  let total = 0;
  const drop = (itemId: string): void => {
    const found = kept.get(itemId);
    if (found === undefined) return;
    clearTimeout(found.end);
    kept.delete(itemId);
    total -= found.bytes;
  };
  return {
    get: (itemId) => kept.get(itemId)?.message,
    drop,
    put(itemId, message) {
      drop(itemId);
      const bytes = sizeOf(message);
      if (bytes > mostBytes) return;
      // Content doesn't stay longer than it is of use, whether or not anybody comes again.
      const end = setTimeout(() => drop(itemId), keptMs).unref();
      kept.set(itemId, { message, bytes, end });
      total += bytes;
      for (const oldest of kept.keys()) {
        if (total <= mostBytes) break;
        drop(oldest);
      }
    },
  };
}

/** Two bytes for each character, and something for the rest. */
function sizeOf({ html = '', text = '', subject, from, to, attachments }: RenderedMessage): number {
  return (
    2 * (html.length + text.length + subject.length + from.length + to.length) +
    1000 * (attachments.length + 1)
  );
}
