import { compare, figure, median } from './compare.js';
import { inboxMails } from './inspection/inbox.js';
import { type BenchMail, benchMails } from './inspection/mails.js';
import { type InspectionJob, type InspectionThread, startThread } from './inspection/thread.js';
import { holdToOneCore } from './one-core.js';
import type { BenchOptions, BenchTable, Subject } from './subject.js';

/** What it costs to read mail and look for everything in it, beside mailparser, which only takes it apart. */
export const inspection: Subject = { name: 'inspection', run };

const KB = 1024;
const MB = 1024 * KB;
const SECONDS = 1;

const SIZES = [
  { what: 'mails of 2 KB', count: 200, size: 2 * KB },
  { what: 'mails of 10 KB', count: 60, size: 10 * KB },
  { what: 'mails of 100 KB', count: 10, size: 100 * KB },
  { what: 'mails of 1 MB', count: 5, size: MB },
] as const;

/** What the mails are made of: see docs/benchmarks.md. */
const MIXES = [
  { what: 'an inbox: answers, letters, newsletters', mails: inboxMails },
  { what: 'letters packed densely', mails: benchMails },
] as const;

async function* run({ rounds }: BenchOptions): AsyncGenerator<BenchTable> {
  const core = holdToOneCore();
  const thread = startThread();
  try {
    for (const { what, mails } of MIXES) {
      const rows = SIZES.map((one) => ({ what: one.what, ...jobs(thread, mails(one.count, one.size)) }));
      const compared = await compare(
        {
          title: `Inspection of mail: structure, every view, all detectors. ${what}`,
          unit: 'MB/s of text',
          ratio: 'cost',
          rows: rows.map((row) => ({
            what: row.what,
            ours: row.ours,
            reference: 'mailparser',
            referenceWork: row.reference,
            asked: '≥ 20 MB/s',
          })),
        },
        rounds,
      );
      yield { ...compared, notes: [core.note] };
    }
    yield await times(thread, rounds);
  } finally {
    await thread.close();
    core.release();
  }
}

function jobs(thread: InspectionThread, mails: readonly BenchMail[]) {
  const units = mails.reduce((sum, { text }) => sum + text, 0) / MB;
  const job = (kind: InspectionJob['kind']) => async () =>
    (await thread.run({ kind, mails: mails.map(({ bytes }) => bytes), units, seconds: SECONDS })).spent;
  return { ours: job('inspect'), reference: job('mailparser') };
}

/** One mail at a time. */
async function times(thread: InspectionThread, rounds: number): Promise<BenchTable> {
  const rows: string[][] = [];
  for (const { what, mails } of MIXES) {
    const bytes = mails(60, 10 * KB).map((mail) => mail.bytes);
    const all: Record<InspectionJob['kind'], number[]> = { inspect: [], mailparser: [] };
    for (let round = -1; round < rounds; round++) {
      for (const kind of ['inspect', 'mailparser'] as const) {
        const { each } = await thread.run({ kind, mails: bytes, units: 0, seconds: SECONDS });
        if (round >= 0) all[kind].push(...each);
      }
    }
    rows.push(row(`inspection, ${what}`, all.inspect, '≤ 1 ms'), row('— mailparser', all.mailparser, ''));
  }
  return { title: 'One mail of 10 KB', head: ['what', 'median ms', 'p99 ms', 'asked'], rows, notes: [] };
}

function row(what: string, values: readonly number[], asked: string): string[] {
  const sorted = values.toSorted((a, b) => a - b);
  return [
    what,
    figure(median(values)),
    figure(sorted[Math.floor(values.length * 0.99)] ?? Number.NaN),
    asked,
  ];
}
