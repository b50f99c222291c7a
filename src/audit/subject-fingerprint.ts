import { createHmac } from 'node:crypto';

/** Marks of replies and forwards in the languages that mail programs of the region write. */
const REPLY_MARK = /^(?:re|fw|fwd|aw|wg|rv|rif|tr|sv|antw)(?:\[\d{1,3}\])?\s?:\s*/;
const MAX_MARKS = 20;
const MAX_LENGTH = 2_000;

/**
 * A Subject as its fingerprint sees it: compatibility forms (NFKC) and case folded, format characters left out, white
 * space as single spaces, marks such as `Re:` taken off, so that an answer is found with what it answers.
 */
export function normalisedSubject(subject: string): string {
  let text = subject
    .slice(0, MAX_LENGTH)
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  for (let i = 0; i < MAX_MARKS; i++) {
    const rest = text.replace(REPLY_MARK, '');
    if (rest === text) break;
    text = rest;
  }
  return text;
}

/**
 * The keyed fingerprint of a Subject, by which `audit search --subject` finds mail although the log holds no Subject:
 * the first sixteen bytes of HMAC-SHA-256, in hex. Nobody without the key can tell or try what it was of; who has the
 * key can try short Subjects one after the other.
 * @param key the one derived for fingerprints
 * @returns undefined where there is nothing to find: no Subject, or nothing but marks
 */
export function subjectFingerprint(key: Uint8Array, subject: string): string | undefined {
  const text = normalisedSubject(subject);
  // No detector is named so (their names have no space), so that it is never the fingerprint of a value found.
  return text === ''
    ? undefined
    : createHmac('sha256', key).update(`message subject\0${text}`).digest('hex').slice(0, 32);
}
