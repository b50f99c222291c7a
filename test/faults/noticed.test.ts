import { expect, it } from 'vitest';
import { brokenPromises, KILL_RUN_TIMEOUT } from './harness/kill-run.js';
import type { Check } from './oracle/run.js';
import type { Edit, FaultPoint } from './points/names.js';

/*
 * That the oracle would notice a relay which breaks its promises is tested with relays that do: compiled files are changed
 * as they are loaded. (Those that sync too little are in power-cuts.test.ts.)
 */

const INSERT = 'await deps.queue.insert(';
const LOG_FIRST = /* as the compiler writes it */ `            if (audited.begun)
                inAudit(() => audit.commit());
            audited.begun = false;
            const began = performance.now();
            db.run('COMMIT');`;
const QUEUE_FIRST = `            const began = performance.now();
            db.run('COMMIT');
            if (audited.begun)
                inAudit(() => audit.commit());
            audited.begun = false;`;

/** Often enough that decisions are among what is committed. */
const COMMITS = Array.from(
  { length: 6 },
  () => ['writer.committed', 'writer.before-audit-commit'] as const,
).flat();

const mutants: readonly (readonly [string, Edit, readonly FaultPoint[], Check])[] = [
  [
    'answers 250 before the message is on disk',
    { file: 'intake/receive-message.js', from: INSERT, to: INSERT.replace('await', 'void') },
    ['writer.begun', 'writer.before-audit-commit'],
    'lost',
  ],
  [
    'commits the act before the event that permits it',
    { file: 'store/writer-core.js', from: LOG_FIRST, to: QUEUE_FIRST },
    COMMITS,
    'unrecorded',
  ],
];

it.for(mutants)('a relay that %s', { timeout: KILL_RUN_TIMEOUT }, async ([, edit, points, check]) => {
  const broken = await brokenPromises({ seed: 99, points, edits: [edit] }, check);
  expect(broken.map((one) => one.check)).toContain(check);
});
