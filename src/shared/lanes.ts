/** One kind of work that waits for a place. */
export interface Lane {
  readonly name: string;
  /** Higher goes first. */
  readonly priority: number;
  /** Most places that it may hold at once. */
  readonly most: number;
  /** Places that the others leave free for it. */
  readonly reserved: number;
  /** Places that it holds now. */
  readonly active: number;
}

/** The order in which places are given: by priority, then to whoever holds least. */
export function inOrder<L extends Lane>(lanes: readonly L[]): readonly L[] {
  return lanes.toSorted(
    (a, b) => b.priority - a.priority || a.active - b.active || (a.name < b.name ? -1 : 1),
  );
}

/**
 * Whether a lane may take one more of `total` places: it has not got its most, and either its own reserve has room or a
 * place is left beside everybody's reserve. `lanes` are all, busy or not, so that a reserve is kept for those to come.
 */
export function mayStart(name: string, lanes: readonly Lane[], total: number): boolean {
  const own = lanes.find((one) => one.name === name);
  const active = lanes.reduce((sum, one) => sum + one.active, 0);
  if (own === undefined || own.active >= own.most || active >= total) return false;
  const reserves = keptReserves(lanes, total);
  if (own.active < (reserves.get(name) ?? 0)) return true;
  let kept = 0;
  for (const one of lanes)
    if (one.name !== name) kept += Math.max(0, (reserves.get(one.name) ?? 0) - one.active);
  return active + kept < total;
}

/** Reserves that fit, those of higher priority first; at least one place stays for everybody. */
function keptReserves(lanes: readonly Lane[], total: number): ReadonlyMap<string, number> {
  let left = Math.max(0, total - 1);
  const kept = new Map<string, number>();
  for (const one of lanes.toSorted((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1))) {
    const reserve = Math.min(one.reserved, left);
    kept.set(one.name, reserve);
    left -= reserve;
  }
  return kept;
}
