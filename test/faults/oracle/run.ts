/*
 * What is known of one run from outside the relay: what clients were answered, what servers got and how, and the files
 * that the relay left. Nothing in it is the relay's own opinion, except `rows`, which is compared with the rest.
 */

/** A message that a client got `250` for. */
export interface Accepted {
  /** Our ID from the reply. */
  readonly id: string;
  readonly sender: string;
  readonly recipients: readonly string[];
  /** Message-ID that the client wrote, with angle brackets. */
  readonly messageId: string;
}

/** A message as a server took it: it answered 250 after the final dot, whether or not that was still heard. */
export interface Copy {
  /** Which start of the relay sent it, from 0. */
  readonly generation: number;
  /** `MAIL` and `RCPT` command lines. */
  readonly mail: string;
  readonly rcpts: readonly string[];
  /** As on the wire. */
  readonly content: string;
  /** TLS version, or undefined in the clear. */
  readonly tls: string | undefined;
  /** Number of the newest event in the audit log when the server saw DATA, read by the server itself. */
  readonly headAtData: number;
}

export interface LogEvent {
  readonly seq: number;
  /** Epoch milliseconds by the relay's clock. */
  readonly at?: number;
  readonly type: string;
  readonly data: unknown;
}

/** One start of the relay, to its end. */
export interface Generation {
  /** `killed`: also when it ended by itself because its store failed. */
  readonly end: 'killed' | 'stopped';
  /** Number of the newest event that its files hold. */
  readonly lastSeq: number;
  /** Recipients' rows in its files: state by `rowKey`. */
  readonly rows: ReadonlyMap<string, string>;
  /** What a verifier says of its audit files, each problem in words; empty: the chain verifies. */
  readonly chainProblems: readonly string[];
}

/** Bytes that were written or said somewhere. */
export interface Place {
  readonly name: string;
  readonly bytes: Buffer;
}

export interface Run {
  readonly accepted: readonly Accepted[];
  /** In the order in which they arrived. */
  readonly copies: readonly Copy[];
  readonly generations: readonly Generation[];
  /** The whole log after the last generation. */
  readonly events: readonly LogEvent[];
  /** Every byte that travelled outside TLS, sealed mail included. */
  readonly clear: readonly Place[];
  /** Output, files, temporary files, core files. */
  readonly written: readonly Place[];
  /** Words that only protected messages hold. */
  readonly canaries: readonly string[];
}

export const CHECKS = [
  /** It can't be started any more; said by the harness. */
  'no-start',
  'lost',
  'one-end',
  'unproved-delivery',
  'no-bounce-message',
  'undecided',
  'unrecorded',
  'weaker',
  'envelope',
  'duplicate',
  'chain',
  'in-the-clear',
  'leak',
] as const;
export type Check = (typeof CHECKS)[number];

export interface Violation {
  readonly check: Check;
  /** What is wrong, with IDs and addresses. */
  readonly text: string;
}

export function rowKey(id: string, address: string): string {
  return `${id} ${address}`;
}
