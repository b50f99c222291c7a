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
  patterns: [
    '(?i)[a-z0-9.!#$%&\\x27*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.){1,6}[a-z][a-z0-9-]{0,22}[a-z0-9](?-u:\\b)',
  ],
  judge: (hits, text) =>
    hits.map((hit): Sighting => {
      const value = hit.text.toLowerCase();
      const ofFunction = FUNCTION.test(value);
      const before = text.before(hit.start, 48);
      const ofPatient = !ofFunction && (PERSONAL.test(before) || isOfPatient(text, hit.start, hit.end));
      return { start: hit.start, end: hit.end, value, confidence: ofFunction ? 'low' : 'medium', ofPatient };
    }),
  mask: maskAll,
};
