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
  const behind = after(name.end, CITED_REACH);
  if (JOURNAL.test(behind)) return true;
  return OF_SEVERAL.test(behind) && CITATION.test(behind);
}

/** What stands behind the name of a journal: a volume and a year. */
const JOURNAL =
  /^\.? (?:\d{1,4} ?\((?:19|20)\d\d\)[.,]? ?(?:pmid|doi|$|\n|\d)|(?:19|20)\d\d; ?\d{1,4}(?: ?\(\d{1,3}\))?:)/;
/** What stands behind an author: others, initials, or the title. */
const OF_SEVERAL = /^(?:[,.;]| et al\b| and\b| [a-z]{1,3}[.,]| report:)/;

/** Whether a health word that says something of somebody begins in a stretch. */
export type IsHealth = (from: number, to: number) => boolean;

/** Who writes: lines behind the name that say more of him, and no more than so many characters of each. */
const SIGNATURE_LINES = 5;
const SIGNATURE_LINE = 72;
const SIGNATURE_REACH = 400;
/** What no signature has. */
const OF_A_RECORD =
  /\b(?:dob|d\.o\.b|born|mrn|ssn|age|dx|diagnos\w+|room|bed|id|acct|account(?! (?:executive|manager|director|rep))|policy|member|patient:?)\b|\d{1,4}[-./]\d{1,2}[-./]\d{2,4}|^[^\n]*\d{1,3} ?(?:yo|y\/o|[mf])\b/;

/**
 * A name below an empty line, with a place at work behind it in few short lines: whoever writes, also where no "Regards" leads to
 * it. A name alone may be whom the text is about.
 * @param isHealth whether a health word begins in a stretch
 */
export function signsOff(scanned: ScannedText, name: Span, isHealth: IsHealth): boolean {
  const { text } = scanned;
  if (!/\n[ \t]*\n[ \t]*(?:[-–—~/]{1,2} ?)?$/.test(text.slice(Math.max(0, name.start - 12), name.start)))
    return false;
  if (LEADS_TO_PATIENT.test(scanned.wide(name.start - LEAD_REACH, name.start))) return false;
  const behind = text.slice(name.end, name.end + SIGNATURE_REACH);
  const end = /\n[ \t]*(?:\n|$)|$/.exec(behind)?.index ?? behind.length;
  if (end === behind.length && name.end + SIGNATURE_REACH < text.length) return false;
  const lines = behind.slice(0, end).split('\n');
  if (lines.length > SIGNATURE_LINES || lines.some((line) => line.length > SIGNATURE_LINE)) return false;
  const [beside = '', below = ''] = lines;
  if (/^[^\n,|–—-]*[a-z]{2}/.test(beside) || /^ ?[:;.]/.test(beside) || (beside + below).trim() === '')
    return false;
  const paragraph = behind.slice(0, end);
  if (OF_A_RECORD.test(paragraph.toLowerCase())) return false;
  const rest = text.slice(name.end + end, name.end + end + SIGNATURE_REACH).trimStart();
  if (rest === '' || BELOW_MAIL.test(rest)) return !isHealth(name.end, name.end + end);
  return FOOTER.test(rest) && OF_A_PLACE.test(rest) && !isHealth(name.end, name.end + end + SIGNATURE_REACH);
}

/** How far back somebody may be spoken of who is named last. */
const OF_ONE_REACH = 600;
const OF_ONE =
  /\b(?:he|she|his|her|him|patients?|pts?|clients?|residents?|inmate|claimant|pupil|student|employee|member|newborn|infant|baby|child|lady|gentleman|mrs?|ms|miss|mother|father|mom|mum|dad|wife|husband|son|daughter|sister|brother|aunt|uncle|friend|neighbou?r|coming (?:to us|in|up|over)|needs? (?:an?|to be)|admitted|admission for|transferr(?:ed|ing)|discharged|seen (?:today|in|by)|refill|please (?:book|schedule|admit|call with)|(?:this|the|our|my|that|one|another|new|poor|old) (?:man|woman|girl|boy|one|guy|person|kid|fellow))\b/i;
/** A role or department behind the name, and no more of the line: ", Switchboard". */
const ROLE = /^, \p{Lu}\p{Ll}+[^\n\d:;]{0,50}$/u;

/**
 * A line with nothing but a name and a role at the end of a mail in which nobody is spoken of who could be the one named: whoever
 * writes. A name alone may be whom the text is about.
 * @param isHealth whether a health word begins in a stretch
 */
export function closesMail({ text, wide }: ScannedText, name: Span, isHealth: IsHealth): boolean {
  // Most names stand behind a word.
  if (text.charCodeAt(name.start - 1) === 0x20 && /[\p{L},.]/u.test(text.charAt(name.start - 2)))
    return false;
  const line = text.slice(Math.max(0, name.start - 8), name.start);
  if (!/\n[> \t]*(?:[-–—~]{1,2} ?)?$/.test(line)) return false;
  const behind = text.slice(name.end, name.end + SIGNATURE_REACH);
  const [beside = '', ...below] = behind.split('\n');
  if (!ROLE.test(beside) || !endsMail(below)) return false;
  const before = wide(name.start - OF_ONE_REACH, name.start);
  if (/[:,]$/.test(before.trimEnd()) || isHealth(name.start, name.end + beside.length)) return false;
  return !OF_ONE.test(before);
}

