/** What a piece of work took. */
export interface Spent {
  /** Messages or megabytes, as the table says. */
  readonly units: number;
  /** Seconds on the clock. */
  readonly wall: number;
  /** Seconds of processor time: of all threads, or of the processes that were started. */
  readonly cpu: number;
}

/** Something to be measured; each call is one round. */
export type Work = () => Spent | Promise<Spent>;
