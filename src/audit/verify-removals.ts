import type { KeyObject } from 'node:crypto';
import type { Json } from '../shared/canonical-json.js';
import { checkpointSignatureHolds, findCheckpoint } from './checkpoint.js';
import type { AuditEventType } from './events.js';
import { listMember, member, readData, textMember } from './json-value.js';
import { monthOf } from './month-file.js';
import type { EventRow } from './reader.js';
import { monthNumber, monthStart } from './retention.js';
import type { Findings } from './verify-report.js';

/** What an `audit.pruned` event in the chain says of itself. */
export interface RemovalFacts {
  readonly at: number;
  readonly actor: string;
  /** Whole months that were kept; 0 when it names none. */
  readonly retention: number;
}

/**
 * Follows the legal holds through the chain and judges each removal by what the chain shows at that moment: whether
 * the relay itself would have made it.
 */
export interface RemovalWatch {
  /** To be given each event, in order, with its file, that file's month, and whether a good checkpoint is of just it. */
  event(row: EventRow, file: string, month: string, hasOwnCheckpoint: () => boolean): void;
  /** The removal that this event is, once it was met. */
  removal(seq: number): RemovalFacts | undefined;
}

interface Period {
  readonly since: number;
  readonly until: number;
}

const ADDED: AuditEventType = 'legal-hold.added';
const ENDED: AuditEventType = 'legal-hold.removed';
export const PRUNED: AuditEventType = 'audit.pruned';

export function watchRemovals(publicKey: KeyObject, findings: Findings): RemovalWatch {
  /** Holds in force that cover everything of a period. One on a single address covers only months with its mail. */
  const holds = new Map<string, Period>();
  const removals = new Map<number, RemovalFacts>();
  return {
    removal: (seq) => removals.get(seq),
    event(row, file, fileMonth, hasOwnCheckpoint) {
      if (row.type !== ADDED && row.type !== ENDED && row.type !== PRUNED) return;
      const data = readData(row.data);
      if (row.type === PRUNED) {
        const facts = {
          at: row.at,
          actor: textMember(data, 'actor') ?? '',
          retention: wholeNumber(data, 'retention') ?? 0,
        };
        removals.set(row.seq, facts);
        const doubts = doubtsOf(data, facts, fileMonth, holds, publicKey);
        // The relay writes event and checkpoint in one transaction.
        if (!hasOwnCheckpoint())
          doubts.unshift('is without a checkpoint of its own, which the relay makes with it');
        if (doubts.length === 0) return;
        findings.problem(
          'removal-doubtful',
          { file, seq: row.seq, at: row.at },
          `this event says that months were removed, but ${doubts.join('; ')}: the relay would not have removed them`,
        );
        return;
      }
      const name = textMember(data, 'name') ?? '';
      holds.delete(name);
      const address = textMember(data, 'address');
      if (row.type === ADDED && (address === undefined || address.startsWith('@'))) {
        holds.set(name, {
          since: wholeNumber(data, 'since') ?? Number.NEGATIVE_INFINITY,
          until: wholeNumber(data, 'until') ?? Number.POSITIVE_INFINITY,
        });
      }
    },
  };
}

function doubtsOf(
  data: Json,
  { at, retention }: RemovalFacts,
  fileMonth: string,
  holds: ReadonlyMap<string, Period>,
  publicKey: KeyObject,
): string[] {
  const doubts: string[] = [];
  const months = listMember(data, 'months').map((one) => ({ one, month: textMember(one, 'month') ?? '' }));
  if (months.length === 0 || months.some(({ month }) => !/^\d{4}-\d\d$/.test(month)))
    return ['it does not name them'];
  if (retention < 1) doubts.push('it does not say how long they were to be kept');
  // A file holds no event of a later month than its own.
  const now = Math.min(monthNumber(monthOf(at)), monthNumber(fileMonth));
  const names = (found: typeof months) => found.map(({ month }) => month).join(', ');
  const young = months.filter(({ month }) => now - monthNumber(month) <= retention);
  if (young.length > 0)
    doubts.push(`${names(young)} was younger than the ${retention} month(s) that it names`);
  for (const [hold, { since, until }] of holds) {
    const held = months.filter(({ month }) => until > monthStart(month, 0) && since < monthStart(month, 1));
    if (held.length > 0) doubts.push(`${names(held)} was under the legal hold ${hold}`);
  }
  const open = months.filter(({ one }) => !isClosed(one, publicKey));
  if (open.length > 0) doubts.push(`${names(open)} comes without a good checkpoint of their end`);
  return doubts;
}

/** Whether a removed month comes with the checkpoint that had closed it, so that it was signed before it went. */
function isClosed(month: Json, publicKey: KeyObject): boolean {
  if (member(month, 'events') === 0) return true;
  const checkpoint = findCheckpoint(textMember(month, 'checkpoint') ?? '');
  return (
    checkpoint !== undefined &&
    checkpoint !== 'damaged' &&
    checkpoint.seq === member(month, 'lastSeq') &&
    checkpoint.hash === member(month, 'lastHash') &&
    checkpointSignatureHolds(checkpoint, publicKey)
  );
}

function wholeNumber(data: Json, key: string): number | undefined {
  const value = member(data, key);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
