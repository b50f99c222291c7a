/** What one source says of one certificate. Times are epoch milliseconds; `until` is how long it may be kept. */
export type Finding =
  | { readonly kind: 'good'; readonly until: number }
  | {
      readonly kind: 'revoked';
      readonly at: number;
      /** Only suspended (certificateHold): counts as revoked as long as it lasts. */
      readonly hold: boolean;
      readonly by: 'CRL' | 'OCSP';
      readonly until: number;
    }
  /** `why` is one clause for people and holds nothing from inside the answer but dates. */
  | { readonly kind: 'unknown'; readonly why: string };

/** A clock of ours or theirs may be off by this much. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * How old an OCSP answer without nextUpdate may be: it says that newer ones are to be had at any time (RFC 6960 4.2.2.1),
 * so one that is given now was made now, or it is an old one played back.
 */
const NO_NEXT_UPDATE_MS = 15 * 60_000;

export interface Period {
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
}

/** Why something can't speak for now; undefined when it can (RFC 5280 6.3.3, RFC 6960 3.2 items 5 and 6). */
export function stalenessOf({ thisUpdate, nextUpdate }: Period, now: number): string | undefined {
  if (thisUpdate > now + CLOCK_SKEW_MS) return `it is of the future (${dayOf(thisUpdate)})`;
  const end = nextUpdate ?? thisUpdate + NO_NEXT_UPDATE_MS;
  return end + CLOCK_SKEW_MS < now ? `it expired on ${dayOf(end)}` : undefined;
}

/** How long it may be kept: as it says itself, but no longer than `maxAge`. */
export function keptUntil({ nextUpdate }: Period, now: number, maxAge: number): number {
  const own = nextUpdate ?? now + NO_NEXT_UPDATE_MS;
  // One within the allowance for clocks is kept a little too, or each message would ask again.
  return Math.max(now + 60_000, Math.min(own, now + maxAge));
}

/** `2026-05-01`. */
export function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
