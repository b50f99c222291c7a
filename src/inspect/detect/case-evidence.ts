import { AFTER, ANIMAL, BEFORE, type Cue, MADE_UP, PRONOUN, SHORTHAND } from './case-cues.js';
import { isAskedAbout } from './clinical-question.js';
import { isCause, isPredicated, isTopic, leavesTheSentence } from './health-statement.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';
import { isCited, isDepartment, isListedAtWork } from './work-evidence.js';

/** From a name to the words that count for it: health words, pronouns, and identifiers. */
export const HEALTH_REACH = 240;
const IDENTIFIER_REACH = 130;
const CUE_WINDOW = 90;
const ANIMAL_REACH = 160;
const MADE_UP_REACH = 300;

/** Points that make a case: of the person's cues alone, of health words alone, and of all together. */
const LEAST_HEALTH = 1.5;
/** Of somebody whom the words around make a patient nearly for sure. */
const LEAST_HEALTH_OF_SURE = 0.5;
const SURE_PERSON = 3.5;
/** Of a full name; one word that is a name only perhaps needs more. */
const LEAST = { person: 1, all: 4.6 } as const;
/** Of a full name in a text that has no word of the general sort. */
const LEAST_OF_PLAIN = { person: 1, all: 3.5 } as const;
const LEAST_OF_LOW = { person: 1.5, all: 5 } as const;
const LEAST_OF_PLAIN_LOW = { person: 1, all: 4 } as const;
/** In such a text, of somebody whom the words around make a patient more likely than not. */
const LEAST_HEALTH_OF_PLAIN = 1;
const LIKELY_PERSON = 2.5;

const MOST_HEALTH = 4;
/** What a point for the person counts beside one for health words, of which any text on medicine is full. */
const OF_PERSON = 1.3;
const MOST_GENERAL = 5;
/** Around somebody whom a relation, an age or a role before the name makes one who is cared for: whoever complains of "the policy". */
const OF_FAMILY = 3;
const MOST_GENERAL_OF_FAMILY = 1;

/** What is near a name, by binary search in lists that are in text order. */
export interface Surroundings {
  readonly scanned: ScannedText;
  /** Health words of any confidence within a stretch. */
  readonly here: (from: number, to: number) => readonly Span[];
  /** Those of another text that count as near everything in this one. */
  readonly elsewhere: readonly Span[];
  /** Identifiers other than names within a stretch. */
  readonly identifiers: (from: number, to: number) => readonly Span[];
  /** The word only tells what an occasion or work is about, or what many have. */
  readonly isOfNobody: (word: Span) => boolean;
  /** A word that says something of somebody's health begins within a stretch. */
  readonly isHealth: (from: number, to: number) => boolean;
  /** How much the text around an offset is of the general sort: distinct words of it. */
  readonly general: (offset: number) => number;
}

interface Points {
  /** What stands before the name isn't just a word that leads to anybody. */
  readonly led: boolean;
  readonly person: number;
  readonly health: number;
  readonly general: number;
}

function makesCase(name: Span, { person, health, general, led }: Points): boolean {
  const plain = general === 0 && led;
  const least =
    name.confidence === 'low' ? (plain ? LEAST_OF_PLAIN_LOW : LEAST_OF_LOW) : plain ? LEAST_OF_PLAIN : LEAST;
  const words =
    person >= SURE_PERSON
      ? LEAST_HEALTH_OF_SURE
      : plain && person >= LIKELY_PERSON
        ? LEAST_HEALTH_OF_PLAIN
        : LEAST_HEALTH;
  return person >= least.person && health >= words && person * OF_PERSON + health - general >= least.all;
}

/**
 * The health words that count, where the text around a name makes the case that it is about care for that person. Adds up
 * what stands there; reads a bounded number of characters.
 */
