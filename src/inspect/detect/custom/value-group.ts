import { RRegex } from 'rregex';
import type { Hit } from '../patterns.js';

/** Name of the group that is the part of a match that counts. */
const VALUE_GROUP = 'value';

/** Narrows the hits of one pattern to the group of that name. */
export interface ValueGroup {
  readonly narrow: (hit: Hit, text: string, shadow: string) => Hit;
  readonly dispose: () => void;
}

/** Undefined for a pattern without such a group. */
export function valueGroup(source: string): ValueGroup | undefined {
  const pattern = new RRegex(source);
  if (!pattern.captureNames().includes(VALUE_GROUP)) {
    pattern.free();
    return undefined;
  }
  return {
    narrow: (hit, text, shadow) => {
      // A character around, because a word's boundary may be asked for at both ends; without the one in front where the
      // match before it reached so far.
      for (const from of [Math.max(0, hit.start - 1), hit.start]) {
        const captures = pattern.captures(shadow.slice(from, hit.end + 1));
        const value = captures?.name[VALUE_GROUP];
        if (captures?.get[0]?.start !== hit.start - from || value === undefined) continue;
        const start = from + value.start;
        const end = from + value.end;
        if (end > start) return { start, end, text: text.slice(start, end) };
      }
      // The group took no part in this match: all of it counts.
      return hit;
    },
    dispose: () => pattern.free(),
  };
}
