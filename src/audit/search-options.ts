import { parseDuration } from '../config/units.js';
import { RECIPIENT_STATES } from '../model/message.js';
import { METHODS } from '../model/method.js';
import { UserError } from '../shared/errors.js';
import { givenMailbox } from '../shared/given-mailbox.js';
import { EVENT_LABELS, isEventType } from './event-labels.js';
import type { SearchQuery } from './search.js';

/** Options of `sallyport audit search`, as text. */
export interface SearchOptions {
  readonly since?: string;
  readonly until?: string;
  readonly sender?: string;
  readonly recipient?: string;
  readonly id?: string;
  readonly messageId?: string;
  readonly subject?: string;
  readonly outcome?: string;
  readonly method?: string;
  readonly rule?: string;
  readonly detector?: string;
  readonly type?: string;
  readonly limit: string;
}

const DAY_MS = 86_400_000;
const TIME = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/;

/**
 * Reads the options of a search.
 * @param now epoch milliseconds, for spans such as `24h`
 * @param fingerprintSubject needed for `subject`
 * @throws UserError (exit status 2)
 */
export function parseSearch(
  options: SearchOptions,
  now: number,
  fingerprintSubject: (subject: string) => string | undefined = () => undefined,
): SearchQuery {
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1 || limit > 1_000_000) {
    throw wrong('--limit must be a number from 1 to 1000000');
  }
  oneOf('--outcome', options.outcome, RECIPIENT_STATES);
  oneOf('--method', options.method, METHODS);
  if (options.type !== undefined && !isEventType(options.type)) {
    throw wrong(`unknown --type ${options.type}; one of ${Object.keys(EVENT_LABELS).join(', ')}`);
  }
  const { id, outcome, method, rule, detector, type } = options;
  const query: { -readonly [K in keyof SearchQuery]: SearchQuery[K] } = { limit };
  if (options.since !== undefined) query.since = parseTime('--since', options.since, now, 0);
  if (options.until !== undefined) query.until = parseTime('--until', options.until, now, DAY_MS);
  if (options.sender !== undefined) query.sender = parseSender(options.sender);
  if (options.recipient !== undefined) query.recipient = parseMailbox('--recipient', options.recipient);
  if (options.messageId !== undefined) query.headerMessageId = withBrackets(options.messageId.trim());
  if (options.subject !== undefined) {
    const fingerprint = fingerprintSubject(options.subject);
    if (fingerprint === undefined) throw wrong('--subject needs words to look for');
    query.subjectFingerprint = fingerprint;
  }
  if (id !== undefined) query.messageId = id.trim();
  if (outcome !== undefined) query.outcome = outcome;
  if (method !== undefined) query.method = method;
  if (rule !== undefined) query.rule = rule;
  if (detector !== undefined) query.detector = detector;
  if (type !== undefined) query.type = type;
  return query;
}

/** A day or a time (UTC unless it says otherwise), or a span before now. A day stands for its start plus `ofDay`. */
export function parseTime(option: string, text: string, now: number, ofDay: number): number {
  const span = parseDuration(text);
  if (span !== undefined) return now - span;
  const match = TIME.exec(text.trim());
  const [, day = '', time, zone = 'Z'] = match ?? [];
  const at = Date.parse(time === undefined ? `${day}T00:00Z` : `${day}T${time}${zone}`);
  if (match === null || Number.isNaN(at)) {
    throw wrong(
      `${option} ${text} is no time; write 2026-11-21, 2026-11-21T14:00Z, or a span before now such as 24h or 7d`,
    );
  }
  return time === undefined ? at + ofDay : at;
}

function parseSender(text: string): string {
  return text === '' || text === '<>' ? '' : parseMailbox('--sender', text);
}

export function parseMailbox(option: string, text: string): string {
  return givenMailbox(text.trim().replace(/^<(.*)>$/, '$1'), option).address;
}

function withBrackets(text: string): string {
  return text.startsWith('<') ? text : `<${text}>`;
}

function oneOf(option: string, text: string | undefined, allowed: readonly string[]): void {
  if (text !== undefined && !allowed.includes(text)) {
    throw wrong(`unknown ${option} ${text}; one of ${allowed.join(', ')}`);
  }
}

function wrong(text: string): UserError {
  return new UserError(text, { exitStatus: 2 });
}