export function caseEvidence(name: Span, around: Surroundings): readonly Span[] | undefined {
  const { scanned } = around;
  const before = withoutAddressee(scanned.before(name.start, CUE_WINDOW));
  const after = scanned.after(name.end, CUE_WINDOW);
  const wide = scanned.after(name.end, HEALTH_REACH);
  const here = around
    .here(name.start - HEALTH_REACH, name.end + HEALTH_REACH)
    .filter((word) => !around.isOfNobody(word));
  const words = [...around.elsewhere, ...here];
  const shorthand = distinct(SHORTHAND, `${before} ${wide}`);
  const near = Math.min(MOST_HEALTH, healthPoints(words) + Math.min(1.5, shorthand * 0.5));
  // Too little for anybody: most of what stands around needn't be looked at.
  if (near < LEAST_HEALTH_OF_SURE) return undefined;
  const said = here.find((word) => isSaidOf(name, word, scanned));
  const health = said?.confidence === 'low' ? Math.min(MOST_HEALTH, near + BORNE_MORE) : near;
  // "Todd's paralysis" is no Todd's.
  const cued = points(BEFORE, before);
  let person = cued + points(AFTER, after);
  const eponym =
    cued < 2 &&
    !name.value.includes(' ') &&
    /^['’]s /.test(after) &&
    around.here(name.end, name.end + 4).some(({ confidence }) => confidence !== 'low');
  if (eponym) person -= 6;
  if (said !== undefined) person += 2.5;
  else if (here.some((word) => isCauseOf(name, word, scanned))) person += 1.5;
  person += besidePoints(name, around);
  // Lists and records have names in the order of files; "Jane Roe, Tom Doe" is no such name.
  const written = scanned.text.slice(name.start, name.end);
  const filed = name.confidence !== 'low' && (written.includes(',') || FILED.test(written));
  if (filed && !/\p{Lu}[\p{L}'’-]+ $/u.test(scanned.text.slice(Math.max(0, name.start - 24), name.start)))
    person += 1.5;
  if (PRONOUN.test(wide)) person += 1;
  if (here.some((word) => isOfSamePerson(name, word, scanned))) person += 1.5;
  if (around.elsewhere.length > 0 && isAlone(name, scanned)) person += 1.5;
  if (name.confidence !== 'low' && isAskedAbout(scanned, name.start, name.end)) person += 1.5;
  person += identifierPoints(around.identifiers(name.start - IDENTIFIER_REACH, name.end + IDENTIFIER_REACH));
  person += name.confidence !== 'low' ? 0.5 : name.value.includes(' ') ? 0 : -0.5;
  person += Math.min(1.5, shorthand * 0.5);
  if (name.ofPatient === true) person += 2;
  const led = !LEADS_ANYWHERE.test(before) && !isLine(before, after);
  // What can only speak against a case is looked for where there would be one, in wide windows.
  if (!makesCase(name, { led, person, health, general: 0 })) return undefined;
  const most = cued >= OF_FAMILY && name.confidence !== 'low' ? MOST_GENERAL_OF_FAMILY : MOST_GENERAL;
  const general = Math.min(most, around.general(name.start) * 0.6);
  if (!makesCase(name, { led, person, health, general })) return undefined;
  if (ANIMAL.test(scanned.wide(name.start - ANIMAL_REACH, name.end + ANIMAL_REACH))) person -= 8;
  if (MADE_UP.test(scanned.wide(name.start - MADE_UP_REACH, name.end + MADE_UP_REACH))) person -= 8;
  if (isCited(scanned, name)) person -= 8;
  if (isListedAtWork(scanned, name, around.isHealth)) person -= 5;
  return makesCase(name, { led, person, health, general }) ? words : undefined;
}

/** "ROE Jane", as files have it. */
const FILED = /^\p{Lu}{2}[\p{Lu} '’-]* \p{Lu}\p{Ll}/u;

/** "hired Jane Roe and", "please return it to": leads to people at work as often as to others. */
const LEADS_ANYWHERE =
  /(?<!\bspoke |\bspoken )\b(?:and|to|from|by|vs|with|call|contact|inspector|officer) (?:mrs?\.? |ms\.? )?$/;

/** A name in a line of its own, where writers put theirs. */
function isLine(before: string, after: string): boolean {
  return /\n[ \t>]{0,4}$/.test(before) && /^[ \t,.)]{0,3}(?:$|\n)/.test(after);
}

/** A subject that is nothing but a name. */
function isAlone(name: Span, { text }: ScannedText): boolean {
  if (text.length > 80) return false;
  return /^(?:\s|re:|fwd?:|ms|mrs?|[.])*$/i.test(text.slice(0, name.start) + text.slice(name.end));
}

/** "Jane Roe chest pain", "Electrophoresis - Jane Roe": a full name right beside what it is about. */
function besidePoints(name: Span, { here, scanned }: Surroundings): number {
  if (!name.value.includes(' ')) return 0;
  const behind = here(name.end, name.end + 4).some(
    ({ confidence, end }) => confidence !== 'low' && !isTopic(scanned.after(end, 48)),
  );
  const ahead = here(name.start - BESIDE_REACH, name.start).some(
    ({ confidence, end }) => confidence !== 'low' && LEADS_TO_NAME.test(scanned.text.slice(end, name.start)),
  );
  return (behind ? 1 : 0) + (ahead ? 1 : 0);
}

const BESIDE_REACH = 48;
/** "Electrophoresis - Jane Roe", "biopsy results for Ms. Jane Roe". */
const LEADS_TO_NAME = /^(?: ?[-–—:/|] ?| (?:[a-z]+ )?(?:for|of|in) (?:Mrs?\.? |Ms\.? |Miss )?)$/;

/** "Dear school nurse, Jane Roe …": who is written to says nothing of the name behind. */
function withoutAddressee(before: string): string {
  return before.endsWith(', ') || before.endsWith(': ') ? before.replace(ADDRESSEE, '\n') : before;
}

const ADDRESSEE =
  /(?:^|\n)[ \t>]{0,4}(?:dear|to(?: the| our)?|hi|hello|good (?:morning|afternoon|evening)) (?!(?:mr|mrs|ms|miss|dr|drs|prof)\b)(?:[a-z’'-]+ ){0,4}[a-z’'-]+[,:] $|(?:^|\n)[ \t>]{0,4}(?:coach|doctor|doc|nurse|officer|principal|professor|father|sister|rabbi|pastor|chaplain|sheriff|counsel(?:or)?)(?: [a-z’'-]+)?, $/;

/** Weak health words that any text may have. */
const EVERYDAY = new Set(
  (
    'visit healthcare back level count positive negative culture claim coverage record recovery result severe mild growth care chart ' +
    'condition sample spot sign crash cut fall falls block monitor mass mole iron mask image imaging panel transfer ' +
    'baby baby fitness diet sleep tired stress mood vision stable snack bathroom bottle nap bed exercise health critical active ' +
    'shock drain input output fluids patch port boot drops glasses lens balance counts weak nail face lip neck rib ' +
    'finger thumb heel calf urgent emergency urgent-care test exam examination front desk check-in walk-in callback ' +
    'voicemail on-call scope mobility pads dose doses tablet tablets sick chronic acute pandemic virus physician ' +
    'doctor nurse nursing pharmacy clinic clinical hospital medical patient provider caregiver digital health insurance ' +
    'disability wellness operation procedure delivery support worker pressure temperature cpt'
  ).split(' '),
);

/** "Jane Roe withdrew because of nausea", "assess Jane Roe for ADHD": in one sentence, the health word at its end. */
function isCauseOf(name: Span, word: Span, { text, after }: ScannedText): boolean {
  if (word.confidence === 'low' || word.start <= name.end || word.start - name.end > PREDICATE_REACH)
    return false;
  if (isTopic(after(word.end, 48))) return false;
  return isCause(text.slice(name.end, word.start).toLowerCase());
}

/** "Jane Roe in the warehouse asked for leave. Her COPD has flared": the next sentence says it of the same person. */
function isOfSamePerson(name: Span, word: Span, { text, before }: ScannedText): boolean {
  if (word.confidence === 'low' || word.start <= name.end || word.start - name.end > HEALTH_REACH)
    return false;
  return OF_HIM.test(before(word.start, OF_HIM_REACH)) && !OTHER_NAME.test(text.slice(name.end, word.start));
}

const OF_HIM =
  /\b(?:(?:his|her) (?:[a-z-]+ ){0,2}|(?:he|she) (?!(?:also |now |then |has |is |was |had |will |would |can |often |currently |recently ){0,2}(?:speak|spoke|talk|present|lead|led\b|teach|taught|treats|treating|stud(?:y|ies)|research|wr[io]te|writing|runs?\b|chair|covers?\b|covering|work|special|manag|order|review|direct|coordinat|sells?\b|sold|train|publish|joins?\b|joined|serves?\b|help|advis|own|found|host|explain|discuss|describ|recruit|answer|attached|sent|asked (?:how|if|whether|for (?:a|the) (?:quote|report|copy)))|(?:is|was) (?:an?|the|our|in charge)\b)(?:[a-z0-9'’-]+ ){0,8}|(?:seen|saw|seeing|treated|treating|known|followed|examined|kept) (?:him|her) (?:[a-z0-9'’-]+ ){0,6})$/;
const OF_HIM_REACH = 72;
/** Somebody else comes between. */
const OTHER_NAME = /[a-z,;:] \p{Lu}\p{Ll}+ \p{Lu}\p{Ll}+/u;

/** "Jane Roe lost the use of her arm": plain words that are a predicate by themselves. */
const VERBAL =
  /^(?:lost|losing|went|broke|broken|tore|torn|hurt|cut|cuts|keep|keeping|kept|catch|wets?|hears|hearing|sees|seeing|drinks|drinking|leaks|pulled|refus\w+|threw|wandered|wanders|needs|needed|wears|uses|coughed|stopped|spiked|spiking|ran|running|died|collapsed|swallowed|crushed|miscarried|passed|signed|hit|banged|fell|slipped|sprained|twisted|dislocated|fractured|harmed|killed|turned|turning|gasping|fighting|struggling|slurring|called in|came down|out sick|home sick|move|feel|hold|see|get|walk|climb|dress|feed|barely|hardly|having|had|took|in (?:the )?(?:hospital|icu|er|a|rehab|detox)|on (?:the|a|life|crutches|hospice)|off|back in|out of|under|gave birth|against|discharged|coming|pull|beat|beating|won't|is|not going) /;
/** "finally got a name for it: lupus", "whose cough turned out to be". */
const REVEALED =
  /\b(?:(?:name for|calls?|called) it|turn(?:s|ed) out (?:to be|it (?:is|was))|came back (?:as|with)|sa(?:y|id) it(?:['’]s| is| was)|(?:the|a) (?:verdict|diagnosis))(?:: | is | was |, | )(?:an? |the )?(?:[a-z]+ ){0,2}$/;
/** Between a name and such words. */
const ADVERBS =
  /^,? (?:(?:who|also|just|still|now|already|finally|then|again|has|had|is|was|been|can|could|did|does|do|will|would|never|almost|nearly|may|might|t|n['’]?t|can['’]?t|cannot|couldn['’]?t|didn['’]?t|won['’]?t|hasn['’]?t|isn['’]?t|not) ){0,4}$/;

/** "Roe in accounting has lupus". */
function isSaidOf(name: Span, word: Span, { text, after }: ScannedText): boolean {
  if (word.confidence === 'low' && !BORNE.has(word.value)) return false;
  if (word.start <= name.end || word.start - name.end > PREDICATE_REACH) return false;
  const between = text.slice(name.end, word.start).toLowerCase();
  if (!leavesTheSentence(between) && REVEALED.test(between)) return true;
  if (VERBAL.test(`${word.value} `) && ADVERBS.test(between)) return true;
  return isPredicated(between, after(word.end, 48)) || isPredicated(between.replace(IN_PLACE, ''), '');
}

/** Everyday words that say enough where a sentence says that somebody has them. */
const BORNE = new Set([
  'in hospital',
  'in icu',
  'in intensive care',
  'in the er',
  'in the hospital',
  'in the icu',
  ...(
    'shunt stoma wound wounds rash fever lump lumps clot clots ulcer ulcers seizure stent catheter temperature infection flu cyst polyp ' +
    'lesion lesions pneumonia tumor tumour swelling headache headaches cough implant transplant scan x-rays surgery chemo eczema ' +
    'crutches wheelchair walker braces sling splint oxygen hospice dizziness bruise bruises tremors sores wart infusion ' +
    'stitches surgery biopsy diarrhea vomiting cramps spasms contractions anxiety acne colic sprained hives hearing ' +
    'heartbeat defibrillator prosthetic palsy dental fainting pneumonia jaundice nosebleed overdose relapse measles mri ct echo ' +
    'ultrasound ekg labs bloods injection injections mole hernia ache pain pains sore blister blisters burns burn scar trauma'
  ).split(' '),
]);
/** What such a word counts more where it is said of the person. */
const BORNE_MORE = 1;

const PREDICATE_REACH = 100;
/** "in accounting", "from 4C upstairs". */
const IN_PLACE = /^ (?:in|from|at|of) [a-z0-9 ]{1,24}?(?= (?:has|had|is|was)\b)/;

function points(cues: readonly Cue[], window: string): number {
  let sum = 0;
  for (const { points: worth, pattern } of cues) if (pattern.test(window)) sum += worth;
  return sum;
}

function identifierPoints(spans: readonly Span[]): number {
  let most = 0;
  for (const { detector, confidence } of spans) {
    if (confidence === 'low') continue;
    const worth = detector.identifies === 'person' ? 2.5 : detector.identifies === 'contact' ? 1 : 0.5;
    most = Math.max(most, worth);
  }
  return most;
}

export function healthPoints(words: readonly Span[]): number {
  const best = new Map<string, number>();
  for (const { value, confidence } of words) {
    if (confidence === 'low' && EVERYDAY.has(value)) continue;
    // However many departments are named, they say no more of anybody than one.
    if (isDepartment(value)) {
      best.set('department', 0.5);
      continue;
    }
    const worth = confidence === 'high' ? 2.5 : confidence === 'medium' ? 1.6 : 0.5;
    best.set(value, Math.max(best.get(value) ?? 0, worth));
  }
  let sum = 0;
  for (const worth of best.values()) sum += worth;
  return Math.min(MOST_HEALTH, sum);
}

function distinct(pattern: RegExp, window: string): number {
  return new Set(window.match(pattern)).size;
}
