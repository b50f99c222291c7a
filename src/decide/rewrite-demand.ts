import type { RewriteDemand, RewrittenCopy } from '../model/decision.js';

/** The demand to rewrite that asks for all that either asks for. Absent demands nothing. */
export function joinRewriteDemands(
  a: RewriteDemand | undefined,
  b: RewriteDemand | undefined,
): { readonly rewrite?: RewriteDemand } {
  if (a === undefined || b === undefined) {
    const rewrite = a ?? b;
    return rewrite === undefined ? {} : { rewrite };
  }
  const redact = sortedNames([...(a.redact ?? []), ...(b.redact ?? [])]);
  return {
    rewrite: {
      ...((a.canonicalise ?? b.canonicalise) === true && { canonicalise: true as const }),
      ...(redact.length > 0 && { redact }),
    },
  };
}

/** Whether `a` asks for everything that `b` asks for. */
export function rewritesAtLeast(a: RewriteDemand | undefined, b: RewriteDemand | undefined): boolean {
  if (b === undefined) return true;
  return (
    (b.canonicalise !== true || a?.canonicalise === true) &&
    (b.redact ?? []).every((name) => a?.redact?.includes(name) === true)
  );
}

/** The demand in words, e.g. `redact mrn, us-ssn`. */
export function rewriteWords({ canonicalise, redact }: RewriteDemand): readonly string[] {
  return [
    ...(canonicalise === true ? ['canonicalise'] : []),
    ...(redact === undefined ? [] : [`redact ${redact.join(', ')}`]),
  ];
}

/** What was done, e.g. `rebuilt, redacted 3 places: us-ssn`. */
export function rewrittenWords({ places }: Pick<RewrittenCopy, 'places'>, demand: RewriteDemand): string {
  const { canonicalise, redact } = demand;
  const done = canonicalise === true ? ['rebuilt'] : [];
  if (redact !== undefined) {
    const what = `redacted ${places} ${places === 1 ? 'place' : 'places'}`;
    const nothing = 'nothing is redacted, because nothing of that was found';
    done.push(`${places === 0 ? nothing : what}: ${redact.join(', ')}`);
  }
  return done.join(', ');
}

/** Each once, in code unit order, so that the same demand is always written the same way. */
export function sortedNames(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort();
}