/** No more than two short lines of a place, and then nothing, an empty line with a footer, or quoted mail. */
function endsMail(lines: readonly string[]): boolean {
  const end = lines.findIndex((line) => /^[> \t]*$/.test(line) || BELOW_MAIL.test(line));
  const place = end === -1 ? lines : lines.slice(0, end);
  if (place.length > 2 || place.some((line) => line.length > 60 || !OF_A_PLACE.test(line))) return false;
  const rest = end === -1 ? '' : lines.slice(end).join('\n').trim();
  return rest === '' || BELOW_MAIL.test(rest) || FOOTER.test(rest);
}

/** Mail that is answered, and what is put below all mail. */
const BELOW_MAIL =
  /^(?:[-_=*~>]{2,}|>|from:|on [^\n]{5,80} wrote:|this (?:e-?mail|message)|confidential|the information|sent from|please consider)/i;
/** A few short lines to the end: the place, telephone numbers, a motto. */
const FOOTER = /^[^\n]{0,60}\n[^\n]{0,60}(?:\n[^\n]{0,72}){0,3}$/;

const OF_A_PLACE =
  /^(?!thank|thx|regards|best|sincerely|yours|cheers|many|kind)[^\n]*\b(?:hospital|clinic|health|medical|regional|cent(?:er|re)|system|college|university|tel|fax|phone)\b|@|\bwww\./i;

/** "Please see the following:", "this patient": the name below is not who writes. */
const LEADS_TO_PATIENT =
  /:[ \t]*\n\s*$|\b(?:this|the|our|my|following|below|new|same|another|a) (?:[a-z]+ )?(?:patient|pt|client|resident|person|lady|man|woman|child|boy|girl|baby|names?)\b[^\n]*\n\s*$/;
const LEAD_REACH = 160;

/** "Jane," in a line of its own above an empty one: who is written to. */
export function isAddressed({ text }: ScannedText, name: Span): boolean {
  return (
    /(?:^|\n)[> \t]*$/.test(text.slice(Math.max(0, name.start - 8), name.start)) &&
    /^ ?[,–—-]{1,2}[ \t]*\n[> \t]*\n(?![\s>]*(?:you|your|we|i|it)\b)/i.test(
      text.slice(name.end, name.end + 24),
    )
  );
}

/** What stands above lists of people at work. */
const OF_STAFF =
  /\b(?:on.?call|pagers?|shifts?|rota|roster|class(?:es)?|courses?|training|competenc(?:y|ies)|certifications?|licen[cs]es?|volunteers?|pgy|leaders?|presenters?|facilitators?|department|titles?|ext(?:ension)?s?|candidates?|interview(?:s|ing|ers?)?|committees?|attendees|attending were|panel|speakers?|agenda|congratulations|welcome|new (?:residents|interns|fellows|staff|hires|faculty)|match results|graduates|nominees|applicants?|rotations?|preceptors?|teams? for|employee|instructor|staff)\b/;
/** What stands above lists of patients, whoever else is named there. */
const OF_PATIENTS =
  /\b(?:patients?|pts?|clients?|residents? (?:list|census)|members?|mrn|dob|dx|diagnos\w+|rooms?|rm|beds?|bay|diets?|allerg\w+|procedures?|results?|labs?|meds?|medications?|hand.?offs?|hand.?overs?|sign.?outs?|reports?|census|rounds|admit\w*|admissions?|discharges?|appointments?|appts?|injur\w+|exposures?|absen\w+|sick|leave|fmla|accommodations?|restrictions?|claims?|cases?|incidents?|screening|immuni[sz]ations?|vaccin\w+|test(?:s|ed)?|positive|covid|ill|conditions?|disab\w+|pregnan\w+|therapy|treat\w*)\b/;

/** What stands before and behind an entry of a list or table, and not within a sentence. */
const ENTRY_BEFORE = /(?:^|\n)[ \t>]*(?:[-–—•*]|\d{1,3}[.)])?[ \t]*$|(?: {2}|\t|\| ?|- captain |: )$/;
const ENTRY_BEHIND = /^(?:[ \t]*(?:\n|$)| {2}|\t| ?\||,| [-–—] )/;

/**
 * In a list below a line that says it is one of people at work. Only a table says by its columns what else stands in its rows.
 * @param isHealth whether a health word begins in a stretch
 */
export function isListedAtWork(scanned: ScannedText, name: Span, isHealth: IsHealth): boolean {
  if (!ENTRY_BEHIND.test(scanned.after(name.end, 8)) || !ENTRY_BEFORE.test(scanned.before(name.start, 12)))
    return false;
  const before = scanned.wide(name.start - LIST_REACH, name.start);
  const paragraph = before.slice(before.lastIndexOf('\n\n') + 1).trimStart();
  const head = paragraph.slice(0, paragraph.indexOf('\n') + 1);
  if (head === '' || head.length >= 120 || !OF_STAFF.test(head) || OF_PATIENTS.test(head)) return false;
  const end = scanned.text.indexOf('\n', name.end);
  return COLUMNS.test(head) || !isHealth(name.end, end === -1 ? scanned.text.length : end);
}

const COLUMNS = /\S(?: {2} *|\t| ?\| ?|,)\S/;

/** None that says how ill somebody is: "hospice", "intensive care". */
const DEPARTMENTS = new Set(
  (
    'pediatrics,paediatrics,psychiatry,geriatrics,obstetrics,ob-gyn,obgyn,orthopedics,orthopaedics,primary care,emergency,medicine,' +
    'infectious diseases,anesthesia,anaesthesia,pharmacy,nursing'
  ).split(','),
);

/** The name of a department or a speciality. `value` is in small letters. */
export function isDepartment(value: string): boolean {
  return value.endsWith('ology') || DEPARTMENTS.has(value);
}
