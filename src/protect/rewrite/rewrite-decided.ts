import { createHash } from 'node:crypto';
import { type AuditEvent, auditEvent } from '../../audit/events.js';
import type { Decided, Rewritten } from '../../decide/judge.js';
import type { Decision } from '../../model/decision.js';
import type { Inspection } from '../../model/inspection.js';
import type { RewrittenBody } from '../../model/message.js';
import type { BodyStore } from '../../store/ports.js';
import { copyName, type MadeCopy, type MakeCopyDeps, makeCopy } from './make-copy.js';

/** A decision whose demand of rewriting was answered, or couldn't be. */
export function withCopy(decision: Decision, made: MadeCopy): Decision {
  if (made.ok) return { ...decision, rewritten: made.rewritten };
  const reason = `the rules ask that it be rewritten, and that is impossible: ${made.reason}`;
  const { disposition } = decision.demand;
  const held = decision.holdReason === undefined ? reason : `${decision.holdReason}; ${reason}`;
  return {
    ...decision,
    demand: { ...decision.demand, disposition: 'hold' },
    order: [],
    considered: decision.considered.map((one) =>
      one.verdict === 'refused' || disposition !== 'send'
        ? one
        : { ...one, verdict: 'refused', reason: `possible, but the message is held (${one.reason})` },
    ),
    cannotRewrite: made.reason,
    holdReason: held,
  };
}

/** Whether a decision needs a copy: what is rejected or only recorded doesn't; what is held may be released. */
export function needsCopy({ demand, enforcement }: Decision): boolean {
  return demand.rewrite !== undefined && demand.disposition !== 'reject' && enforcement === 'enforce';
}

/** A message that is decided anew may need another copy for the same demand, and the one before may still be on its way. */
function freeName(name: string, kept: readonly RewrittenBody[]): string {
  const taken = new Set(kept.map(({ copy }) => copy));
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? name : `${name}-${n}`;
    if (!taken.has(candidate)) return candidate;
  }
}

/**
 * Makes the copies that decisions ask for, one for each way of rewriting, and keeps them as bodies of their own. A
 * decision whose copy can't be made becomes a hold.
 * @param kept copies that the message has already; they stay
 * @throws StoreUnavailable, and what the threads throw when they are gone; then the message is judged again later
 */
export async function rewriteDecided(
  deps: MakeCopyDeps & { readonly bodies: Pick<BodyStore, 'seal'>; readonly read: () => Promise<Uint8Array> },
  messageId: string,
  inspection: Inspection,
  decided: readonly Decided[],
  kept: readonly RewrittenBody[] = [],
): Promise<Rewritten> {
  const asked = decided.filter(({ decision }) => needsCopy(decision));
  if (asked.length === 0) return { decided, copies: [], events: [] };
  const message = await deps.read();
  const made = new Map<string, MadeCopy>();
  const copies: RewrittenBody[] = [];
  const events: AuditEvent[] = [];
  for (const { decision } of asked) {
    const { rewrite } = decision.demand;
    if (rewrite === undefined) continue;
    const name = copyName(rewrite);
    if (made.has(name)) continue;
    const found = await makeCopy(deps, message, inspection, rewrite);
    if (!found.ok || found.bytes === undefined) {
      made.set(name, found);
      continue;
    }
    const stored = freeName(name, kept);
    const copy = { ...found, bytes: found.bytes, rewritten: { ...found.rewritten, copy: stored } };
    made.set(name, copy);
    copies.push({ copy: stored, body: await deps.bodies.seal(copy.bytes) });
    events.push(
      auditEvent('message.rewritten', {
        messageId,
        copy: stored,
        canonicalised: rewrite.canonicalise === true,
        redacted: rewrite.redact ?? [],
        places: copy.rewritten.places,
        size: copy.bytes.length,
        sha256: createHash('sha256').update(copy.bytes).digest('hex'),
      }),
    );
  }
  return {
    decided: decided.map((one) => {
      const { rewrite } = one.decision.demand;
      const copy =
        rewrite === undefined || !needsCopy(one.decision) ? undefined : made.get(copyName(rewrite));
      return copy === undefined ? one : { ...one, decision: withCopy(one.decision, copy) };
    }),
    copies,
    events,
  };
}
