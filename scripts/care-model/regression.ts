/** A text as its features, each named once, and whether it is one about somebody's care. */
export interface Example {
  readonly features: ReadonlySet<string>;
  readonly isCare: boolean;
}

/** What a logistic regression gives a feature, in logarithms of odds, and a text without any. */
export interface Fitted {
  readonly bias: number;
  readonly weights: ReadonlyMap<string, number>;
}

/** How much errors count beside large weights. */
const COST = 0.5;
const STEPS = 250;
/** Steps that the search direction remembers (L-BFGS). */
const MEMORY = 10;
const FLAT = 1e-3;

/**
 * A logistic regression with a penalty on squared weights, in which each feature counts by how unevenly the two kinds of
 * texts have it (Wang and Manning, "Baselines and Bigrams", ACL 2012). The same examples in the same order give the same
 * weights.
 */
export function regression(examples: readonly Example[]): Fitted {
  const names = [...new Set(examples.flatMap(({ features }) => [...features]))];
  const scales = unevenness(examples, names);
  const numbers = new Map(names.map((name, i) => [name, i]));
  const rows = examples.map(({ features }) =>
    Int32Array.from([...features].map((name) => numbers.get(name) ?? 0)),
  );
  const signs = examples.map(({ isCare }) => (isCare ? 1 : -1));
  const bias = names.length;
  const loss = (point: Float64Array, gradient: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < point.length; i++) {
      const at = point[i] ?? 0;
      gradient[i] = at;
      sum += (at * at) / 2;
    }
    for (const [i, row] of rows.entries()) {
      const sign = signs[i] ?? 1;
      let score = point[bias] ?? 0;
      for (const feature of row) score += (point[feature] ?? 0) * (scales[feature] ?? 0);
      const margin = score * sign;
      sum += COST * (margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin);
      const pull = (-COST * sign) / (1 + Math.exp(margin));
      gradient[bias] = (gradient[bias] ?? 0) + pull;
      for (const feature of row) gradient[feature] = (gradient[feature] ?? 0) + pull * (scales[feature] ?? 0);
    }
    return sum;
  };
  const best = minimum(new Float64Array(names.length + 1), loss);
  return {
    bias: best[bias] ?? 0,
    weights: new Map(names.map((name, i) => [name, (best[i] ?? 0) * (scales[i] ?? 0)])),
  };
}

function unevenness(examples: readonly Example[], names: readonly string[]): Float64Array {
  const counts = { care: new Map<string, number>(), other: new Map<string, number>() };
  for (const { features, isCare } of examples) {
    const of = isCare ? counts.care : counts.other;
    for (const name of features) of.set(name, (of.get(name) ?? 0) + 1);
  }
  const share = (of: ReadonlyMap<string, number>) => {
    const all = names.reduce((sum, name) => sum + 1 + (of.get(name) ?? 0), 0);
    return (name: string) => (1 + (of.get(name) ?? 0)) / all;
  };
  const care = share(counts.care);
  const other = share(counts.other);
  return Float64Array.from(names, (name) => Math.abs(Math.log(care(name) / other(name))));
}

/** By L-BFGS (Nocedal and Wright, "Numerical Optimization", algorithm 7.5), halving steps that don't descend. */
function minimum(
  start: Float64Array,
  loss: (point: Float64Array, gradient: Float64Array) => number,
): Float64Array {
  let point = start;
  let gradient = new Float64Array(start.length);
  let value = loss(point, gradient);
  const moves: { readonly by: Float64Array; readonly change: Float64Array; readonly inverse: number }[] = [];
  for (let step = 0; step < STEPS && Math.sqrt(dot(gradient, gradient)) > FLAT; step++) {
    const direction = descent(gradient, moves);
    const slope = dot(gradient, direction);
    let length = moves.length === 0 ? 1 / Math.sqrt(dot(gradient, gradient)) : 1;
    for (;;) {
      const next = point.map((at, i) => at + length * (direction[i] ?? 0));
      const nextGradient = new Float64Array(start.length);
      const nextValue = loss(next, nextGradient);
      if (nextValue <= value + 1e-4 * length * slope) {
        const by = next.map((at, i) => at - (point[i] ?? 0));
        const change = nextGradient.map((at, i) => at - (gradient[i] ?? 0));
        const curved = dot(by, change);
        if (curved > 0) moves.push({ by, change, inverse: 1 / curved });
        if (moves.length > MEMORY) moves.shift();
        point = next;
        gradient = nextGradient;
        value = nextValue;
        break;
      }
      length /= 2;
      if (length < 1e-12) return point;
    }
  }
  return point;
}

function descent(
  gradient: Float64Array,
  moves: readonly { readonly by: Float64Array; readonly change: Float64Array; readonly inverse: number }[],
): Float64Array {
  const direction = gradient.map((at) => -at);
  const parts: number[] = [];
  for (const { by, change, inverse } of moves.toReversed()) {
    const part = inverse * dot(by, direction);
    parts.push(part);
    addTo(direction, change, -part);
  }
  const last = moves.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.inverse * dot(last.change, last.change));
    for (let i = 0; i < direction.length; i++) direction[i] = (direction[i] ?? 0) * scale;
  }
  for (const { by, change, inverse } of moves) {
    const part = parts.pop() ?? 0;
    addTo(direction, by, part - inverse * dot(change, direction));
  }
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

function addTo(to: Float64Array, from: Float64Array, times: number): void {
  for (let i = 0; i < to.length; i++) to[i] = (to[i] ?? 0) + times * (from[i] ?? 0);
}
