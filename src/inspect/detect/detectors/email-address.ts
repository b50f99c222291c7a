import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskAll } from '../masks.js';
import { isOfPatient } from '../patient-cue.js';

/** Mailboxes of functions, not of persons. */
const FUNCTION =
  /^(?:info|support|help|helpdesk|sales|contact|admin|office|billing|jobs|careers|hr|noreply|no-reply|donotreply|webmaster|postmaster|news|newsletter|service|team|marketing|press|privacy|security|abuse|registration|events?|orders?)@/;
const PERSONAL = /\b(?:her|him|his|patient|personal|home|reach)\b[^\n]{0,32}$/;

/**
 * E-mail addresses. Source: RFC 5321 section 4.1.2 (the dot-atom part of it, which is what people write in text);
 * 45 CFR 164.514(b)(2)(i)(F).
 */
export const emailAddress: Detector = {
  info: {
    name: 'email-address',
    class: 'identifier',
    safeHarbor: 'F-email',
    description: 'E-mail address',
    source: 'RFC 5321 section 4.1.2; 45 CFR 164.514(b)(2)(i)(F)',
  },
  identifies: 'contact',
  // Found by the part that is rare, the at sign: a pattern for both sides would try every word of the text.
  patterns: near({ mark: 'at-sign' }, [
    '@(?:[A-Za-z0-9-]{1,63}\\.){1,6}[A-Za-z][A-Za-z0-9-]{0,22}[A-Za-z0-9](?-u:\\b)',
  ]),
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const start = startOfLocalPart(text.text, hit.start);
      if (start === hit.start) return [];
      const value = (text.text.slice(start, hit.start) + hit.text).toLowerCase();
      const ofFunction = FUNCTION.test(value);
      const ofPatient =
        !ofFunction && (PERSONAL.test(text.before(start, 48)) || isOfPatient(text, start, hit.end));
      return [{ start, end: hit.end, value, confidence: ofFunction ? 'low' : 'medium', ofPatient }];
    }),
  mask: maskAll,
};

const LONGEST_LOCAL_PART = 64;

/** Where the local part before an at sign begins; the place of the sign where there is none. No point begins one. */
function startOfLocalPart(text: string, at: number): number {
  const least = Math.max(0, at - LONGEST_LOCAL_PART);
  let start = at;
  while (start > least && isAtomText(text, start - 1)) start--;
  while (start < at && text.charCodeAt(start) === 0x2e) start++;
  return start;
}

/** `atext` of RFC 5322, letters and digits of any script, and the point. */
function isAtomText(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 0x80 ? ATOM_TEXT[code] === 1 : /[\p{L}\p{N}]/u.test(text.charAt(at));
}

const ATOM_TEXT = new Uint8Array(0x80);
for (const character of "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.!#$%&'*+/=?^_`{|}~-")
  ATOM_TEXT[character.charCodeAt(0)] = 1;
