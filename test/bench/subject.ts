import type { RelayChoices } from './relay/choices.js';

/** What one file of this folder measures. */
export interface Subject {
  /** As it is named on the command line. */
  readonly name: string;
  /** Tables in the order in which they are ready. Rejects only when something broke, never because a figure is bad. */
  readonly run: (options: BenchOptions) => AsyncIterable<BenchTable>;
}

export interface BenchOptions {
  /** How often each contender of a comparison runs, in turn with the others. */
  readonly rounds: number;
  /** What of the subject `relay` is run; default: all. */
  readonly relay?: RelayChoices;
}

export interface BenchTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What the columns mean. */
  readonly notes: readonly string[];
}

/** In place of a figure for which a program is missing. */
export const NOT_INSTALLED = 'not installed';
