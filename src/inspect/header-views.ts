import { fallback } from './charset.js';
import { decodeHeaderText } from './encoded-words.js';
import type { HeaderField } from './header-block.js';
import { identifiersInMachineText, labelOfField } from './machine-text.js';
import type { Oddity } from './oddity.js';
import { percentBytes } from './percent.js';

const DATE =
  /^(?:[a-z]{3},?\s+)?\d{1,2}\s+[a-z]{3,9}\s+\d{2,4}\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s+(?:[+-]\d{4}|[a-z]{1,5}))?(?:\s*\(([^)]{0,200})\))?$/i;
const MESSAGE_IDS = /<[^\s<>@]+@[^\s<>@]+>/g;

/** Tags of DKIM-Signature and ARC fields (RFC 6376 3.5, RFC 8617 4.1) whose values are made by machines. */
const SIGNATURE_TAG = /^\s*(?:v|a|b|bh|c|cv|d|h|i|l|q|s|t|x)\s*=\s*[A-Za-z0-9+/=\s:;,.@_-]*$/;

/**
 * Fields that programs fill with numbers, times and hashes, which detectors would take for identifiers. Each function
 * gives what is left once the expected form is taken away, so that text put into such a field is still read.
 */
const MACHINE_MADE: ReadonlyMap<string, (value: string) => string> = new Map(
  Object.entries({
    date: dateResidue,
    'resent-date': dateResidue,
    'mime-version': (value) => (/^\d\.\d$/.test(value) ? '' : value),
    'message-id': (value) => value.replace(MESSAGE_IDS, ''),
    'resent-message-id': (value) => value.replace(MESSAGE_IDS, ''),
    'content-id': (value) => value.replace(MESSAGE_IDS, ''),
    'in-reply-to': (value) => value.replace(MESSAGE_IDS, ''),
    references: (value) => value.replace(MESSAGE_IDS, ''),
    received: receivedResidue,
    'x-received': receivedResidue,
    'dkim-signature': signatureResidue,
    'x-google-dkim-signature': signatureResidue,
    'arc-seal': signatureResidue,
    'arc-message-signature': signatureResidue,
    'thread-index': (value) => (/^[A-Za-z0-9+/=\s]+$/.test(value) ? '' : value),
    'content-transfer-encoding': (value) => (/^[a-z0-9-]{1,20}$/i.test(value) ? '' : value),
    'content-type': parameterResidue,
    'content-disposition': parameterResidue,
  }),
);

/** Those of them in which a sender could write words, and a reader would find them. */
const WRITABLE =
  /^(?:(?:resent-)?message-id|content-id|in-reply-to|references|(?:x-)?received|thread-index)$/;

/** Fields made of addresses. The addresses of a mail's own sender and recipients aren't content. */
const ADDRESSES =
  /^(?:(?:resent-)?(?:from|sender|to|cc|bcc|reply-to)|return-path|errors-to|delivered-to|x-original-to|disposition-notification-to|return-receipt-to|mail-followup-to|x-envelope-from|x-envelope-to)$/;

/** Percent escapes, as in addresses of pages. */
const ESCAPES = /%[0-9a-f]{2}/i;

export interface FieldReadings {
  readonly name: string;
  /** Decoded value as most readers show it, for policies. */
  readonly value: string;
  /** Every reading that detectors get. Empty where a field holds nothing but machine-made values. */
  readonly readings: readonly string[];
  readonly oddities: readonly Oddity[];
}

/**
 * The readings of one header field. All fields are read, with two reservations: machine-made values of known
 * fields are taken out (`MACHINE_MADE`), and so are the domains of correspondents' addresses, so that these aren't
 * findings and a clinic's own name is no health context; display names, local parts and domains with numbers are read.
 * Of machine-made values, and of the field's own name, what could be an identifier is read all the same.
 */
export function fieldReadings(field: HeaderField): FieldReadings {
  const decoded = decodeHeaderText(field.value);
  const ofAddresses = ADDRESSES.test(field.name);
  const isWritable = WRITABLE.test(field.name);
  const reduce = ofAddresses ? addressText : (MACHINE_MADE.get(field.name) ?? same);
  const readings = new Set<string>();
  const written = ofAddresses ? new Set(decoded.readings.flatMap(asShown)) : decoded.readings;
  const label = labelOfField(field.name);
  for (const reading of written) {
    const rest = reduce(reading).trim();
    const decodedRest = ESCAPES.test(rest) ? fallback(percentBytes(rest)) : rest;
    // Escapes in parameters (RFC 2231 4) look like codes, and nobody is shown them.
    if (reduce !== parameterResidue) readings.add(rest);
    readings.add(decodedRest);
    if (isWritable) readings.add(identifiersInMachineText(reading));
    if (label !== undefined) readings.add(`${label}: ${reading}`);
  }
  readings.add(identifiersInMachineText(field.name));
  readings.delete('');
  return { name: field.name, value: decoded.text, readings: [...readings], oddities: decoded.oddities };
}

/** Without quoted-pairs, and without comments, which some readers show and others leave out (RFC 5322 3.2). */
function asShown(value: string): readonly string[] {
  const unquoted = value.replace(/\\([^\r\n])/g, '$1');
  return [value, unquoted, unquoted.replace(/\([^()]*\)/g, '')];
}

function same(value: string): string {
  return value;
}

function addressText(value: string): string {
  return value.replace(/(?<=[^\s,;])@([^\s,;<>()"@]+)/g, (_whole, domain: string) =>
    domain.replace(/\D/g, '').length < 4 ? '' : ` at ${domain}`,
  );
}

/** What stands in a comment behind a date, which is where programs name the time zone. */
function dateResidue(value: string): string {
  const match = DATE.exec(value);
  return match === null ? value : (match[1] ?? '');
}

/** Without the clauses, addresses and time that relays write (RFC 5321 4.4); whatever else stands there remains. */
function receivedResidue(value: string): string {
  const semicolon = value.lastIndexOf(';');
  const time = value.slice(semicolon + 1).trim();
  const rest =
    semicolon >= 0 && DATE.test(time) ? `${value.slice(0, semicolon)} ${dateResidue(time)}` : value;
  return rest
    .replace(/\bid\s+[A-Za-z0-9._<>@/=+-]+/gi, ' ')
    .replace(/\b(?:from|by|helo|for)\s+[A-Za-z0-9._<>@[\]:=+-]+/gi, ' ')
    .replace(/[([]\[?(?:IPv6:)?[0-9a-f.:]*\]?[)\]]/gi, ' ')
    .replace(/\[(?:IPv6:)?[0-9a-f.:]+\]/gi, ' ')
    .replace(/\bTLS\S*|\bcipher[= ]\S+|\bbits[=:]\S+|\bversion=\S+/gi, ' ');
}

function signatureResidue(value: string): string {
  return value
    .split(';')
    .filter((tag) => !SIGNATURE_TAG.test(tag))
    .join(';');
}

/** Without the boundary, which is random but for what could identify a person; all other parameters remain. */
function parameterResidue(value: string): string {
  return value.replace(/\bboundary(?:\*\d*\*?)?\s*=\s*(?:"[^"]*"|[^\s;]*)/gi, identifiersInMachineText);
}
