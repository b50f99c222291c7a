import { createHmac, randomBytes } from 'node:crypto';

/** Texts of images that were recognised before, such as logos in signatures. */
export interface OcrCache {
  /** @param digest SHA-256 of the image, hex */
  get(digest: string): string | undefined;
  set(digest: string, text: string): void;
}

const MAX_ENTRIES = 5000;
const MAX_CHARACTERS = 8 * 1024 * 1024;

/**
 * Keeps what was used last, bounded. Images are known by a keyed hash, with a key that ends with this process: nobody
 * can ask a copy of the memory whether a certain image was sent.
 */
export function createOcrCache(): OcrCache {
  const key = randomBytes(32);
  const texts = new Map<string, string>();
  let characters = 0;
  const keyed = (digest: string) => createHmac('sha256', key).update(digest).digest('base64');
  return {
    get(digest) {
      const name = keyed(digest);
      const text = texts.get(name);
      if (text === undefined) return undefined;
      texts.delete(name);
      texts.set(name, text);
      return text;
    },
    set(digest, text) {
      const name = keyed(digest);
      if (texts.has(name) || text.length > MAX_CHARACTERS / 16) return;
      texts.set(name, text);
      characters += text.length;
      for (const [oldest, its] of texts) {
        if (texts.size <= MAX_ENTRIES && characters <= MAX_CHARACTERS) break;
        texts.delete(oldest);
        characters -= its.length;
      }
    },
  };
}
