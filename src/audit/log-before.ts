import type { Checkpoint } from './checkpoint.js';
import type { AuditEventType } from './events.js';
import { member, readData, textMember } from './json-value.js';
import type { EventRow } from './reader.js';

const BEGUN_ANEW: AuditEventType = 'audit.begun-anew';

/** The newest checkpoint that was known of a log in whose place another began. */
export type LogBefore = Pick<Checkpoint, 'seq' | 'hash' | 'key'>;

/** Which log went before, where this event says so; it does only as the first. */
export function logBefore({
  seq,
  type,
  data,
}: Pick<EventRow, 'seq' | 'type' | 'data'>): LogBefore | undefined {
  if (seq !== 1 || type !== BEGUN_ANEW) return undefined;
  const value = readData(data);
  const lastSeq = member(value, 'lastSeq');
  const [hash, key] = [textMember(value, 'lastHash'), textMember(value, 'key')];
  return typeof lastSeq !== 'number' || hash === undefined || key === undefined
    ? undefined
    : { seq: lastSeq, hash, key };
}
