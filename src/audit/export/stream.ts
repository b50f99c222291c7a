import { setTimeout } from 'node:timers/promises';
import { errorText, UserError } from '../../shared/errors.js';
import { GENESIS, type Head } from '../chain.js';
import { type AuditReader, eventPager, toEvent } from '../reader.js';
import { createBeginnings } from '../report/scan.js';
import { exportedEvent } from './exported-event.js';
import type { Rendering } from './formats.js';
import type { Sink } from './sink.js';

export interface ExportTask {
  readonly reader: AuditReader;
  readonly rendering: Rendering;
  /** The last event that has left before; absent: from the first one on. */
  readonly from?: Head;
  /** Epoch milliseconds, `until` exclusive: events of other times are passed over. */
  readonly since?: number;
  readonly until?: number;
  readonly connect: () => Promise<Sink>;
  /** Goes on as events are recorded, and connects again when the connection breaks. */
  readonly follow: boolean;
  readonly stop?: AbortSignal;
  /** Gets how far everything has surely left. */
  readonly onLeft: (head: Head) => void;
  /** Whether an error only means that nobody reads any more. */
  readonly isEnd: (error: unknown) => boolean;
  /** Told when the connection broke, before another try. */
  readonly onBroken: (reason: string) => void;
}

const PAGE = 500;
const POLL_MS = 250;
const RETRY_MS = [1_000, 2_000, 5_000, 15_000, 30_000, 60_000] as const;

/**
 * Writes events in their order, each at least once: after a broken connection it begins again with the first event that
 * may not have arrived.
 * @returns how many were written
 * @throws UserError when it can't be written, and doesn't follow
 */
export async function exportEvents(task: ExportTask): Promise<number> {
  const state = { left: task.from ?? GENESIS, written: 0, failures: 0 };
  for (;;) {
    try {
      await runOnce(task, state);
      return state.written;
    } catch (error) {
      if (task.isEnd(error)) return state.written;
      if (error instanceof UserError || !task.follow) {
        if (error instanceof UserError) throw error;
        throw new UserError(`the export stopped after event ${state.left.seq}: ${errorText(error)}`, {
          cause: error,
        });
      }
      if (isStopped(task)) return state.written;
      task.onBroken(errorText(error));
      await pause(RETRY_MS[Math.min(state.failures, RETRY_MS.length - 1)] ?? 60_000, task.stop);
      state.failures++;
    }
  }
}

interface State {
  left: Head;
  written: number;
  failures: number;
}

/** One connection's time. */
async function runOnce(task: ExportTask, state: State): Promise<void> {
  const { reader, rendering } = task;
  const sink = await task.connect();
  // Written, but possibly not arrived yet; oldest first.
  const inDoubt: { readonly head: Head; readonly at: number }[] = [];
  const settle = (all: boolean) => {
    let left: Head | undefined;
    while (inDoubt[0] !== undefined && (all || Date.now() - inDoubt[0].at >= sink.doubtMs))
      left = inDoubt.shift()?.head;
    if (left === undefined) return;
    state.left = left;
    state.failures = 0;
    task.onLeft(left);
  };
  let beginnings = createBeginnings(reader);
  let last = state.left;
  try {
    if (last.seq === 0 && rendering.head !== '') await sink.write(rendering.head);
    while (!isStopped(task)) {
      // Whether a new month began is asked before reading: the last events of one may come after it was read.
      const grew = reader.refresh();
      if (grew) beginnings = createBeginnings(reader);
      let any = false;
      for (const batch of batches(reader, last.seq)) {
        const text: string[] = [];
        for (const event of batch) {
          last = { seq: event.seq, hash: event.hash };
          if (event.at < (task.since ?? 0) || event.at >= (task.until ?? Number.MAX_VALUE)) continue;
          text.push(rendering.event(exportedEvent(event, beginnings)));
        }
        if (text.length > 0) await sink.write(text.join(''));
        state.written += text.length;
        inDoubt.push({ head: last, at: Date.now() });
        settle(false);
        any = true;
        if (isStopped(task)) break;
      }
      if (!task.follow && !any) break;
      if (task.follow && !any) {
        await pause(POLL_MS, task.stop);
        settle(false);
      }
    }
  } catch (error) {
    await sink.close().catch(() => undefined);
    throw error;
  }
  await sink.close();
  settle(true);
}

function* batches(reader: AuditReader, after: number) {
  let last = after;
  for (const month of reader.months) {
    const page = eventPager(month, PAGE);
    for (let rows = page(last); rows.length > 0; rows = page(last)) {
      yield rows.map((row) => toEvent(row, month.name));
      last = rows.at(-1)?.seq ?? last;
    }
  }
}

function isStopped({ stop }: ExportTask): boolean {
  return stop?.aborted === true;
}

async function pause(ms: number, stop: AbortSignal | undefined): Promise<void> {
  try {
    await setTimeout(ms, undefined, stop === undefined ? {} : { signal: stop });
  } catch (error) {
    if (stop?.aborted !== true) throw error;
  }
}
