import type { Actor } from '../model/operator.js';
import type { Json } from '../shared/canonical-json.js';
import type { InTurn } from '../shared/in-turn.js';
import { type ActContext, performAct } from './acts/index.js';

/** Commands that work on everything that is stored, one at a time. */
const TAKES_LONG: ReadonlySet<string> = new Set(['backup', 'keys rotate-master']);

/** What runs in these turns runs alone: operators' commands, and those that take long. */
export const ACTS = 'acts';
export const KEEPING = 'keeping';

export type PerformAs = (actor: Actor, name: string, input: unknown) => Promise<Json>;

/** One command at a time: each looks at what is there and then changes it. */
export function performInTurn(context: Omit<ActContext, 'actor'>, inTurn: InTurn): PerformAs {
  return (actor, name, input) =>
    // What takes long must not keep held mail from being released; a backup wants one master key.
    inTurn(TAKES_LONG.has(name) ? KEEPING : ACTS, () => performAct({ ...context, actor }, name, input));
}
