import type { Confidence, FindingClass, SafeHarborCategory } from '../../model/inspection.js';
import type { CluedPattern } from './clue.js';
import type { Hit } from './patterns.js';
import type { ScannedText } from './scanned-text.js';

/** What documentation and policies know of a detector. `name` is a public contract: policies are written with it. */
export interface DetectorInfo {
  readonly name: string;
  readonly class: FindingClass;
  readonly safeHarbor?: SafeHarborCategory;
  readonly description: string;
  /** The public document behind the format and its rules. */
  readonly source: string;
  /** What it sees is a text as a whole, so there is no value to mask. */
  readonly ofWholeText?: true;
}

/** One value a detector saw in a text. Offsets are UTF-16 code units. */
export interface Sighting {
  readonly start: number;
  readonly end: number;
  readonly confidence: Confidence;
  /** The same for every way of writing the same value: what fingerprints and distinct counts are made of. */
  readonly value: string;
  /** In place of what the detector's `mask` would make of the matched text. Holds nothing of it. */
  readonly masked?: string;
  /** The text around says that this belongs to a patient, and not to whoever signs a mail. */
  readonly ofPatient?: boolean;
  /** The value alone shows health care, as a medical record number does. */
  readonly showsHealth?: boolean;
  /** The text around names this person as one who gives care, not as one who receives it. */
  readonly ofProfessional?: boolean;
  /** Low confidence only for want of a label: the form is rare enough that health words beside it say what it is. */
  readonly rareForm?: boolean;
}

/**
 * How much a detector's finding says about who the person is:
 * - `person`: names one person by itself (a social security number, a date of birth);
 * - `contact`, `name`, `date`: does so only where the text says it is a patient's;
 * - `professional`: names a person as a provider of care, not as its receiver.
 */
export type Identifies = 'person' | 'contact' | 'name' | 'date' | 'professional';

export interface Detector {
  readonly info: DetectorInfo;
  readonly identifies?: Identifies;
  /**
   * Patterns in Rust regex syntax, every repeat bounded. One without a clue is run over the whole text, which costs
   * some milliseconds for each megabyte.
   */
  readonly patterns: readonly (string | CluedPattern)[];
  /** Judges texts without hits of its patterns too, because it has a search of its own. */
  readonly unasked?: true;
  /** Judges the hits of its patterns (all patterns' together, in text order for each pattern). */
  readonly judge: (hits: readonly Hit[], text: ScannedText) => readonly Sighting[];
  /** A form of the matched text that shows at most its last four characters. */
  readonly mask: (matched: string) => string;
}
