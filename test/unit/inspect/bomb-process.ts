/*
 * Inspects bombs whole, each named by an argument, and prints what came of them as lines of JSON. A process of its own,
 * so that its highest memory is that of the inspections.
 */
import { readFileSync } from 'node:fs';
import { inspectMessage } from '../../../src/inspect/inspect-message.js';
import { END, MARKUPS, STRUCTURES, TEXTS } from './bomb-messages.js';
import { isClean, LIMITS, mail } from './limits.js';

const all = [...STRUCTURES, ...TEXTS, ...MARKUPS];
for (const name of process.argv.slice(2)) {
  const bomb = all.find((one) => one.name === name);
  if (bomb === undefined) throw new Error(`there is no bomb named ${name}`);
  const message = mail(bomb.message().replace(END, `${END}, SSN 501-23-4567, diagnosis asthma`));
  const before = process.cpuUsage();
  const inspection = inspectMessage(message, { limits: LIMITS, fingerprintKey: new Uint8Array(32) });
  const { user, system } = process.cpuUsage(before);
  const found = inspection.classifications.some((one) => one.classification === 'phi');
  const megabytes = highestMemory();
  process.stdout.write(
    `${JSON.stringify({ name, harmless: !found && isClean(inspection), milliseconds: (user + system) / 1000, megabytes })}\n`,
  );
}

/** Elsewhere than on Linux, what the system says of the process so far. */
function highestMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1024;
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1];
  return Number(kilobytes) / 1024;
}
