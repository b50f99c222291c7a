import { COPY_AS_IT_CAME, type StoredMessage, type StoredRecipient } from '../model/message.js';
import { oneByOne } from './apply-plans.js';
import { byMethod, type Underway } from './by-method.js';
import { holdAll } from './hold.js';
import type { JobDeps } from './job-deps.js';
import { methodProblem } from './permit.js';
import type { Planned } from './planned.js';
import { reportOutcome } from './report-outcome.js';

/** Sends to recipients with one method, each group the copy that is for it. Whose method isn't permitted is held. */
export async function attempt(
  deps: JobDeps,
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  underway: Underway,
): Promise<readonly Planned[]> {
  const held = recipients.flatMap((recipient) => {
    const problem = methodProblem(recipient);
    return problem === undefined ? [] : [{ recipient, reason: `not sent, because ${problem}` }];
  });
  const loaded = deps.loaded();
  const { bodies } = deps;
  const now = deps.clock.now();
  const plans: Planned[] = [];
  if (held.length > 0) {
    for (const { recipient, reason } of held) reportOutcome(deps, message, recipient, 'held', reason);
    plans.push(await holdAll({ loaded, bodies, message, held, now, from: ['pending'] }));
  }
  const sound = recipients.filter((one) => !held.some(({ recipient }) => recipient === one));
  const groups = await oneByOne(deps, sameContent(sound), async (group) => {
    const method = group[0]?.method;
    return method === undefined ? [] : byMethod(deps, message, group, method, underway);
  });
  return [...plans, ...groups];
}

/** Recipients by the copy that is for them: what was rewritten for one is not for the others. */
function sameContent(recipients: readonly StoredRecipient[]): readonly (readonly StoredRecipient[])[] {
  const groups = new Map<string, StoredRecipient[]>();
  for (const one of recipients) {
    const copy =
      one.decision?.enforcement === 'shadow'
        ? COPY_AS_IT_CAME
        : (one.decision?.rewritten?.copy ?? COPY_AS_IT_CAME);
    groups.set(copy, [...(groups.get(copy) ?? []), one]);
  }
  return [...groups.values()];
}
