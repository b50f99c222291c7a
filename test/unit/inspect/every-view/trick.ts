import { inspectMessage } from '../../../../src/inspect/inspect-message.js';
import { isClean, LIMITS, mail } from '../limits.js';

/** A made-up number, and words of health around it. */
export const NUMBER = '501-23-4567';
export const SECRET = `Patient SSN ${NUMBER}, diagnosis asthma`;

/**
 * What a message with the secret must come to:
 * - `found`: the number is found, the message is `phi`, and nothing about it is ambiguous;
 * - `found, ambiguous`: it is found, and the message is ambiguous or partly unread as well;
 * - `ambiguous`: the message is, whether or not the number is found.
 */
export type Outcome = 'found' | 'found, ambiguous' | 'ambiguous';

export type Trick = readonly [name: string, message: string | Buffer, outcome: Outcome];

/** What became of a message, in the same words; `missed` where it would leave as harmless. */
export function outcomeOf(message: string | Buffer): Outcome | 'missed' {
  const inspection = inspectMessage(typeof message === 'string' ? mail(message) : message, {
    limits: LIMITS,
    fingerprintKey: new Uint8Array(32),
  });
  const found =
    inspection.findings.some((one) => one.detector === 'us-ssn' && one.confidence !== 'low') &&
    inspection.classifications.some((one) => one.classification === 'phi');
  const clean = isClean(inspection) && !inspection.ambiguities.some((one) => one.material);
  if (found) return clean ? 'found' : 'found, ambiguous';
  return clean ? 'missed' : 'ambiguous';
}

export function base64(text: string | Buffer): string {
  return Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\n');
}

/** Every character as an escape of quoted-printable, with soft line breaks. */
export function quotedPrintable(text: string | Buffer): string {
  return [...Buffer.from(text)]
    .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
    .join('')
    .replace(/.{72}/g, '$&=\n');
}

export const HEAD = 'From: a@clinic.example\nTo: b@partner.example\nSubject: note\n';
export const MIME = `${HEAD}MIME-Version: 1.0\n`;

export function part(body: string, type = 'text/plain; charset=utf-8', more = ''): string {
  return `${MIME}Content-Type: ${type}\n${more}\n${body}\n`;
}

export function html(body: string): string {
  return part(body, 'text/html; charset=utf-8');
}

/** The secret with another way of writing the number. */
export function written(number: string): string {
  return `Patient SSN ${number}, diagnosis asthma`;
}

export function multi(parameters: string, body: string): string {
  return `${MIME}Content-Type: multipart/mixed; ${parameters}\n\n${body}`;
}

/** One line of uuencoded text, of at most 45 bytes. */
export function uuencoded(text: string): string {
  const bytes = Buffer.from(text);
  const sixes: number[] = [bytes.length];
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    sixes.push((group >> 18) & 63, (group >> 12) & 63, (group >> 6) & 63, group & 63);
  }
  return sixes.map((six) => String.fromCharCode(six === 0 ? 0x60 : six + 0x20)).join('');
}
