import { describe, expect, it } from 'vitest';
import { html, outcomeOf, part, type Trick, written } from './trick.js';

/** Every mail program draws these groups in the order of the number (Unicode Standard Annex 9). */
const TURNED: readonly Trick[] = [
  ['blanks behind a mark', part(written('\u200f4567 23 501')), 'found'],
  ['dashes that join nothing behind a mark', part(written('\u200f4567–23–501')), 'found'],
  ['hyphens behind a mark of Arabic', part(written('\u061c4567-23-501')), 'found'],
  ['a mark in HTML', html(written('&rlm;4567&ndash;23&ndash;501')), 'found'],
  ['digits of Arabic', part(written('٤٥٦٧-٢٣-٥٠١')), 'found'],
  ['a letter of Hebrew', part('Patient asthma SSN: א 4567 – 23 – 501'), 'found'],
  ['a letter of Arabic', part('Patient asthma SSN: ش 4567-23-501'), 'found'],
  ['a line of Hebrew', part('Patient SSN, asthma\n4567–23–501 א'), 'found'],
  ['a paragraph of Hebrew', html('<p>Patient SSN, asthma<p dir=rtl>שלום 4567–23–501'), 'found'],
  ['the second line of a division', html('Patient SSN asthma <div dir=rtl>x<br>4567–23–501</div>'), 'found'],
  ['the second paragraph', html('Patient SSN asthma <bdo dir=rtl><p>x</p>7654-32-105</bdo>'), 'found'],
  ['numbers as they are written', part('Patient asthma SSN: א 501-23-4567'), 'found'],
];

describe('numbers turned by letters beside them', () => {
  it.each(TURNED)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));

  it('leaves telephone numbers in Hebrew alone', () => {
    expect(outcomeOf(part('שלום, הטלפון 03 555 0100 או 054-555-0101, אסתמה, asthma'))).toBe('missed');
  });
});
