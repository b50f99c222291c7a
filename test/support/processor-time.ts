import { expect } from 'vitest';

/** Milliseconds that the reference takes on a machine on which limits are meant as they stand. */
const ORDINARY_MS = 60;

/** What the processor did since, for this process. */
export interface ProcessorWatch {
  /**
   * Expects that it did less since than so many milliseconds of an ordinary machine. Time in which others had the processor
   * doesn't count, and a slower machine, by what it takes for a piece of work of its own now, has as much more.
   */
  expectBelow(milliseconds: number): void;
}

/** For work that hostile input could make endless: limits are far more than it takes, and far less than that. */
export function watchProcessor(): ProcessorWatch {
  const before = process.cpuUsage();
  return { expectBelow: (milliseconds) => expectBelow(spent(before), milliseconds) };
}

/** The same for what was measured already, here or in another process. @param used milliseconds of the processor */
export function expectBelow(used: number, milliseconds: number): void {
  expect(used).toBeLessThan(used < milliseconds ? milliseconds : milliseconds * slowness());
}

/** How many times slower than an ordinary machine this one is now; 1 for faster ones. */
function slowness(): number {
  const before = process.cpuUsage();
  reference();
  return Math.max(1, spent(before) / ORDINARY_MS);
}

/** Milliseconds of the processor since. */
export function spent(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Some of what reading mail is: looking through text, taking it apart, counting words and sorting. */
function reference(): number {
  const text = Array.from({ length: 40_000 }, (_, n) => `word${n % 977} ${n}-${n % 7} number`).join('\n');
  const numbers = text.match(/\b\d{3,6}-\d\b/g)?.length ?? 0;
  const counts = new Map<string, number>();
  for (const word of text.split(/[\s-]/)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return numbers + [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).length;
}
