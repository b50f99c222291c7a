import type { CustomDetector } from '../inspect/detect/custom/types.js';
import type { Demand } from '../model/decision.js';
import type { Classification, Confidence, FindingClass, PartStatus } from '../model/inspection.js';
import type { KeySource } from '../model/key.js';
import type { Method } from '../model/method.js';
import type { AddressList, AddressMatcher } from '../shared/address-list.js';
import type { Pattern } from './pattern.js';
import type { TimeWindow } from './time-window.js';

/** Texts to compare with: within a key any may fit, of several keys all must. Lower case, NFKC. */
export interface TextTest {
  readonly contains?: readonly string[];
  readonly equals?: readonly string[];
  readonly patterns?: readonly Pattern[];
}

/** Addresses, domains and lists; any may fit. */
export interface PartyTest {
  readonly scopes: readonly ('internal' | 'external')[];
  readonly matcher: AddressMatcher;
  readonly lists: readonly AddressList[];
}

/** A compiled condition. */
export type Condition =
  | { readonly kind: 'always' }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'identity'; readonly names: readonly string[] }
  | { readonly kind: 'sender' | 'recipient'; readonly party: PartyTest }
  | { readonly kind: 'subject'; readonly text: TextTest }
  | { readonly kind: 'header'; readonly name: string; readonly exists: boolean; readonly text: TextTest }
  | { readonly kind: 'size'; readonly over?: number; readonly under?: number }
  | { readonly kind: 'attachment'; readonly names?: readonly Pattern[]; readonly types?: readonly Pattern[] }
  | { readonly kind: 'part-status'; readonly statuses: readonly PartStatus[] }
  | { readonly kind: 'ambiguity'; readonly names: readonly string[] }
  | {
      readonly kind: 'findings';
      readonly detectors?: readonly string[];
      readonly classes?: readonly FindingClass[];
      readonly classifications?: readonly Classification[];
      readonly confidence: Confidence;
      readonly atLeast: number;
    }
  | { readonly kind: 'time'; readonly window: TimeWindow };

/** An exception of a rule; it applies before `until` (epoch milliseconds, the end of its last day in UTC). */
export interface Exception {
  readonly when: Condition;
  readonly owner: string;
  /** Last day, as written. */
  readonly expires: string;
  readonly until: number;
}

export interface Rule {
  readonly id: string;
  /** `file:line`, relative to the policy folder. */
  readonly at: string;
  readonly when: Condition;
  readonly unless: readonly Exception[];
  readonly demand: Demand;
  /** The demand in words, for explanations. */
  readonly demands: readonly string[];
  readonly holdReason?: string;
  readonly rejectText?: string;
  readonly tags: readonly string[];
  readonly legacyDisplay: boolean;
  readonly notices: readonly string[];
}

/** All policy files of a folder, checked and compiled. The default demand is a rule named `default`. */
export interface PolicySet {
  readonly prefer: readonly Method[];
  readonly preferByDomain: ReadonlyMap<string, readonly Method[]>;
  /** Sources of recipients' keys, in the order in which they are asked. */
  readonly keySources: readonly KeySource[];
  readonly keySourcesByDomain: ReadonlyMap<string, readonly KeySource[]>;
  readonly rules: readonly Rule[];
  /** Those that the files define. */
  readonly detectors: readonly CustomDetector[];
  /** SHA-256 (hex) over the canonical content of all files, lists and dictionaries included. */
  readonly hash: string;
}
