import type { Inspection } from '../model/inspection.js';
import type { Evaluation } from './evaluate.js';
import { foldText } from './fold-text.js';
import type { Condition } from './policy-set.js';

/** What was found out of one message's content. Stays in memory: it may hold PHI. */
interface KnownContent {
  readonly evaluations: Map<Condition, Evaluation>;
  readonly folded: Map<string, string>;
}

/** Forgotten with the inspection. */
const known = new WeakMap<Inspection, KnownContent>();

function knownOf(inspection: Inspection): KnownContent {
  const before = known.get(inspection);
  if (before !== undefined) return before;
  const made: KnownContent = { evaluations: new Map(), folded: new Map() };
  known.set(inspection, made);
  return made;
}

/**
 * What comes of a condition that asks for content alone: the same for each of a message's recipients, of which there may
 * be thousands, while its Subject alone may have as many characters as a header.
 */
export function evaluatedOnce(
  condition: Condition,
  inspection: Inspection,
  evaluate: () => Evaluation,
): Evaluation {
  const { evaluations } = knownOf(inspection);
  const before = evaluations.get(condition);
  if (before !== undefined) return before;
  const evaluation = evaluate();
  evaluations.set(condition, evaluation);
  return evaluation;
}

/** `foldText` of a text of the message, which several rules may ask for. */
export function foldedOnce(inspection: Inspection, text: string): string {
  const { folded } = knownOf(inspection);
  const before = folded.get(text);
  if (before !== undefined) return before;
  const made = foldText(text);
  folded.set(text, made);
  return made;
}
