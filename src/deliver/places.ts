import type { Config } from '../config/schema.js';
import type { Begun, WaitingJobs } from './waiting-jobs.js';

/**
 * Milliseconds that a job waits for its place once its attempt is committed. Then it has to give its rows back: what is
 * begun must not wait for minutes behind a server that answers no more, while its next time and the number of its
 * attempts say that it was tried.
 */
const PATIENCE = 1000;

/** The place of one job among the connections to its destination; it may act only while it has it. */
export interface Place {
  /**
   * Waits for the place. Asked for when the attempt is committed, or before that. Asked again it gives the same.
   */
  take(): Promise<PlaceTaken>;
  /** A connection of the job is being closed: the place stays its own until `closed`, which never rejects. */
  closing(closed: Promise<void>): void;
  /** Resolves when no connection of the job is being closed any more, so that it may open another. */
  closed(): Promise<void>;
  /**
   * Gives the place to the next job, at once or when the last connection is closed: no mail is sent any more. Resolves
   * when it is given back. Asked again it gives the same.
   */
  free(): Promise<void>;
}

export type PlaceTaken =
  /** It is the job's until `free`; `waited` is how long it stood in line, in milliseconds, where it had to. */
  | { readonly kind: 'taken'; readonly waited?: number }
  /** It took too long, or nothing is begun any more: the job must not act. */
  | { readonly kind: 'none' };

export interface Places {
  of(begun: Begun): Place;
  /** From here on nobody gets a place who hasn't one. */
  close(): void;
}

const NONE: PlaceTaken = { kind: 'none' };

/**
 * @param onFree a place was given back, and others may begin
 */
export function createPlaces(jobs: WaitingJobs, config: () => Config, onFree: () => void): Places {
  const inLine = new Map<Begun, (taken: boolean) => void>();
  let closed = false;

  const waitInLine = (begun: Begun): Promise<boolean> =>
    new Promise((resolve) => {
      const patience = setTimeout(() => leave(false), PATIENCE);
      const leave = (taken: boolean) => {
        clearTimeout(patience);
        inLine.delete(begun);
        resolve(taken);
      };
      inLine.set(begun, leave);
      callNext(begun);
    });

  const callNext = (beside: Begun) => {
    for (let one = jobs.next(beside, config()); one !== undefined; one = jobs.next(beside, config()))
      inLine.get(one)?.(true);
  };

  return {
    of(begun) {
      let taken: Promise<PlaceTaken> | undefined;
      let since: number | undefined;
      let isFree = false;
      let closing: Promise<void> | undefined;
      let freeing: Promise<void> | undefined;
      const freeNow = () => {
        if (isFree) return;
        isFree = true;
        jobs.talked(begun, since === undefined ? undefined : performance.now() - since, config());
        callNext(begun);
        onFree();
      };
      const take = async (): Promise<PlaceTaken> => {
        const asked = performance.now();
        if (jobs.ready(begun)) {
          since = asked;
          return { kind: 'taken' };
        }
        if (!closed && (await waitInLine(begun))) {
          since = performance.now();
          return { kind: 'taken', waited: since - asked };
        }
        isFree = true;
        jobs.gaveUp(begun);
        onFree();
        return NONE;
      };
      return {
        take() {
          taken ??= take();
          return taken;
        },
        closing(closed) {
          const before = closing;
          closing = before === undefined ? closed : Promise.all([before, closed]).then(() => undefined);
        },
        async closed() {
          await closing;
        },
        free() {
          if (freeing !== undefined) return freeing;
          if (closing === undefined) {
            freeNow();
            freeing = Promise.resolve();
          } else {
            freeing = closing.finally(freeNow);
          }
          return freeing;
        },
      };
    },
    close() {
      closed = true;
      for (const leave of [...inLine.values()]) leave(false);
    },
  };
}
