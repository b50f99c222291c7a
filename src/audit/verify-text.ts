import type { Place, VerifyReport } from './verify-report.js';
import { timeWords } from './words.js';

/**
 * A report in plain words, as lines.
 * @param ownKey whether the public key came from somewhere else than the log's own folder
 */
export function reportLines(report: VerifyReport, ownKey: boolean): readonly string[] {
  const { head, checkpoints } = report;
  const lines = [
    ...headline(report),
    '',
    `  files        ${report.files.join(', ')}`,
    `  events       ${report.events}, the last is ${head.seq} (hash ${head.hash})`,
    `  signed       up to event ${report.signedSeq}, by key ${report.key}`,
    `  checkpoints  ${checkpoints.inLog} in the log, ${checkpoints.elsewhere} kept elsewhere`,
  ];
  if (report.problems.length > 0) lines.push('', 'Problems');
  for (const problem of report.problems)
    lines.push(`  ${placeWords(problem)}${problem.text} [${problem.code}]`);
  const unlisted = report.problemCount - report.problems.length;
  if (unlisted > 0) lines.push(`  and ${unlisted} more`);
  if (report.notes.length > 0 || !ownKey) lines.push('', 'Notes');
  for (const note of report.notes) lines.push(`  ${placeWords(note)}${note.text} [${note.code}]`);
  if (!ownKey) {
    lines.push(
      '  the public key was taken from the same folder; keep a copy elsewhere and name it with --public-key',
    );
  }
  return lines;
}

/** What whoever reads no further has to know. "Nothing was removed" stands only where it is so. */
function headline({ ok, problemCount, removed }: VerifyReport): readonly string[] {
  if (!ok) return [`The audit log does NOT verify: ${problemCount} problem(s).`];
  if (removed === undefined)
    return ['The audit log verifies: nothing in it was changed, removed or reordered.'];
  const lines = [
    `The audit log verifies from ${removed.from} on: from event ${removed.upTo + 1} nothing was changed or taken away.`,
    `Older months, events 1 to ${removed.upTo}, were removed by retention, the last of them on ${timeWords(removed.at)} by ${removed.actor} (kept: ${removed.retention} months).`,
  ];
  if (removed.notCompared > 0)
    lines.push(
      `${removed.notCompared} checkpoint(s) kept elsewhere are of removed events and could not be compared.`,
    );
  return lines;
}

function placeWords({ file, seq, at }: Place): string {
  const words = [
    ...(file === undefined ? [] : [file]),
    ...(seq === undefined ? [] : [`event ${seq}`]),
    ...(at === undefined ? [] : [`(${timeWords(at)})`]),
  ];
  return words.length === 0 ? '' : `${words.join(' ')}: `;
}
