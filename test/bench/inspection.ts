import { compare, figure, median } from './compare.js';
import { type BenchMail, benchMails } from './inspection/mails.js';
import { type InspectionJob, type InspectionThread, startThread } from './inspection/thread.js';
import { holdToOneCore } from './one-core.js';
import type { BenchOptions, BenchTable, Subject } from './subject.js';

/** What it costs to read mail and look for everything in it, beside mailparser, which only takes it apart. */
export const inspection: Subject = { name: 'inspection', run };

const KB = 1024;
const MB = 1024 * KB;
const SECONDS = 1;

const MIXES = [
  { what: 'mails of 2 KB', mails: () => benchMails(200, 2 * KB) },
  { what: 'mails of 10 KB', mails: () => benchMails(60, 10 * KB) },
  { what: 'mails of 100 KB', mails: () => benchMails(10, 100 * KB) },
  { what: 'mails of 1 MB', mails: () => benchMails(5, MB) },
] as const;

async function* run({ rounds }: BenchOptions): AsyncGenerator<BenchTable> {
  const core = holdToOneCore();
  const thread = startThread();
  try {
    const rows = MIXES.map(({ what, mails }) => ({ what, ...jobs(thread, mails()) }));
    const compared = await compare(
      {
        title: 'Inspection of mail: structure, every view, all detectors',
        unit: 'MB/s of text',
        ratio: 'cost',
        rows: rows.map(({ what, ours, reference }) => ({
          what,
          ours,
          reference: 'mailparser',
          referenceWork: reference,
          asked: '≥ 20 MB/s',
        })),
      },
      rounds,
    );
    yield { ...compared, notes: [core.note] };
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
  const mails = benchMails(60, 10 * KB).map(({ bytes }) => bytes);
  const all: Record<InspectionJob['kind'], number[]> = { inspect: [], mailparser: [] };
  for (let round = -1; round < rounds; round++) {
    for (const kind of ['inspect', 'mailparser'] as const) {
      const { each } = await thread.run({ kind, mails, units: 0, seconds: SECONDS });
      if (round >= 0) all[kind].push(...each);
    }
  }
  const row = (what: string, values: readonly number[], asked: string) => [
    what,
    figure(median(values)),
    figure(values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN),
    asked,
  ];
  return {
    title: 'One mail of 10 KB',
    head: ['what', 'median ms', 'p99 ms', 'asked'],
    rows: [row('inspection', all.inspect, '≤ 1 ms'), row('mailparser', all.mailparser, '')],
    notes: [],
  };
}
