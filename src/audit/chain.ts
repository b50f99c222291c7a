import { hash } from 'node:crypto';

/** A place in the log: the number of an event and its hash (hex SHA-256). */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/** What stands before the first event of a log. */
export const GENESIS: Head = { seq: 0, hash: '0'.repeat(64) };

export interface ChainedFields {
  readonly seq: number;
  /** Epoch milliseconds, the clock as it was. */
  readonly at: number;
  readonly type: string;
  /** Canonical JSON (RFC 8785). */
  readonly data: string;
}

/**
 * The hash of one event: SHA-256 over a line of domain separation and the five fields, each ended by a line feed.
 * Nothing but the last field can hold a line feed unescaped, and that one cannot either, so no two events share
 * their text. This is the format on disk: changing it breaks every log ever written.
 */
export function eventHash(previousHash: string, { seq, at, type, data }: ChainedFields): string {
  return hash(
    'sha256',
    `sallyport-audit-event v1\n${previousHash}\n${seq}\n${at}\n${type}\n${data}\n`,
    'hex',
  );
}
