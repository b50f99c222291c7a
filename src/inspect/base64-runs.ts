import { decodeUtf8 } from './charset.js';
import { looksLikeText } from './sniff.js';

/** At least 24 characters of base64 on a line. */
const RUN = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24}[A-Za-z0-9+/]*/g;
/** The next line of a run. One line at a time: a group repeated over a whole file overflows the engine's stack. */
const NEXT_LINE = /\r?\n[A-Za-z0-9+/]{4}[A-Za-z0-9+/]*/y;
const MAX_RUNS = 5000;

/** The texts that stand base64-encoded within a text, each on lines of its own. Empty when there are none. */
export function base64Texts(text: string): string {
  const found: string[] = [];
  let runs = 0;
  RUN.lastIndex = 0;
  for (let match = RUN.exec(text); match !== null && ++runs <= MAX_RUNS; match = RUN.exec(text)) {
    let end = RUN.lastIndex;
    for (NEXT_LINE.lastIndex = end; NEXT_LINE.test(text); ) end = NEXT_LINE.lastIndex;
    RUN.lastIndex = end;
    const bytes = Buffer.from(text.slice(match.index, end), 'base64');
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
