import { END_STATES, type RecipientKey, type RecipientState } from '../../model/message.js';
import { REACHED_TLS_LEVELS, type ReachedTlsLevel } from '../../model/method.js';
import type { ChangedRow, NewMessage, QueueChange, RecipientChange } from '../ports.js';
import type { RelayDb, SqlValue } from '../relay-db.js';
import { putApproval } from './operators.js';
import { changeItem, insertItem, isAsAsked } from './portal-writes.js';
import { insertMessage, insertRewritten } from './queue-writes.js';
import { isSuppressed, putSuppression } from './suppressions.js';

/**
 * Applies one change of the work in progress. Where it names recipients and none of them could be changed, somebody
 * else moved them meanwhile: what the change would have made (mail, portal items) is then not made. Marking the
 * message decided, closing portal items and remembering TLS levels stand by themselves and always apply.
 * False, with nothing done, when `onlyIfAllApply` is asked for and a row has moved.
 */
export function applyChange(db: RelayDb, change: QueueChange): readonly ChangedRow[] | false {
  const named = change.recipients ?? [];
  if (change.onlyIfAllApply === true && !(named.every((one) => mayChange(db, one)) && itemsAllow(db, change)))
    return false;
  const changed = named.flatMap((one) => changeRecipient(db, one) ?? []);
  if (change.decided !== undefined) {
    for (const one of change.decided.rewritten ?? []) insertRewritten(db, change.decided.messageId, one);
    markDecided(db, change.decided);
  }
  for (const one of change.approve ?? []) putApproval(db, one);
  if (change.decideAgain !== undefined) decideAgain(db, change.decideAgain.messageId);
  for (const item of change.changePortalItems ?? []) changeItem(db, item);
  for (const one of change.suppress ?? []) putSuppression(db, one);
  for (const one of change.rememberTls ?? []) rememberTls(db, one);
  if (named.length === 0 || changed.length > 0) make(db, change, named, changed);
  return changed;
}

function make(
  db: RelayDb,
  change: QueueChange,
  named: readonly RecipientChange[],
  changed: readonly RecipientKey[],
): void {
  const isIn = (keys: readonly RecipientKey[], messageId: string, index: number): boolean =>
    keys.some((key) => key.messageId === messageId && key.index === index);
  const keys = named.map((one) => one.key);
  const overtaken = new Set<string>();
  for (const item of change.createPortalItems ?? []) {
    if (
      isIn(keys, item.messageId, item.recipientIndex) &&
      !isIn(changed, item.messageId, item.recipientIndex)
    ) {
      overtaken.add(item.id);
    } else {
      insertItem(db, item);
    }
  }
  const aboutOvertaken = ({ message }: NewMessage): boolean =>
    message.aboutPortalItem !== undefined && overtaken.has(message.aboutPortalItem);
  for (const mail of change.create ?? []) if (!aboutOvertaken(mail)) insertMessage(db, mail);
}

const ENDS: ReadonlySet<RecipientState> = new Set(END_STATES);

const COLUMNS = Object.entries({
  state: 'state',
  decision: 'decision',
  method: 'method',
  attempts: 'attempts',
  nextAttemptAt: 'next_attempt_at',
  expiresAt: 'expires_at',
  tlsFailingSince: 'tls_failing_since',
  delayWarnedAt: 'delay_warned_at',
  lastStatus: 'last_status',
  lastReason: 'last_reason',
} as const satisfies Record<keyof RecipientChange['set'], string>);

/** The row, as long as it is in one of the states named. A row at its end is never changed, whatever is named. */
function startingAt({ key, from }: RecipientChange): { readonly where: string; readonly values: SqlValue[] } {
  const states = from.filter((state) => !ENDS.has(state));
  return {
    where: `message_id = ? AND idx = ? AND state IN (${states.map(() => '?').join(', ')})`,
    values: [key.messageId, key.index, ...states],
  };
}

function mayChange(db: RelayDb, change: RecipientChange): boolean {
  const { where, values } = startingAt(change);
  return db.get(`SELECT 1 FROM recipients WHERE ${where}`, ...values) !== undefined;
}

function itemsAllow(db: RelayDb, { changePortalItems = [] }: QueueChange): boolean {
  return changePortalItems.every((one) => isAsAsked(db, one));
}

/** Undefined where the row was in none of the states named. */
function changeRecipient(db: RelayDb, change: RecipientChange): ChangedRow | undefined {
  const { key, set, begins } = change;
  if (begins === undefined || isSuppressed(db, begins.address, begins.now))
    return setRecipient(db, change, set) ? key : undefined;
  const { attempts, nextAttemptAt } = begins;
  return setRecipient(db, change, { ...set, attempts, nextAttemptAt }) ? { ...key, begun: true } : undefined;
}

function setRecipient(db: RelayDb, change: RecipientChange, values: RecipientChange['set']): boolean {
  const { decision, ...plain } = values;
  const set: Readonly<Record<string, SqlValue | undefined>> =
    decision === undefined ? plain : { ...plain, decision: JSON.stringify(decision) };
  const assignments: string[] = [];
  const assigned: SqlValue[] = [];
  for (const [name, column] of COLUMNS) {
    const value = set[name];
    if (value === undefined) continue;
    assignments.push(`${column} = ?`);
    assigned.push(value);
  }
  // With nothing to set it still tells whether the row is there, in one of the states.
  if (assignments.length === 0) assignments.push('idx = idx');
  const start = startingAt(change);
  return (
    db.run(
      `UPDATE recipients SET ${assignments.join(', ')} WHERE ${start.where}`,
      ...assigned,
      ...start.values,
    ) === 1
  );
}

function markDecided(
  db: RelayDb,
  decided: { readonly messageId: string; readonly subjectShowable: boolean },
): void {
  db.run(
    "UPDATE messages SET state = 'decided', subject_showable = ? WHERE id = ? AND state = 'received'",
    decided.subjectShowable ? 1 : 0,
    decided.messageId,
  );
}

function decideAgain(db: RelayDb, messageId: string): void {
  // What was found the last time says nothing of what will be found now: until then no Subject is shown.
  db.run(
    "UPDATE messages SET state = 'received', inspect_attempts = 0, subject_showable = 0 WHERE id = ?",
    messageId,
  );
}

function rememberTls(
  db: RelayDb,
  seen: { readonly domain: string; readonly level: ReachedTlsLevel; readonly at: number },
): void {
  // Clear text isn't remembered: a domain seen only without TLS is one never seen with it.
  if (seen.level === 'none') return;
  const before = db.get<{ readonly level: ReachedTlsLevel }>(
    'SELECT level FROM tls_memory WHERE domain = ?',
    seen.domain,
  );
  const rank = (level: ReachedTlsLevel): number => REACHED_TLS_LEVELS.indexOf(level);
  if (before !== undefined && rank(before.level) >= rank(seen.level)) return;
  db.run(
    `INSERT INTO tls_memory (domain, level, at) VALUES (?, ?, ?)
     ON CONFLICT (domain) DO UPDATE SET level = excluded.level, at = excluded.at`,
    seen.domain,
    seen.level,
    seen.at,
  );
}
