/*
 * Numbers written in groups: "4821 3775", "WPX 4071 8822", "4471-2291 08". A person reads them as one, whatever a blank
 * does to them; what follows a number (a date, a time, a telephone number, a count, a year) is no group of it.
 */

/** Longer runs of digits are written without groups: what follows is something else. */
const LONGEST_GROUP = 6;
const MOST_GROUPS = 7;
/** Fewer digits in groups, of which the first alone is no number, are a count, a reading, a range. */
const LEAST_SPLIT = 6;
/** So many are a number whatever is said behind them. */
const SURELY_ONE = 8;

/** What goes on without a blank, beyond what a pattern takes. */
const JOINED = /(?:[-./_](?=[A-Z]{0,3}\d)[A-Z0-9]{1,18}(?![A-Za-z0-9])){1,8}/y;
/** One group behind a blank. Nothing that goes on as an amount, a date, a time, a measure does. */
const GROUP = / (\d{1,6}(?:-\d{1,6}){0,3}[A-Z]?)(?![\w%=+<>]|[-./,:*]\d|-[A-Za-z]|\/[A-Za-z])/y;
/** A group of the size of the one before it may have a suffix. */
const WITH_SUFFIX = / (\d{3,4}[/.]\d{1,4})(?!\w|[-./,:]\d)/y;
/** Behind letters the digits may stand all together. */
const BEHIND_LETTERS = / (\d{5,14})(?!\w|[-./,:]\d)/y;

const SUFFIX = / 0\d(?!\w|[-./,:]\d|%)/y;

const LETTERS = /^[A-Z]{1,4}$/;
/** Capital letters that begin something else. */
const NO_PREFIX =
  /^(?:ACCT|AGE|AND|APR|AT|AUG|BED|BOX|BY|CALL|CODE|COPY|COST|CPT|DATE|DEA|DEC|DOB|DOS|EACH|EUR|EXT|FAX|FEB|FOR|FORM|FROM|ICD|ID|IN|IS|ITEM|JAN|JUL|JUN|LINE|LOT|MAR|MAY|MRN|NA|NO|NONE|NOT|NOV|NPI|NR|OCT|OF|ON|OR|ORD|OVER|PAGE|PAID|PIN|PO|QTY|REF|RM|ROOM|SEE|SEP|SSN|TBD|TEL|THAT|THE|THIS|TIME|TO|UNIT|USD|WAS|WITH|YEAR|YOUR|YR|ZIP)$/;

const YEAR = /^(?:19|20)\d\d$/;
const DATE = /^(?:\d{1,2}[-./]\d{1,2}[-./](?:\d{2}|\d{4})|(?:19|20)\d\d[-./]\d\d(?:[-./]\d\d)?)$/;
const PHONE = /^(?:[2-9]\d\d-)?[2-9]\d\d-\d{4}$/;
const DATE_BEGINS = / (?:\d{1,2} \d{1,2} (?:19|20)\d\d|(?:19|20)\d\d \d\d \d\d)(?!\d)/y;
const PHONE_BEGINS = / (?:[2-9]\d\d[ -][2-9]\d\d[ -]\d{4})(?!\d)/y;
/** Without an area code: only behind what is long enough without it. */
const SHORT_PHONE_BEGINS = / [2-9]\d\d[ -]\d{4}(?!\d)/y;

