import type { ScannedText } from './scanned-text.js';

/** So much of a sentence is read before and behind a name. */
const BEFORE = 120;
const AFTER = 160;

/** Leads from a question, or a request to a service that answers them, to whom it is about. */
const ABOUT =
  /\b(?:for|in|of|on|with|should|can|could|may|does|is|would|will|if|when|why|has|did)(?: (?:the |our |my )?(?:mrs?|ms|miss|mx|baby)\.?)? $/;
/** What is asked of medicines, tests and procedures. */
const ASKED =
  /\b(?:dos(?:e|es|ing|age)|safe(?:ly)?|contraindicat\w+|indicated|appropriate|candidate|treat(?:ment|ing|ed)?|therap(?:y|ies)|manage(?:d|ment)?|regimens?|prophylaxis|taper|restart|resume|titrate|wean|extubate|first.line|second.line|next (?:line|steps?|agent)|work-?up|differential|interpretation|prognosis|eligib\w+|candidacy|interactions?|antibiotics?|anti-?emetics?|anticoagula\w+|insulin|statin|vaccine|surveillance|threshold|how (?:soon|long|often|much|should|do|would|to)|rate of|risk of|max(?:imum)?|alternatives?|be on|take|go on|need)\b/;
/** What is to be written about one patient. */
const REQUESTED =
  /\b(?:draft|write|prepare|create|generate|compose|summari[sz]e|complete|update|sign|fax)\b[^.?!\n]{0,60}\b(?:letters?|notes?|instructions|referral|summary|plan|orders|prescription|report|handoff|hand-?over|(?:prior )?auth(?:ori[sz]ation)?)\b[^.?!\n]{0,50}\b(?:for|about|on|of) (?:(?:mrs?|ms|miss|mx)\.? )?$/;
/** The sentence as far as the name; the point of a title ends none. */
const ASKS = /(?:[^.?!\n]|\.\d|(?<=\b(?:mrs?|ms|dr|st|vs))\.){0,120}$/;
/** Of people at their work, in the same question. */
const OF_WORK =
  /\b(?:budgets?|costs?|prices?|quotes?|invoices?|orders|deliver\w*|vendors?|contracts?|speakers?|talks?|lectures?|posters?|slides|conferences?|congress|evening|courses?|training|class(?:es)?|shifts?|committees?|meetings?|minutes|agenda|polic(?:y|ies)|newsletter|articles?|interviews?|positions?|grants?|stud(?:y|ies)|research|machines?|equipment|inspection|supplies|marketing|posts?|website)\b/;
const ENDS = /^[^?\n]{0,160}\?/;

/**
 * Whether a name in a text stands for whom a clinical question is about: `Which antibiotic for Jane Roe, GFR 28?`. Both
 * the whole question and what leads to the name must read so, because people are named in questions of every sort.
 * A letter or note that is asked for about somebody counts as much.
 */
export function isAskedAbout({ before, after }: ScannedText, start: number, end: number): boolean {
  const front = before(start, BEFORE);
  if (OF_WORK.test(front) || OF_WORK.test(after(end, AFTER))) return false;
  if (REQUESTED.test(front)) return true;
  if (!ABOUT.test(front)) return false;
  const behind = after(end, AFTER);
  if (!ENDS.test(behind)) return false;
  const [sentence = ''] = ASKS.exec(front) ?? [];
  return ASKED.test(`${sentence}|${behind.slice(0, behind.indexOf('?'))}`);
}
