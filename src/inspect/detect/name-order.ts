import { asciiShadow } from './ascii-shadow.js';
import type { Sighting } from './detector.js';
import {
  anyNameKind,
  FAMILY,
  GIVEN,
  hasCredential,
  isDoctor,
  isLabelledName,
  NOT,
  nameKind,
  ORDINARY,
} from './name-cues.js';
import { sighting } from './name-sighting.js';
import type { Hit } from './patterns.js';
import type { ScannedText } from './scanned-text.js';

/** Names in an order of their own: the family name first, or behind an initial. */

const NONE: readonly Sighting[] = [];

/** ROE, JANE or Roe, Jane: both words must be known, or a label must stand before. */
export function lastFirst(hit: Hit, text: ScannedText): readonly Sighting[] {
  const [family = '', given = ''] = hit.text.split(',').map((word) => plain(word.trim().split(' ')[0] ?? ''));
  const familyKind = anyNameKind(family);
  const givenKind = anyNameKind(given);
  if (((nameKind(family) | nameKind(given)) & NOT) !== 0) return NONE;
  const label = isLabelledName(text.before(hit.start, 40));
  const isGiven = (givenKind & GIVEN) !== 0;
  const known = Number(isGiven) + Number((familyKind & FAMILY) !== 0);
  if (known === 0) return NONE;
  if (known === 1 && !label && !/\bname\b/.test(text.labels(hit.start))) {
    return isGiven && family.length > 2
      ? [sighting(hit.start, hit.end, `${given} ${family}`, 'low', text)]
      : [];
  }
  return [sighting(hit.start, hit.end, `${given} ${family}`, known === 2 && label ? 'high' : 'medium', text)];
}

const BEFORE_INITIAL =
  /(?:^|\n|[:,(–—-] ?|\b(?:pts?|patient|for|of|with|re|see|saw|male|female|man|woman|mrs?|ms|miss|\d{1,3} ?(?:yo|[mf])|bed \d{1,2})\.? )$/;

/** R. Roe, but not in a list of authors. */
export function initialLast(hit: Hit, text: ScannedText): readonly Sighting[] {
  const word = /[^. \t]+$/.exec(hit.text)?.[0] ?? '';
  const family = plain(word);
  const kind = nameKind(family);
  if (word.length < 3 || word === word.toUpperCase() || (kind & GIVEN) !== 0) return NONE;
  if ((kind & (NOT | FAMILY)) === NOT) return NONE;
  // "T. R. Roe": another initial belongs to it.
  const lead = /(?:^|[^\w.])([A-Z]\. ?)$/.exec(text.text.slice(Math.max(0, hit.start - 5), hit.start))?.[1];
  const start = hit.start - (lead?.length ?? 0);
  const before = text.before(start, 44);
  if (/(?:^|[ ,&])(?:[a-z]\. ?){1,2}[a-z'-]+,? (?:and |& )?$/.test(before)) return [];
  const after = text.after(hit.end, 24);
  if (/^(?:,? et al|,? (?:and |& )?[a-z]\. ?[a-z])/.test(after)) return [];
  // "… of Fragile X. People with …" is the end of a sentence.
  if ((kind & FAMILY) === 0 && !BEFORE_INITIAL.test(before)) return NONE;
  const value = `${hit.text.charAt(0).toLowerCase()} ${family}`;
  const confidence = (anyNameKind(family) & FAMILY) !== 0 ? 'medium' : 'low';
  return isDoctor(before) || hasCredential(after)
    ? [{ start, end: hit.end, value, confidence: 'medium', ofProfessional: true }]
    : [sighting(start, hit.end, value, confidence, text)];
}

const FILED =
  /(?:^|\n|\t|\||;)[ \t>*-]{0,4}(?:\d{1,5}[a-z]?[.):]?|\d{1,2}:\d\d|bed \d+:?|rm \d+:?)?[ \t]{0,3}$|[:;,] (?:[01]\d|2[0-3]):?[0-5]\d $/;
const OF_A_REFERENCE = /^(?:\.|,? (?:and|&) |,? [a-z]{2,20}, [a-z]\b)/;

/** Roe, J: at the head of an entry in a list, and no author in a reference. */
export function lastInitial(hit: Hit, text: ScannedText): readonly Sighting[] {
  const [family = '', initial = ''] = hit.text.split(',').map((word) => plain(word.trim()));
  const kind = nameKind(family);
  if ((kind & FAMILY) === 0 || (kind & NOT) !== 0) return NONE;
  if (!FILED.test(text.before(hit.start, 20)) || OF_A_REFERENCE.test(text.after(hit.end, 28))) return NONE;
  return [sighting(hit.start, hit.end, `${initial} ${family}`, 'medium', text)];
}

/** mr roe, mrs. roe: written in haste, so only a common family name is one. */
export function titledInSmall(hit: Hit, text: ScannedText): readonly Sighting[] {
  const word = /[a-z]+$/.exec(hit.text)?.[0] ?? '';
  const kind = nameKind(word);
  // "mr" and "ms" are an image and a disease too.
  const unmistakable = /^mrs|\./i.test(hit.text);
  if ((kind & FAMILY) === 0 || (kind & NOT) !== 0 || (!unmistakable && (kind & ORDINARY) !== 0)) return NONE;
  return [sighting(hit.end - word.length, hit.end, word, 'medium', text)];
}

/** As the lists have it: small letters without marks, no point behind an initial. */
function plain(word: string): string {
  const small = asciiShadow(word).toLowerCase();
  return small.endsWith('.') ? small.slice(0, -1) : small;
}
