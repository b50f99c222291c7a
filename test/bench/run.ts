import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { audit } from './audit.js';
import { inspection } from './inspection.js';
import { machineFacts } from './machine.js';
import { portal } from './portal.js';
import { RELAY_OPTIONS, RELAY_USAGE, type RelayChoices, relayChoices } from './relay/choices.js';
import { relay } from './relay.js';
import { sealing } from './sealing.js';
import { streams } from './streams.js';
import type { BenchTable, Subject } from './subject.js';

/*
 * `npm run bench -- [SUBJECT…] [--rounds N]`. Exit status 0 unless something broke (1) or the command line is wrong (2):
 * a figure that isn't reached is for people to see.
 */

const SUBJECTS: readonly Subject[] = [sealing, inspection, audit, portal, streams, relay];

function printTable(table: BenchTable): void {
  const printed = new Table({
    head: [...table.head],
    style: { head: [], border: [], compact: true },
    chars: { ...NO_BORDER, middle: '  ' },
  });
  for (const row of table.rows) printed.push([...row]);
  console.log(`\n${table.title}\n\n${printed.toString()}`);
  for (const note of table.notes) console.log(`  ${note}`);
}

const NO_BORDER = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
};

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, ...RELAY_OPTIONS },
  allowPositionals: true,
});
const rounds = Number(values.rounds);
const chosen = readChoices();
const unknown = positionals.filter((name) => SUBJECTS.every((subject) => subject.name !== name));
if (unknown.length > 0 || !Number.isSafeInteger(rounds) || rounds < 1 || chosen === undefined) {
  console.error(
    `usage: npm run bench -- [SUBJECT…] [--rounds N]\nsubjects: ${SUBJECTS.map(({ name }) => name).join(', ')}\n${RELAY_USAGE}`,
  );
  process.exitCode = 2;
} else {
  console.log(machineFacts().join('\n'));
  console.log(`${rounds} rounds of each comparison after one that warms up; medians`);
  for (const subject of SUBJECTS) {
    if (positionals.length > 0 && !positionals.includes(subject.name)) continue;
    for await (const table of subject.run({ rounds, relay: chosen })) printTable(table);
  }
  console.log(`\nload at the end: ${loadavg()[0]?.toFixed(2)}`);
}

/** Undefined, with the reason on standard error, where one of them is none. */
function readChoices(): RelayChoices | undefined {
  try {
    return relayChoices(values);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return undefined;
  }
}
