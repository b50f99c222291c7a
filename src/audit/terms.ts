import type { RecipientState } from '../model/message.js';
import type { Json } from '../shared/canonical-json.js';
import type { AuditEventType } from './events.js';
import { isJsonObject, isList, listMember, textMember } from './json-value.js';

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
  const hour = Math.floor(at / 3_600_000);
  // Most events are of the same hour as the one before.
  if (hour !== lastHour.number) lastHour = { number: hour, term: String(hour).padStart(8, '0') };
  return lastHour.term;
}
let lastHour = { number: Number.NaN, term: '' };

/** A value as the index keeps it. Addresses are compared without regard to ASCII case, as everywhere in the relay. */
export function termValue(kind: TermKind, text: string): string {
  const isAddress = kind === TERM_KINDS.sender || kind === TERM_KINDS.recipient;
  const folded = isAddress && /[A-Z]/.test(text) ? foldAscii(text) : text;
  return folded.length <= MAX_VALUE ? folded : folded.slice(0, MAX_VALUE).toWellFormed();
}

function foldAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
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
  const outcome = outcomeOf(type);
  const isItem = type === 'portal.item-created';
  if (!isJsonObject(data)) {
    addFirst(terms, TERM_KINDS.outcome, outcome);
    if (isItem) addFirst(terms, TERM_KINDS.method, 'portal');
    return terms;
  }
  // Read plainly, since no object has members of these names unless it was given them: this runs for every event that is
  // written or verified.
  addFirst(terms, TERM_KINDS.message, data.messageId);
  add(terms, TERM_KINDS.message, data.noticeId);
  addFirst(terms, TERM_KINDS.sender, data.sender);
  const authors = data.authors;
  if (authors !== undefined) addAll(terms, TERM_KINDS.sender, listMember(authors, 'addresses'));
  addFirst(terms, TERM_KINDS.headerMessageId, data.headerMessageId);
  addFirst(terms, TERM_KINDS.recipient, data.recipient);
  addAll(terms, TERM_KINDS.recipient, data.recipients);
  addFirst(terms, TERM_KINDS.subject, data.subjectFingerprint);
  addFirst(terms, TERM_KINDS.outcome, outcome);
  addFirst(terms, TERM_KINDS.method, data[type === 'recipient.method-changed' ? 'to' : 'method']);
  if (isItem) add(terms, TERM_KINDS.method, 'portal');
  const decision = data.decision;
  if (decision !== undefined) {
    add(terms, TERM_KINDS.method, listMember(decision, 'order')[0]);
    for (const rule of listMember(decision, 'rules')) add(terms, TERM_KINDS.rule, textMember(rule, 'rule'));
  }
  if (data.findings !== undefined) {
    for (const finding of listMember(data, 'findings'))
      add(terms, TERM_KINDS.detector, textMember(finding, 'detector'));
  }
  if (data.classifications !== undefined) {
    for (const name of listMember(data, 'classifications')) add(terms, TERM_KINDS.detector, name);
  }
  return terms;
}

/** Adds a value if it is text; the first of its kind, so that it is none of those before. */
function addFirst(terms: Term[], kind: TermKind, text: Json | undefined): void {
  if (typeof text === 'string') terms.push({ kind, value: termValue(kind, text) });
}

function add(terms: Term[], kind: TermKind, text: Json | undefined): void {
  if (typeof text !== 'string') return;
  const value = termValue(kind, text);
  for (const term of terms) if (term.kind === kind && term.value === value) return;
  terms.push({ kind, value });
}

/** As `add`, for lists that may have thousands of members. */
function addAll(terms: Term[], kind: TermKind, values: Json | undefined): void {
  if (!isList(values)) return;
  if (values.length === 1) {
    add(terms, kind, values[0]);
    return;
  }
  const seen = new Set(terms.filter((term) => term.kind === kind).map((term) => term.value));
  for (const text of values) {
    if (typeof text !== 'string') continue;
    const value = termValue(kind, text);
    if (seen.has(value)) continue;
    seen.add(value);
    terms.push({ kind, value });
  }
}
