import type { StructureLimits } from '../limits.js';
import { LONG, type LongText, longText } from '../long-text.js';
import type { ShowsNothing } from '../quiet-text.js';
import type { About } from './about.js';

/** The long plain texts of a message, which have no view where nothing can be found in them. */
export interface LongTexts {
  readonly showsNothing: ShowsNothing;
  /**
   * The body of a leaf as a long text; undefined where it is none.
   * @param source what the body is a range of
   */
  of(
    source: Buffer,
    body: Buffer,
    about: About,
    encodings: readonly string[],
    limits: StructureLimits,
  ): LongText | undefined;
}

export function longTexts(message: Buffer, showsNothing: ShowsNothing): LongTexts {
  /** Of leaves of the message itself, which further readings of ambiguous entities come to again. */
  const known = new Map<string, LongText | undefined>();
  return {
    showsNothing,
    of(source, body, about, encodings, { max_part_text: maxText }) {
      if (body.length < LONG) return undefined;
      if (source !== message) return longText(about, body, encodings, maxText);
      const { mediaType, charsets, flowed } = about;
      const key = JSON.stringify([body.byteOffset, body.length, encodings, mediaType, charsets, flowed]);
      if (!known.has(key)) known.set(key, longText(about, body, encodings, maxText));
      return known.get(key);
    },
  };
}
