import type { WriterAnswer, WriterRequest } from './writer-core.js';

/** What the writer thread is started with. */
export interface WriterStart {
  readonly file: string;
  readonly auditDir: string;
  readonly signingKeyPem: string;
  /** Where a log begins whose folder is to be `auditDir`, with its key; absent: it is there. */
  readonly beginsIn?: string;
  /** See key-check. */
  readonly keyCheckValue: Uint8Array;
  readonly keySource: string;
  readonly checkpointEveryEvents: number;
  readonly checkpointEveryMs: number;
  /** Epoch milliseconds. The thread has no clock of its own: every message to it carries the time. */
  readonly at: number;
}

export type ToWriter =
  | { readonly kind: 'requests'; readonly requests: readonly WriterRequest[] }
  | ToldWriter;

/** What is no request to the database; it stands behind the requests before it. */
export type ToldWriter =
  | { readonly kind: 'audit-head'; readonly id: number }
  /** See AuditRetention in the ports. */
  | {
      readonly kind: 'prune-audit';
      readonly id: number;
      readonly at: number;
      readonly retention: number;
      readonly actor: string;
      readonly most: number;
    }
  | { readonly kind: 'tick'; readonly at: number }
  /** Finish what was asked before, tidy up and end. */
  | { readonly kind: 'close'; readonly at: number };

/** What a start saw of the audit log. */
export interface LogAtStart {
  /** So many of its checkpoints are newer than the one that relay.db remembers, if it remembers one. */
  readonly missed: number;
  /** So many events that a power cut took from it were put back. */
  readonly putBack: number;
}

export type FromWriter =
  | { readonly kind: 'opened'; readonly log: LogAtStart }
  /** It could not open; `forUser`: the message says what to do. */
  | { readonly kind: 'not-opened'; readonly message: string; readonly forUser: boolean }
  | { readonly kind: 'answers'; readonly answers: readonly WriterAnswer[] }
  | { readonly kind: 'checkpoint'; readonly line: string }
  /** Readers have kept the log of relay.db from being emptied for so long; and later, that it was. */
  | { readonly kind: 'log-kept'; readonly hinderedMs: number }
  | { readonly kind: 'log-emptied' }
  | { readonly kind: 'failed'; readonly message: string }
  /** `problem`: what went wrong while closing, after everything asked for had been answered. */
  | { readonly kind: 'closed'; readonly problem?: string };
