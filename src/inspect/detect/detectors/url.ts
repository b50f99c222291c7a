import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskAll } from '../masks.js';

const SCHEME = /(?:https?|ftp|sftp|sip|webcal)$/i;
/** Marks of the sentence behind an address. */
const TRAILING = /[.,;:!?'")\]}>]+$/;
/**
 * An address of one patient's record: a word for that, and a number. Words that shops, forums and newsletters use too
 * (case, member, subscriber) are left out.
 */
const RECORD =
  /[/?&#;=_-](?:patients?|patient_?id|mrn|beneficiar(?:y|ies)|enrollees?|encounters?|medical-?records?|ssn)(?:[/=_-]|%2f|%3d)[a-z]{0,4}-?[0-9]{3,}|[?&](?:patient|mrn|ssn|dob)[a-z_-]{0,8}=[^&#\s]{3,}/i;

/**
 * Web addresses. One by itself is on half of all mail and says little; one that leads to a patient's record by number
 * is that patient's. Source: RFC 3986; 45 CFR 164.514(b)(2)(i)(N).
 */
export const url: Detector = {
  info: {
    name: 'url',
    class: 'identifier',
    safeHarbor: 'N-url',
    description: 'Web address; surer where it leads to the record of one person',
    source: 'RFC 3986; 45 CFR 164.514(b)(2)(i)(N)',
  },
  identifies: 'contact',
  patterns: [
    ...near({ literal: '://' }, ['://[^\\s<>"\\x1a]{3,400}']),
    ...near({ literal: 'www.' }, ['www\\.[A-Za-z0-9-]{1,63}\\.[A-Za-z]{2}[^\\s<>"\\x1a]{0,400}']),
  ],
  judge: (hits, text) => {
    const found: Sighting[] = [];
    let read = -1;
    for (const hit of [...hits].sort((a, b) => a.start - b.start)) {
      if (hit.start < read) continue;
      const scheme = hit.text.startsWith('://')
        ? SCHEME.exec(text.text.slice(Math.max(0, hit.start - 8), hit.start))?.[0]
        : '';
      if (scheme === undefined) continue;
      const written = hit.text.replace(TRAILING, '');
      const host = /^(?::\/\/)?(?:[^/@]{0,64}@)?([^/?#:]{1,255})/.exec(written)?.[1] ?? '';
      if (
        !/\.[a-z]{2}|^\[|\.\d/i.test(host) ||
        /[\w@.]/.test(text.text.charAt(hit.start - scheme.length - 1))
      )
        continue;
      const start = hit.start - scheme.length;
      const end = hit.start + written.length;
      read = end;
      const ofPatient = RECORD.test(written);
      const value = (scheme + written).toLowerCase();
      found.push({ start, end, value, confidence: ofPatient ? 'medium' : 'low', ofPatient });
    }
    return found;
  },
  mask: maskAll,
};
