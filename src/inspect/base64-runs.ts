import { decodeUtf8 } from './charset.js';
import { looksLikeText } from './sniff.js';

/** At least 24 characters of base64, on one line or going on over lines. */
const RUN = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24,}(?:\r?\n[A-Za-z0-9+/]{4,})*/g;
const MAX_RUNS = 5000;

/** The texts that stand base64-encoded within a text, each on lines of its own. Empty when there are none. */
export function base64Texts(text: string): string {
  const found: string[] = [];
  let runs = 0;
  for (const match of text.matchAll(RUN)) {
    if (++runs > MAX_RUNS) break;
    const bytes = Buffer.from(match[0], 'base64');
    // The tail of a run may be cut in the middle of a character.
    for (let cut = 0; cut < 4; cut++) {
      const candidate = bytes.subarray(0, bytes.length - cut);
      if (!looksLikeText(candidate)) break;
      const decoded = decodeUtf8(candidate);
      if (decoded === undefined) continue;
      found.push(decoded);
      break;
    }
  }
  return found.join('\n');
}
