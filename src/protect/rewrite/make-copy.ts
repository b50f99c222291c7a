import { createHash } from 'node:crypto';
import type { RewriteDemand, RewrittenCopy } from '../../model/decision.js';
import type { Inspection } from '../../model/inspection.js';
import { COPY_AS_IT_CAME } from '../../model/message.js';
import { canonicalJson } from '../../shared/canonical-json.js';
import type { RewriteAnswer } from './rewrite-task.js';
import { verifyRewrite } from './verify-rewrite.js';

export interface MakeCopyDeps {
  readonly rewrite: (message: Uint8Array, demand: RewriteDemand) => Promise<RewriteAnswer>;
  /**
   * As the message itself was inspected; leaves the memory that it is given alone.
   * @param gone values that must stand nowhere in it, not in a document either
   */
  readonly inspect: (message: Uint8Array, gone: readonly string[]) => Promise<Inspection | 'needs-ocr'>;
}

export type MadeCopy =
  /** `bytes` is absent where the message may leave as it came. */
  | { readonly ok: true; readonly rewritten: RewrittenCopy; readonly bytes?: Uint8Array }
  | { readonly ok: false; readonly reason: string };

/** One value can hide another: what is left after the first time is redacted again, so often at most. */
const MOST_ROUNDS = 3;

/**
 * Makes the copy that answers a demand, and looks at it as it was looked at the message: it is given back only when an
 * inspection finds nothing in it that it must not hold.
 * @param inspection of the message, on which was decided
 */
export async function makeCopy(
  deps: MakeCopyDeps,
  message: Uint8Array,
  inspection: Inspection,
  demand: RewriteDemand,
): Promise<MadeCopy> {
  const { redact, canonicalise } = demand;
  if (inspection.failure !== undefined) return refused('it could not be inspected');
  const isFound = inspection.findings.some((one) => redact?.includes(one.detector) === true);
  if (canonicalise !== true && !isFound) return { ok: true, rewritten: { copy: COPY_AS_IT_CAME, places: 0 } };
  if (inspection.protection !== undefined) return refused('it is signed or encrypted by its sender');
  if (canonicalise !== true && inspection.ambiguities.some((one) => one.material))
    return refused('two readers could read it differently');
  let bytes = message;
  let places = 0;
  const gone = new Set<string>();
  for (let round = 1; ; round++) {
    const answer = await deps.rewrite(bytes, round === 1 ? demand : { ...(redact && { redact }) });
    if (!answer.ok) return answer;
    places += answer.places;
    ({ bytes } = answer);
    for (const value of answer.values ?? []) gone.add(value);
    const after = await deps.inspect(bytes, [...gone]);
    if (after === 'needs-ocr') return refused('the rewritten message has images that the original had not');
    const problem = verifyRewrite(inspection, after, demand);
    if (problem === undefined && (answer.left === true || after.valueLeft === true))
      return refused('a value that was to be redacted still stands in it, written otherwise');
    if (problem === undefined) return { ok: true, rewritten: { copy: copyName(demand), places }, bytes };
    if (problem.kind !== 'found' || answer.places === 0 || round === MOST_ROUNDS)
      return refused(problem.reason);
  }
}

function refused(reason: string): MadeCopy {
  return { ok: false, reason };
}

/** The same for the same demand. */
export function copyName({ canonicalise, redact }: RewriteDemand): string {
  const json = canonicalJson({ canonicalise, redact });
  return createHash('sha256').update(json).digest('hex').slice(0, 32);
}
