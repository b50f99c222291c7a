/** How long destroyed keys may stay in the log of relay.db before it is emptied; so often it is tried. In milliseconds. */
const AFTER_MS = 5000;
/** A backup reads for minutes; what hinders for longer than this is told, and told again so often. */
const TELL_AFTER_MS = 10 * 60_000;
const TELL_EVERY_MS = 60 * 60_000;

/** Empties the log of relay.db, where deleted keys still are. */
export interface LogEmptying {
  /** At once. */
  now(): void;
  /** In a moment: several that are destroyed in that time are one. */
  soon(): void;
  stop(): void;
}

/**
 * Tries again as long as somebody who reads hinders it, and says so when that goes on.
 * @param deps `empty`: gives `hindered` where a reader did; `tell`: for so many milliseconds it could not be emptied, or now it
 * was, after that had been told (undefined)
 */
export function emptyingLog(deps: {
  readonly empty: () => 'done' | 'hindered' | 'failed';
  readonly tell: (hinderedMs: number | undefined) => void;
}): LogEmptying {
  let timer: NodeJS.Timeout | undefined;
  let hinderedSince: number | undefined;
  let toldAt: number | undefined;

  const now = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const result = deps.empty();
    if (result === 'failed') return;
    if (result === 'done') {
      if (toldAt !== undefined) deps.tell(undefined);
      hinderedSince = undefined;
      toldAt = undefined;
      return;
    }
    const at = performance.now();
    hinderedSince ??= at;
    if (at - hinderedSince >= TELL_AFTER_MS && at - (toldAt ?? Number.NEGATIVE_INFINITY) >= TELL_EVERY_MS) {
      toldAt = at;
      deps.tell(at - hinderedSince);
    }
    soon();
  };
  const soon = (): void => {
    timer ??= setTimeout(now, AFTER_MS);
  };
  return { now, soon, stop: () => clearTimeout(timer) };
}
