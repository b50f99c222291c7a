import type { Spent, Work } from './spent.js';
import { type BenchTable, NOT_INSTALLED } from './subject.js';

/** One row: something of ours beside something else, in the same rounds. */
export interface Comparison {
  readonly what: string;
  readonly ours: Work;
  readonly reference: string;
  /** Absent: its program is not installed. */
  readonly referenceWork: Work | undefined;
  /** The ratio that is asked for. */
  readonly asked?: string;
}

export interface ComparisonTable {
  readonly title: string;
  /** What is counted, as in `messages/s`. */
  readonly unit: string;
  /** `speed`: how many times as fast as the reference; `cost`: how many times its time. */
  readonly ratio: 'speed' | 'cost';
  readonly rows: readonly Comparison[];
}

/**
 * Measures the rows of a table together: each contender once a round, one after another, so that whatever else the machine
 * does falls on all of them. A contender that stands in several rows runs once a round. The first round only warms up.
 */
export async function compare(table: ComparisonTable, rounds: number): Promise<BenchTable> {
  const contenders = new Set(
    table.rows.flatMap(({ ours, referenceWork }) => [ours, referenceWork ?? []].flat()),
  );
  const measured = new Map<Work, Spent[]>([...contenders].map((work) => [work, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [work, spent] of measured) {
      const now = await work();
      if (round >= 0) spent.push(now);
    }
  }
  const of = (work: Work) => measured.get(work) ?? [];
  return {
    title: table.title,
    head: ['what', table.unit, 'reference', table.unit, RATIO_HEADS[table.ratio], 'by CPU time', 'asked'],
    rows: table.rows.map(({ what, ours, reference, referenceWork, asked }) => [
      what,
      figure(median(of(ours).map(rate))),
      reference,
      ...(referenceWork === undefined
        ? [NOT_INSTALLED, '', '']
        : [
            figure(median(of(referenceWork).map(rate))),
            ratio(of(ours), of(referenceWork), (spent) => spent.wall, table.ratio),
            ratio(of(ours), of(referenceWork), (spent) => spent.cpu, table.ratio),
          ]),
      asked ?? '',
    ]),
    notes: [],
  };
}

const RATIO_HEADS = { speed: 'times as fast', cost: 'times the cost' } as const;

function rate(spent: Spent): number {
  return spent.units / spent.wall;
}

/** The median of what the rounds gave, which a round that something else disturbed doesn't change. */
function ratio(
  ours: readonly Spent[],
  reference: readonly Spent[],
  time: (spent: Spent) => number,
  kind: ComparisonTable['ratio'],
): string {
  const costs = ours.flatMap((own, round) => {
    const other = reference[round];
    return other === undefined ? [] : [time(own) / own.units / (time(other) / other.units)];
  });
  const cost = median(costs);
  return (kind === 'cost' ? cost : 1 / cost).toFixed(2);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const [low, high] = [sorted[sorted.length % 2 === 0 ? half - 1 : half], sorted[half]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

/** Three significant digits are more than such a figure is worth. */
export function figure(value: number): string {
  return value >= 100 ? String(Math.round(value)) : value.toPrecision(3);
}
