import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskAll } from '../masks.js';
import { isOfPatient } from '../patient-cue.js';

/** Mailboxes of functions, not of persons. */
const FUNCTION =
  /^(?:info|support|help|helpdesk|sales|contact|admin|office|billing|jobs|careers|hr|noreply|no-reply|donotreply|webmaster|postmaster|news|newsletter|service|team|marketing|press|privacy|security|abuse|registration|events?|orders?)@/;
const LOCAL_PART = /[\p{L}\p{N}!#$%&'*+/=?^_`{|}~-][\p{L}\p{N}.!#$%&'*+/=?^_`{|}~-]{0,63}$/u;
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
      const local = LOCAL_PART.exec(text.text.slice(Math.max(0, hit.start - 64), hit.start))?.[0];
      if (local === undefined) return [];
      const start = hit.start - local.length;
      const value = (local + hit.text).toLowerCase();
      const ofFunction = FUNCTION.test(value);
      const ofPatient =
        !ofFunction && (PERSONAL.test(text.before(start, 48)) || isOfPatient(text, start, hit.end));
      return [{ start, end: hit.end, value, confidence: ofFunction ? 'low' : 'medium', ofPatient }];
    }),
  mask: maskAll,
};