const MONTH =
  /^ (?:of )?(?:(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b|may\b)/i;
const MEASURE =
  /^ (?:mg|mcg|ug|g|kg|lbs?|oz|ml|dl|l|cc|iu|units?|mmhg|bpm|mm|cm|am|pm|a\.m|p\.m|hrs?|hours?|h|usd|eur|dollars|percent|y\/?o|yrs?|years?|[mfy])\b/i;
/** A sentence that goes on, where a count would have what is counted. */
const GOES_ON =
  /^ (?:(?:and|as|at|attached|because|before|belongs|but|by|came|can|could|did|does|from|had|has|is|may|needs|on|please|presented|seen|should|so|than|that|the|then|was|were|when|which|who|whose|will|with|would)\b|(?:in|for|to)\b(?! ?\d))/;
const WORD = /^ ?[A-Za-z]/;

/**
 * Where the groups of a number that begins with a piece may end, ascending; none beyond the piece where it is written
 * without groups.
 * @param alone the piece is a number without them
 * @param single its label announces one number, and says so
 */
export function groupEnds(
  text: string,
  start: number,
  end: number,
  { alone, single }: { readonly alone: boolean; readonly single: boolean },
): readonly number[] {
  const joined = matchAt(JOINED, text, end)?.[0].length ?? 0;
  const piece = text.slice(start, end + joined);
  const ends = joined === 0 ? [] : [end + joined];
  const runs = piece.match(/\d+/g) ?? [];
  const size = runs.at(-1)?.length ?? 0;
  if (DATE.test(piece)) return ends;
  if (size > LONGEST_GROUP) {
    const suffix = alone ? suffixEnd(text, end + joined) : undefined;
    return suffix === undefined ? ends : [...ends, suffix];
  }
  if (alone || (runs.length > 1 && joined > 0)) {
    const known = { size, groups: runs.length, digits: runs.join('').length };
    return [...ends, ...groupsBehind(text, end + joined, known)];
  }
  if (!single || joined > 0) return ends;
  const whole = splitEnd(text, end, piece, runs);
  return whole === undefined ? ends : [...ends, whole];
}

/** "W123456789 01": who of a family it is. A count has no zero before it. */
function suffixEnd(text: string, at: number): number | undefined {
  const group = matchAt(SUFFIX, text, at)?.[0] ?? '';
  const next = text.slice(at + group.length, at + group.length + 24);
  if (group === '' || /^ ?\d/.test(next) || (WORD.test(next) && !GOES_ON.test(next))) return undefined;
  return at + group.length;
}

interface Known {
  /** Digits of the last group. */
  readonly size: number;
  readonly groups: number;
  readonly digits: number;
}

/** The ends of the groups behind what is a number without them. */
function groupsBehind(text: string, from: number, first: Known): readonly number[] {
  const ends: number[] = [];
  let known = first;
  for (let at = from; ends.length < MOST_GROUPS; ) {
    if (beginsOther(text, at, known)) break;
    const suffixed = matchAt(WITH_SUFFIX, text, at);
    const group = (suffixed ?? matchAt(GROUP, text, at))?.[1];
    if (group === undefined || DATE.test(group) || PHONE.test(group)) break;
    const behind = at + 1 + group.length;
    const next = text.slice(behind, behind + 24);
    const runs = group.match(/\d+/g) ?? [];
    const size = runs[0]?.length ?? 0;
    const isLike = size === known.size && isUsualSize(size, known.groups) && !YEAR.test(group);
    if (suffixed !== null && !isLike) break;
    if (!isLike && !mayClose(group, size, known, next)) break;
    if (isMeasured(group, next)) break;
    ends.push(behind);
    known = {
      size: runs.at(-1)?.length ?? 0,
      groups: known.groups + runs.length,
      digits: known.digits + runs.join('').length,
    };
    at = behind;
  }
  return ends;
}

/** Three or four digits, or two where there are several such groups. */
function isUsualSize(size: number, groups: number): boolean {
  return size === 3 || size === 4 || (size === 2 && groups > 1);
}

/** A date or a telephone number begins here. */
function beginsOther(text: string, at: number, { size, digits }: Known): boolean {
  if (matchAt(DATE_BEGINS, text, at) !== null || matchAt(PHONE_BEGINS, text, at) !== null) return true;
  return (size > 4 || digits >= SURELY_ONE) && matchAt(SHORT_PHONE_BEGINS, text, at) !== null;
}

/** Whether a group of another size than the one before it is the last of the number, by what stands behind. */
function mayClose(group: string, size: number, known: Known, next: string): boolean {
  if (YEAR.test(group) && known.size > 4) return false;
  const isGrouped = known.groups > 1;
  if (size === 1) return isGrouped && !WORD.test(next) && !/^ ?\d/.test(next);
  if (GOES_ON.test(next)) return true;
  return isGrouped && !YEAR.test(group) ? !/^ ?[a-z]/.test(next) : !WORD.test(next);
}

function isMeasured(group: string, next: string): boolean {
  return MEASURE.test(next) || (/^\d{1,2}[MF]$/.test(group) && !/^ \d/.test(next)) || isDay(group, next);
}

/** "12 April". */
function isDay(group: string, next: string): boolean {
  return /^\d{1,2}$/.test(group) && MONTH.test(next) && !/^ may\b/.test(next);
}

/** The end of a number of which the first group alone is none: "482 137 75", "WPX 4071 8822". */
function splitEnd(text: string, end: number, piece: string, runs: readonly string[]): number | undefined {
  const isPrefix = LETTERS.test(piece) && !NO_PREFIX.test(piece);
  if (isPrefix) {
    const all = matchAt(BEHIND_LETTERS, text, end)?.[1];
    if (all !== undefined && all.length > LONGEST_GROUP) {
      const isDated = /^(?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d$/.test(all);
      return isDated ? undefined : end + 1 + all.length;
    }
  }
  let digits = runs.join('').length;
  if (!isPrefix && (digits === 0 || (digits === 1 && piece.length === 1))) return undefined;
  const sizes = isPrefix ? [] : runs.map((run) => run.length);
  let at = end;
  for (let groups = 0; groups < MOST_GROUPS; groups++) {
    const suffixed = sizes.at(-1) === 4 ? matchAt(WITH_SUFFIX, text, at) : null;
    const group = (suffixed ?? matchAt(GROUP, text, at))?.[1];
    if (group === undefined) break;
    const behind = at + 1 + group.length;
    const next = text.slice(behind, behind + 24);
    const count = group.replace(/\D/g, '').length;
    // One digit is a check digit, if anything.
    if (count === 1 && (digits < LEAST_SPLIT || WORD.test(next))) break;
    if (DATE.test(group) || isMeasured(group, next)) break;
    if (YEAR.test(group) && digits + count < SURELY_ONE + 2) break;
    digits += count;
    sizes.push(...(group.match(/\d+/g) ?? []).map((run) => run.length));
    at = behind;
  }
  if (at === end || digits < LEAST_SPLIT || (!isPrefix && !isRegular(sizes))) return undefined;
  const groups = text.slice(end - piece.length, at);
  if (isRound(groups) || isList(groups)) return undefined;
  const next = text.slice(at, at + 24);
  if (digits < SURELY_ONE && WORD.test(next) && !GOES_ON.test(next)) return undefined;
  // A number goes on here that is no group: the whole is something else, a list of readings as likely as not.
  return /^ ?[-./,:]? ?\d/.test(next) && digits < SURELY_ONE ? undefined : at;
}

/** "300 400 500", "120 000": counts and amounts. */
function isRound(groups: string): boolean {
  return /^(?:\d00|\d0)(?: (?:\d00|\d0))+$|^\d{1,3}(?: 000)+$/.test(groups);
}

/** "101 102 103", "4400 4500 4600": one after the other. */
function isList(groups: string): boolean {
  const numbers = groups.split(' ').map(Number);
  const steps = numbers.slice(1).map((number, at) => number - (numbers[at] ?? 0));
  const [first = 0] = steps;
  return (
    steps.length > 1 &&
    (steps.every((step) => step > 0 && step <= SMALL_STEP) ||
      (first > 0 && steps.every((step) => step === first)))
  );
}

const SMALL_STEP = 5;

/** Groups of one size, but perhaps for the first and what closes the number. */
function isRegular(sizes: readonly number[]): boolean {
  if (sizes.length < 3) return true;
  const middle = sizes.slice(1, -1);
  const [size = 0] = middle;
  return middle.every((one) => one === size) && (sizes[0] === size || sizes.at(-1) === size);
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
