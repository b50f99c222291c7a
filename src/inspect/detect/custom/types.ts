import type { Confidence, FindingClass, SafeHarborCategory } from '../../../model/inspection.js';
import type { Identifies } from '../detector.js';

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
  /** Patterns in Rust regex syntax; checked. */
  readonly patterns: readonly string[];
  /** Words and phrases of its dictionaries, as they stand in the policy. */
  readonly terms: readonly string[];
  /** Name of a validator (`validators.ts`) that a match must pass. */
  readonly validator?: string;
  /** Words that must (or, by `confidence`, may) stand near a match. */
  readonly context: readonly string[];
  /** Words near a match that speak against it. */
  readonly suppress: readonly string[];
  /** Characters before and after a match in which context and suppressing words are looked for. */
  readonly window: number;
  /** Without and with a word of the context near it. `ignore`: no finding without. */
  readonly confidence: { readonly alone: Confidence | 'ignore'; readonly withContext: Confidence };
}
