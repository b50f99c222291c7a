import { join } from 'node:path';
import { monthFileNames } from '../audit/month-file.js';
import { newestEventAt } from '../audit/reader.js';
import { monthNumber } from '../audit/retention.js';
import { errorText } from '../shared/errors.js';
import type { Store } from '../store/ports.js';
import type { Log } from './log.js';

const EVERY_MS = 6 * 3_600_000;
/** Months between the newest file and the one before, from which on the clock is not believed. */
const STRANGE_GAP = 3;
/** A log that has said nothing for longer than this does not show what time it is. */
const SILENCE_MS = 62 * 86_400_000;

export interface RetentionDeps {
  readonly store: Pick<Store, 'pruneAudit'>;
  readonly dataDir: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Whole months, or for ever. */
  readonly retention: number | 'forever';
  readonly log: Log;
}

/** Removes months of the audit log whose time is over, now and every six hours. Gives what stops it. */
export function startAuditRetention(deps: RetentionDeps): () => void {
  const { retention } = deps;
  if (retention === 'forever') return () => undefined;
  const run = () => {
    removeOldMonths({ ...deps, retention }).catch((error: unknown) =>
      deps.log.error({ reason: errorText(error) }, 'old months of the audit log could not be removed'),
    );
  };
  const timer = setInterval(run, EVERY_MS);
  timer.unref();
  run();
  return () => clearInterval(timer);
}

/**
 * One month at most: in ordinary times no more than one is over at once, and a clock that is wrong by years must not
 * empty the log. After a strange gap, between files or from the newest event to now, a person has to look:
 * `sallyport audit prune`.
 */
export async function removeOldMonths({
  store,
  dataDir,
  now,
  retention,
  log,
}: RetentionDeps & { readonly retention: number }): Promise<void> {
  const dir = join(dataDir, 'audit');
  const [newest, before] = monthFileNames(dir).toReversed();
  if (newest === undefined || before === undefined) return;
  if (monthNumber(newest) - monthNumber(before) >= STRANGE_GAP) {
    log.warn(
      { newest, before },
      'no month of the audit log is removed: there is none between its last two, so the clock may be wrong; `sallyport audit prune` removes them',
    );
    return;
  }
  const last = newestEventAt(dir);
  if (last !== undefined && now() - last > SILENCE_MS) {
    log.warn(
      { newestEvent: new Date(last).toISOString() },
      'no month of the audit log is removed: its newest event is older than 62 days, so the clock may be wrong; `sallyport audit prune` removes them',
    );
    return;
  }
  const { remove, heldBack } = await store.pruneAudit({ retention, actor: 'retention', most: 1 });
  for (const { month, events } of remove)
    log.info({ month, events }, 'a month of the audit log was removed: its time was over');
  if (heldBack !== undefined) log.info({ ...heldBack }, 'a legal hold keeps a month of the audit log');
}
