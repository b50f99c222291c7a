/** Where in a session something was refused; the `stage` of `session.refused` and of the metrics. */
export type Stage = 'connect' | 'helo' | 'auth' | 'mail' | 'rcpt' | 'data' | 'body' | 'limit';

/**
 * A refusal: reply code, RFC 3463 enhanced status code and a fixed text. `text` goes to the client and into the audit
 * log, so it never repeats what the client sent.
 */
export interface Refusal {
  readonly code: number;
  readonly status: string;
  readonly text: string;
  readonly stage: Stage;
  /** The session ends after this reply. */
  readonly close?: boolean;
}

export function refusal(stage: Stage, code: number, status: string, text: string): Refusal {
  return { stage, code, status, text };
}

/** The store can't be written, or what must be known can't be read: nothing is taken on a guess. */
export function storeDown(stage: Stage): Refusal {
  return refusal(stage, 451, '4.3.0', 'Mail cannot be stored now, try again later');
}
