import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';

/*
 * Names that stand where names of people at work do: in citations, rosters and lists of staff. Each looks at a bounded stretch.
 */

/** From a name to the end of what cites it, and back to the head of the list in which it stands. */
const CITED_REACH = 200;
const LIST_REACH = 1_000;

const CITATION =
  /\b(?:jama|n engl j med|nejm|lancet|bmj|ann(?:als)? (?:intern med|surg)|j am coll cardiol|pmid|doi:|et al)\b|\b(?:19|20)\d\d; ?\d{1,4}(?: ?\(\d{1,3}\))?: ?e?\d/;

/** An author of what is cited. */
export function isCited({ after }: ScannedText, name: Span): boolean {
  return CITATION.test(after(name.end, CITED_REACH));
}

/** Who writes: lines behind the name that say more of him, and no more than so many characters of each. */
const SIGNATURE_LINES = 5;
const SIGNATURE_LINE = 72;
const SIGNATURE_REACH = 400;
/** What no signature has. */
const OF_A_RECORD =
  /\b(?:dob|d\.o\.b|born|mrn|ssn|age|dx|diagnos\w+|room|bed|id|acct|account|policy|member|patient:?)\b|\d{1,4}[-./]\d{1,2}[-./]\d{2,4}|^[^\n]*\d{1,3} ?(?:yo|y\/o|[mf])\b/;

/**
 * A name below an empty line, with nothing but few short lines behind it: whoever writes, also where no "Regards" leads to it.
 * @param isHealth whether a health word begins in a stretch
 */
export function signsOff(
  scanned: ScannedText,
  name: Span,
  isHealth: (from: number, to: number) => boolean,
): boolean {
  const { text } = scanned;
  if (!/\n[ \t]*\n[ \t]*(?:[-–—~/]{1,2} ?)?$/.test(text.slice(Math.max(0, name.start - 12), name.start)))
    return false;
  const behind = text.slice(name.end, name.end + SIGNATURE_REACH);
  const end = /\n[ \t]*(?:\n|$)|$/.exec(behind)?.index ?? behind.length;
  if (end === behind.length && name.end + SIGNATURE_REACH < text.length) return false;
  const lines = behind.slice(0, end).split('\n');
  if (lines.length > SIGNATURE_LINES || lines.some((line) => line.length > SIGNATURE_LINE)) return false;
  if (/^[^\n,|–—-]*[a-z]{2}/.test(lines[0] ?? '') || /^ ?[:;.]/.test(behind)) return false;
  const paragraph = behind.slice(0, end);
  if (OF_A_RECORD.test(paragraph.toLowerCase())) return false;
  const below = text.slice(name.end + end, name.end + end + SIGNATURE_REACH).trimStart();
  if (below === '' || BELOW_MAIL.test(below)) return !isHealth(name.end, name.end + end);
  return FOOTER.test(below) && !isHealth(name.end, name.end + end + SIGNATURE_REACH);
}

/** Mail that is answered, and what is put below all mail. */
const BELOW_MAIL =
  /^(?:[-_=*~>]{2,}|>|from:|on [^\n]{5,80} wrote:|this (?:e-?mail|message)|confidential|the information|sent from|please consider)/i;
/** A few short lines to the end: the place, telephone numbers, a motto. */
const FOOTER = /^[^\n]{0,60}\n[^\n]{0,60}(?:\n[^\n]{0,72}){0,3}$/;

/** "Jane," in a line of its own above an empty one: who is written to. */
export function isAddressed({ text }: ScannedText, name: Span): boolean {
  return (
    /(?:^|\n)[> \t]*$/.test(text.slice(Math.max(0, name.start - 8), name.start)) &&
    /^ ?[,–—-]{1,2}[ \t]*\n[> \t]*\n/.test(text.slice(name.end, name.end + 16))
  );
}

/** What stands above lists of people at work. */
const OF_STAFF =
  /\b(?:on.?call|pagers?|shifts?|rota|roster|class(?:es)?|courses?|training|competenc(?:y|ies)|certifications?|licen[cs]es?|volunteers?|pgy|leaders?|presenters?|facilitators?|department|titles?|ext(?:ension)?s?|candidates?|interview(?:s|ing|ers?)?|committees?|attendees|attending were|panel|speakers?|agenda|congratulations|welcome|new (?:residents|interns|fellows|staff|hires|faculty)|match results|graduates|nominees|applicants?|rotations?|preceptors?|teams? for|employee|instructor|staff)\b/;
/** What stands above lists of patients, whoever else is named there. */
const OF_PATIENTS =
  /\b(?:patients?|pts?|clients?|residents? (?:list|census)|members?|mrn|dob|dx|diagnos\w+|rooms?|rm|beds?|bay|diets?|allerg\w+|procedures?|results?|labs?|meds?|medications?|hand.?offs?|hand.?overs?|sign.?outs?|reports?|census|rounds|admit\w*|admissions?|discharges?|appointments?|appts?|injur\w+|exposures?|absen\w+|sick|leave|fmla|accommodations?|restrictions?|claims?|cases?|incidents?|screening|immuni[sz]ations?|vaccin\w+|tests?)\b/;

/** In a list below a line that says it is one of people at work. */
export function isListedAtWork(scanned: ScannedText, name: Span): boolean {
  const before = scanned.wide(name.start - LIST_REACH, name.start);
  const paragraph = before.slice(before.lastIndexOf('\n\n') + 1).trimStart();
  const head = paragraph.slice(0, paragraph.indexOf('\n') + 1);
  return head !== '' && head.length < 120 && OF_STAFF.test(head) && !OF_PATIENTS.test(head);
}

const DEPARTMENTS = new Set(
  (
    'inpatient,outpatient,pediatrics,paediatrics,psychiatry,geriatrics,obstetrics,ob-gyn,obgyn,surgery,orthopedics,orthopaedics,' +
    'palliative care,hospice,intensive care,critical care,primary care,emergency,medicine,infectious diseases,labor,delivery,' +
    'anesthesia,anaesthesia,icu,itu,nicu,picu,rehabilitation,pharmacy,nursing'
  ).split(','),
);

/** The name of a department or a speciality. `value` is in small letters. */
export function isDepartment(value: string): boolean {
  return value.endsWith('ology') || DEPARTMENTS.has(value);
}
