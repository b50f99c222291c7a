import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { FileScores, Score } from './scores.js';

/** By file and score: the least (where higher is better) or the most that was reached. */
const floorSchema = z.record(z.string(), z.record(z.string(), z.number().min(0).max(1)));
export type Floor = z.infer<typeof floorSchema>;

/** Shares are kept with four decimals: less than one row of any file. */
const SCALE = 10_000;

export async function readFloor(path: string): Promise<Floor> {
  return floorSchema.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** Scores that are worse than the floor, as sentences. A score or file without a floor passes. */
export function belowFloor(files: readonly FileScores[], floor: Floor): readonly string[] {
  return files.flatMap((scores) => {
    const { file } = scores;
    const measured = flooredScores(scores);
    return Object.entries(floor[file] ?? {}).flatMap(([name, limit]) => {
      const score = measured.find((one) => one.name === name);
      if (score === undefined) return [`${file}: ${name} is in the floor file, but was not measured`];
      const [word, worse] =
        score.better === 'higher' ? ['below', kept(score) < limit] : ['above', kept(score) > limit];
      return worse ? [`${file}: ${name} is ${kept(score)}, ${word} the floor of ${limit}`] : [];
    });
  });
}

/** The scores of a file, and the recall of each type of span. */
function flooredScores({ scores, spans }: FileScores): readonly Score[] {
  const byType = spans.map(
    ({ type, of, seen }): Score => ({ name: `span recall ${type}`, value: seen / of, of, better: 'higher' }),
  );
  return [...scores, ...byType];
}

/** The floor with what these files reached; other files keep theirs. */
export function raisedFloor(floor: Floor, files: readonly FileScores[]): Floor {
  const merged: Record<string, Record<string, number>> = { ...floor };
  for (const scores of files) {
    merged[scores.file] = Object.fromEntries(flooredScores(scores).map((score) => [score.name, kept(score)]));
  }
  return Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function writeFloor(path: string, floor: Floor): Promise<void> {
  await writeFile(path, `${JSON.stringify(floor, null, 2)}\n`);
}

/** Rounded to the harmless side, so that the same result always passes. */
function kept({ value, better }: Score): number {
  const scaled = value * SCALE;
  return (better === 'higher' ? Math.floor(scaled + 1e-6) : Math.ceil(scaled - 1e-6)) / SCALE;
}
