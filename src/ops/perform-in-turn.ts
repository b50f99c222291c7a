import type { Actor } from '../model/operator.js';
import type { Json } from '../shared/canonical-json.js';
import type { InTurn } from '../shared/in-turn.js';
import { type ActContext, performAct } from './acts/index.js';
import { refuse } from './acts/refuse.js';

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
    inTurn(TAKES_LONG.has(name) ? KEEPING : ACTS, async () => {
      await refuseChanged(context, actor, name);
      return performAct({ ...context, actor }, name, input);
    });
}

/**
 * Who was disabled, got another token or other roles while their command waited doesn't act any more: they could undo the
 * very thing, with a command behind the one that did it.
 * @throws UserError
 */
async function refuseChanged(context: Omit<ActContext, 'actor'>, actor: Actor, name: string): Promise<void> {
  if (actor.kind !== 'operator') return;
  const now = await context.store.operators.operator(actor.name);
  if (now !== undefined && !now.disabled && now.changedAt === actor.asOf) return;
  const reason = `${actor.name} was changed or disabled meanwhile; nothing was done`;
  await refuse({ store: context.store, actor }, name, reason);
}
