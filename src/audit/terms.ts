import type { RecipientState } from '../model/message.js';
import type { Json } from '../shared/canonical-json.js';
import type { AuditEventType } from './events.js';
import { listMember, member, textMember } from './json-value.js';

/** What the log can be searched by. The numbers are on disk. */
export const TERM_KINDS = {
  message: 1,
  sender: 2,
  recipient: 3,
  headerMessageId: 4,
  outcome: 5,
  method: 6,
  rule: 7,
  detector: 8,
  type: 9,
  hour: 10,
  subject: 11,
} as const;
export type TermKind = (typeof TERM_KINDS)[keyof typeof TERM_KINDS];

export interface Term {
  readonly kind: TermKind;
  readonly value: string;
}

/** Longest value that is kept in the index; a longer one is cut, and found by its beginning. */
const MAX_VALUE = 512;

/** The state of a recipient (or of a message, `received`) that an event leads to. */
export const OUTCOME_OF_EVENT: Readonly<Partial<Record<AuditEventType, RecipientState>>> = {
  'message.accepted': 'received',
  'recipient.held': 'held',
  'recipient.released': 'pending',
  'held.decide-again': 'received',
  'recipient.method-changed': 'pending',
  'recipient.deferred': 'pending',
  'queue.retried': 'pending',
  'recipient.delivered': 'delivered',
  'recipient.bounced': 'bounced',
  'recipient.expired': 'expired',
  'recipient.ended': 'ended',
  'portal.item-created': 'in-portal',
  'portal.message-read': 'picked-up',
  'portal.expired': 'expired',
  'portal.revoked': 'ended',
  'portal.notice-undeliverable': 'bounced',
};
const OUTCOMES: ReadonlyMap<string, RecipientState> = new Map(Object.entries(OUTCOME_OF_EVENT));

/** The recipient state that an event of this type leads to, if it changes one. */
export function outcomeOf(type: string): RecipientState | undefined {
  return OUTCOMES.get(type);
}

/** The hour of a time, as the index keeps it: hours since 1970, eight digits, so that text order is time order. */
export function hourTerm(at: number): string {
  return String(Math.floor(at / 3_600_000)).padStart(8, '0');
}

/** A value as the index keeps it. Addresses are compared without regard to ASCII case, as everywhere in the relay. */
export function termValue(kind: TermKind, text: string): string {
  const folded =
    kind === TERM_KINDS.sender || kind === TERM_KINDS.recipient
      ? text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
      : text;
  return folded.length <= MAX_VALUE ? folded : folded.slice(0, MAX_VALUE).toWellFormed();
}

/**
 * The index entries of one event, without repetition. The writer stores them with the event and the verifier
 * computes them again, so this function belongs to the format on disk: changing what it gives for an event that
 * could already be in a log needs a new format number.
 */
export function termsOf(type: string, at: number, data: Json): readonly Term[] {
  const terms: Term[] = [
    { kind: TERM_KINDS.type, value: type },
    { kind: TERM_KINDS.hour, value: hourTerm(at) },
  ];
  const add = (kind: TermKind, text: string | undefined) => {
    if (text === undefined) return;
    const value = termValue(kind, text);
    if (!terms.some((term) => term.kind === kind && term.value === value)) terms.push({ kind, value });
  };
  add(TERM_KINDS.message, textMember(data, 'messageId'));
  add(TERM_KINDS.message, textMember(data, 'noticeId'));
  add(TERM_KINDS.sender, textMember(data, 'sender'));
  addAll(terms, TERM_KINDS.sender, listMember(member(data, 'authors'), 'addresses'));
  add(TERM_KINDS.headerMessageId, textMember(data, 'headerMessageId'));
  add(TERM_KINDS.recipient, textMember(data, 'recipient'));
  addAll(terms, TERM_KINDS.recipient, listMember(data, 'recipients'));
  add(TERM_KINDS.subject, textMember(data, 'subjectFingerprint'));
  add(TERM_KINDS.outcome, outcomeOf(type));
  add(TERM_KINDS.method, textMember(data, type === 'recipient.method-changed' ? 'to' : 'method'));
  if (type === 'portal.item-created') add(TERM_KINDS.method, 'portal');
  const decision = member(data, 'decision');
  const first = listMember(decision, 'order')[0];
  if (typeof first === 'string') add(TERM_KINDS.method, first);
  for (const rule of listMember(decision, 'rules')) add(TERM_KINDS.rule, textMember(rule, 'rule'));
  for (const finding of listMember(data, 'findings'))
    add(TERM_KINDS.detector, textMember(finding, 'detector'));
  for (const name of listMember(data, 'classifications')) {
    if (typeof name === 'string') add(TERM_KINDS.detector, name);
  }
  return terms;
}

/** As `add`, for lists that may have thousands of members. */
function addAll(terms: Term[], kind: TermKind, values: readonly Json[]): void {
  if (values.length === 0) return;
  const seen = new Set(terms.filter((term) => term.kind === kind).map((term) => term.value));
  for (const text of values) {
    if (typeof text !== 'string') continue;
    const value = termValue(kind, text);
    if (seen.has(value)) continue;
    seen.add(value);
    terms.push({ kind, value });
  }
}
