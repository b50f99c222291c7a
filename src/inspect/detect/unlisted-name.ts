import { personName } from './detectors/person-name.js';
import { FAMILY, FIELD, INSTITUTION, NOT, nameKind } from './name-cues.js';
import { isOfPatient } from './patient-cue.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';

/** Endings of words of a heading, or of an institution's name, that no list of names has. */
const ORDINARY_ENDING =
  /(?:[st]ions?|ments?|ings?|ity|(?<!gui|hark|mag)ness|[ae]nces?|ical|ology|logi(?:cal|es)|graphy|metry|scopy|(?<!qu)ists?|ous|ship|[ai]ble|ful|less|ably|ally|ary|ories|[gst]ory|memory|theory|tives?|ism|itis|osis|emia|(?:[cdlmnrt]|ph|gi)oma|ectomy|therapy|ware|work|ogy|ics|ated|ized|ants|ents|eria|idae|plasma|(?:salmon|legion|bruc|rub|varic|klebsi|prevot|umbr|citron|pat|shig|bordet|pasteur|morax|king|francis|veillon|barton|cox[ie]|chlor|nov)ella)$/;

/** Whether a word in small letters isn't part of a name, as far as lists and endings say. */
export function isNoName(word: string): boolean {
  const kind = nameKind(word);
  if ((kind & (NOT | INSTITUTION | FIELD)) !== 0) return (kind & FAMILY) === 0;
  return kind === 0 && ORDINARY_ENDING.test(word);
}

/** A name that no list has, as a span of the detector of names. */
export function unlistedName(
  scanned: ScannedText,
  start: number,
  end: number,
  value: string,
  confidence: 'low' | 'medium',
): Span {
  return {
    detector: personName,
    start,
    end,
    value,
    confidence,
    masked: undefined,
    ofPatient: isOfPatient(scanned, start, end),
    showsHealth: undefined,
    ofProfessional: undefined,
    rareForm: undefined,
  };
}
