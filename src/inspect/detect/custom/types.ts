import type { Confidence, FindingClass, SafeHarborCategory } from '../../../model/inspection.js';
import type { Identifies } from '../detector.js';

/**
 * How a match is shown: stars for every letter and digit; the same but for the last four of nine or more; or nothing,
 * not even its length.
 */
export const CUSTOM_MASKS = ['all', 'last-four', 'hidden'] as const;
export type CustomMask = (typeof CUSTOM_MASKS)[number];

/**
 * A detector that a policy file defines, as it goes to the inspecting threads: plain data that was checked when the
 * policies were loaded.
 */
export interface CustomDetector {
  readonly name: string;
  readonly class: FindingClass;
  readonly safeHarbor?: SafeHarborCategory;
  readonly description: string;
  readonly identifies?: Identifies;
  /** The value alone shows health care, as a medical record number does. */
  readonly showsHealth: boolean;
  /** Patterns in Rust regex syntax; checked (`check-pattern.ts`). A group named `value` is the part that counts. */
  readonly patterns: readonly string[];
  /**
   * The entries of its dictionary, folded (`fold-words.ts`), a line feed behind each. One text and not a list: a
   * hundred thousand small strings would cost each thread several times the memory.
   */
  readonly dictionary: string;
  /** Name of a validator (`validators.ts`) that a match of a pattern must pass. */
  readonly validator?: string;
  /** Words and phrases, folded, that must (or, by `confidence`, may) stand near a match. */
  readonly context: readonly string[];
  /** Words and phrases, folded, near which a match is none. */
  readonly suppress: readonly string[];
  /** Characters before and behind a match in which both are looked for, in the same paragraph. */
  readonly window: number;
  /** Without and with a word of the context near it; without a context, `alone` counts. `ignore`: no finding. */
  readonly confidence: { readonly alone: Confidence | 'ignore'; readonly withContext: Confidence };
  readonly mask: CustomMask;
}
