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
    ...aboutBefore(report),
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

/** What whoever reads no further has to know. "Nothing was removed" stands only where it is so, and signed. */
function headline({ ok, problemCount, removed, signedSeq, head }: VerifyReport): readonly string[] {
  if (!ok) return [`The audit log does NOT verify: ${problemCount} problem(s).`];
  if (removed === undefined) {
    if (signedSeq === head.seq)
      return ['The audit log verifies: nothing in it was changed, removed or reordered.'];
    // Hashes alone can be made anew by whoever can write the files.
    return signedSeq === 0
      ? [
          'The audit log verifies in itself, but no checkpoint signs any of it: whoever can write its files could have made all of it anew.',
        ]
      : [
          `The audit log verifies: nothing up to event ${signedSeq} was changed, removed or reordered; the events behind it are not signed yet.`,
        ];
  }
  // The removal itself is signed, so some of what stays is in any case.
  const sound =
    signedSeq === head.seq
      ? `from event ${removed.upTo + 1} nothing was changed or taken away.`
      : `from event ${removed.upTo + 1} to ${signedSeq} nothing was changed or taken away; the events behind it are not signed yet.`;
  const lines = [
    `The audit log verifies from ${removed.from} on: ${sound}`,
    `Older months, events 1 to ${removed.upTo}, were removed by retention, the last of them on ${timeWords(removed.at)} by ${removed.actor} (kept: ${removed.retention} months).`,
  ];
  if (removed.notCompared > 0)
    lines.push(
      `${removed.notCompared} checkpoint(s) kept elsewhere are of removed events and could not be compared.`,
    );
  return lines;
}

/** Whoever took the whole folder away changed nothing in this log. */
function aboutBefore({ before }: VerifyReport): readonly string[] {
  return before === undefined
    ? []
    : [
        `It begins in place of another log that was gone, with at least ${before.seq} event(s): find that one, and verify it by itself.`,
      ];
}

function placeWords({ file, seq, at }: Place): string {
  const words = [
    ...(file === undefined ? [] : [file]),
    ...(seq === undefined ? [] : [`event ${seq}`]),
    ...(at === undefined ? [] : [`(${timeWords(at)})`]),
  ];
  return words.length === 0 ? '' : `${words.join(' ')}: `;
}
