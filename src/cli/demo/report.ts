import { createPublicKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { verifyAuditLog } from '../../audit/verify.js';
import { checkSealedCopy, hiddenRecipientsShown } from './check-copies.js';
import type { Received } from './peers.js';
import type { Person } from './people.js';
import { readStory, type StoryLine } from './read-story.js';
import { type Expected, SAMPLES } from './samples.js';
import type { Submitted } from './submit.js';

/** One recipient of one sample, and what became of it. */
export interface DemoRow {
  readonly sample: string;
  readonly recipient: string;
  readonly findings: string;
  readonly decision: string;
  readonly wire: string;
  readonly auditSeq: string;
  /** What is not as the policy says; absent when all is well. */
  readonly problem?: string;
}

export interface DemoResult {
  readonly rows: readonly DemoRow[];
  /** Everything that is not as it should be. */
  readonly problems: readonly string[];
  /** Sealed copies that were opened with their recipients' keys and held what was sent. */
  readonly opened: number;
  readonly events: number;
  readonly auditHead: string;
}

/** Compares what happened with what the shipped policies say, from the audit log and from what the peers got. */
export async function report(options: {
  readonly auditDir: string;
  readonly submitted: readonly Submitted[];
  readonly received: readonly Received[];
  readonly people: readonly Person[];
}): Promise<DemoResult> {
  const { auditDir, submitted, received, people } = options;
  const rows: DemoRow[] = [];
  let opened = 0;
  for (const one of submitted) {
    const story = readStory(auditDir, one.id);
    for (const expected of one.sample.expected) {
      const row = rowOf(one.sample.name, story, expected);
      const person = people.find(
        ({ address, method }) => address === expected.to && method === expected.method,
      );
      if (person === undefined || row.problem !== undefined) {
        rows.push(row);
        continue;
      }
      const problem = await checkSealedCopy(one, person, received);
      if (problem === undefined) opened += 1;
      rows.push(
        problem === undefined
          ? { ...row, wire: `${row.wire}\nopened with the recipient's key` }
          : { ...row, problem },
      );
    }
  }
  const problems = rows.flatMap((row) =>
    row.problem === undefined ? [] : [`${row.sample}, ${row.recipient}: ${row.problem}`],
  );
  problems.push(...leaks(received), ...hiddenRecipientsShown(submitted, received));
  const verified = verifyAuditLog({
    dir: auditDir,
    publicKey: createPublicKey(await readFile(join(auditDir, 'public-key.pem'))),
  });
  problems.push(...verified.problems.map((one) => `audit log: ${one.text}`));
  return { rows, problems, opened, events: verified.events, auditHead: verified.head.hash };
}

function rowOf(sample: string, story: readonly StoryLine[], expected: Expected): DemoRow {
  const recipient = expected.to;
  const mine = story.filter((line) => line.recipient === undefined || line.recipient === recipient);
  const decided = mine.find((line) => line.kind === 'decided');
  const last = mine.findLast((line) => line.kind === 'end');
  const reached =
    last === undefined ? 'no end' : `${last.state}${last.method === undefined ? '' : ` by ${last.method}`}`;
  const wanted = `${expected.state}${expected.method === undefined ? '' : ` by ${expected.method}`}`;
  return {
    sample,
    recipient,
    findings: mine.find((line) => line.kind === 'inspected')?.text ?? 'not inspected',
    decision: decided?.text ?? 'not decided',
    wire: mine
      .filter((line) => line.kind === 'attempt' || line.kind === 'end')
      .map((line) => line.text)
      .join('\n'),
    auditSeq: mine.length === 0 ? '' : `${mine[0]?.seq}–${mine[mine.length - 1]?.seq}`,
    ...(reached === wanted ? {} : { problem: `expected ${wanted}, but it is ${reached}` }),
  };
}

/** What left in the clear may hold a sample's text only for recipients for whom no rule asked for protection. */
function leaks(received: readonly Received[]): readonly string[] {
  const inTheClear = received.filter((got) => got.tls === undefined);
  return inTheClear.flatMap((got) =>
    SAMPLES.filter((sample) => got.bytes.includes(sample.canary)).flatMap((sample) =>
      got.recipients
        .filter((to) => !sample.expected.some((one) => one.to === to && one.method === 'plain'))
        .map((to) => `${sample.name}: travelled in the clear to ${to}`),
    ),
  );
}
