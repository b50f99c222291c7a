// Measures detection on labelled texts: the samples under test/eval/own, and a folder of data outside the repository.
// See docs/detection.md.

import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { belowFloor, raisedFloor, readFloor, writeFloor } from './eval/floor.js';
import { createEvalInspector } from './eval/inspect.js';
import { judge, type Verdict } from './eval/judge.js';
import { printScores, printSpeed } from './eval/report.js';
import { DataError, type DataFile, readDataFolder } from './eval/rows.js';
import { type FileScores, scoresOf } from './eval/scores.js';
import { measureSpeed } from './eval/speed.js';

const DEFAULT_DATA = '../shared/eval';
const OWN = 'test/eval/own';
const FLOOR = 'test/eval/floor.json';

/** Files that say something only together: mail with patient data, and what must not be taken for it. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'mail_phi + mail_hard_negatives + medquad_neg': ['mail_phi', 'mail_hard_negatives', 'medquad_neg'],
};

const USAGE = `Usage: npm run eval -- [--data DIR] [--json FILE] [--check | --raise-floor] [--failures]

  --data DIR     folder with .jsonl files (default ${DEFAULT_DATA})
  --json FILE    write the results as JSON too
  --check        exit with 1 when a score is worse than ${FLOOR} says
  --raise-floor  write what was reached to ${FLOOR}
  --failures     print the IDs of rows that came out wrong
`;

function options() {
  return parseArgs({
    options: {
      data: { type: 'string' },
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      'raise-floor': { type: 'boolean', default: false },
      failures: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

async function main(): Promise<number> {
  let chosen: ReturnType<typeof options>;
  try {
    chosen = options();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (chosen.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const folder = resolve(chosen.data ?? DEFAULT_DATA);
  const own = (await readDataFolder(OWN, 'own')) ?? [];
  const data = await readDataFolder(folder);
  if (data === undefined) {
    const said = `The data folder ${folder} is not there`;
    if (chosen.data !== undefined) {
      process.stderr.write(`${said}.\n`);
      return 2;
    }
    process.stdout.write(`${said}: skipped. Only the samples in ${OWN} are measured.\n\n`);
  }
  if (chosen.data !== undefined && data?.length === 0) {
    process.stderr.write(`The data folder ${folder} holds no .jsonl file.\n`);
    return 2;
  }
  return report([...own, ...(data ?? [])], chosen);
}

async function report(data: readonly DataFile[], chosen: ReturnType<typeof options>): Promise<number> {
  const results = await measure(data);
  const speed = await measureSpeed(data);
  const write = (text: string) => process.stdout.write(text);
  printScores(results, write);
  if (chosen.failures) {
    for (const { file, missed, falselyFlagged } of results) {
      if (missed.length > 0) write(`\n${file}, missed: ${missed.join(' ')}\n`);
      if (falselyFlagged.length > 0) write(`\n${file}, falsely flagged: ${falselyFlagged.join(' ')}\n`);
    }
  }
  printSpeed(results, speed, write);
  if (chosen.json !== undefined) {
    await writeFile(chosen.json, `${JSON.stringify({ files: results, speed }, null, 2)}\n`);
  }
  if (chosen['raise-floor']) {
    await writeFloor(FLOOR, raisedFloor(await readFloor(FLOOR), results));
    write(`\nWrote ${FLOOR}.\n`);
  }
  if (!chosen.check) return 0;
  const worse = belowFloor(results, await readFloor(FLOOR));
  for (const sentence of worse) process.stderr.write(`${sentence}\n`);
  write(worse.length === 0 ? '\nNo score is below its floor.\n' : '\nDetection got worse.\n');
  return worse.length === 0 ? 0 : 1;
}

async function measure(data: readonly DataFile[]): Promise<readonly FileScores[]> {
  const verdicts = new Map<string, readonly Verdict[]>();
  const inspector = createEvalInspector();
  try {
    for (const { name, rows } of data) {
      const ofFile: Verdict[] = [];
      for (const row of rows) ofFile.push(await judge(row, inspector));
      verdicts.set(name, ofFile);
    }
  } finally {
    await inspector.close();
  }
  const files = [...verdicts].map(([name, ofFile]) => scoresOf(name, ofFile));
  const groups = Object.entries(GROUPS).flatMap(([name, members]) => {
    const ofGroup = members.map((member) => verdicts.get(member));
    if (ofGroup.includes(undefined)) return [];
    const { spans: _, ...scores } = scoresOf(
      name,
      ofGroup.flatMap((some) => some ?? []),
    );
    return [{ ...scores, spans: [] }];
  });
  return [...files, ...groups];
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof DataError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
