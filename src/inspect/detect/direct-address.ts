import { healthPoints, type Surroundings } from './case-evidence.js';
import { isSeenAt } from './health-statement.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';

/** How far behind a salutation its letter speaks to that person, and before a signature it speaks of its writer. */
const LETTER = 900;
const WINDOW = 100;
const LEAST = 2.2;
const LEAST_AT_CONTACT = 3;
/** What it counts that writers speak of themselves. */
const OWN = 0.6;
/** What clinicians report may be in everyday words: "the lump is benign". */
const REPORTED_LESS = 1;
/** Health words of which the letter doesn't say whose they are count so much. */
const SHARE = 0.4;

const SALUTATION =
  /(?:^|\n)[ \t>*]{0,4}(?:(?:my )?dear|hi|hello|hey|hiya|good (?:morning|afternoon|evening)|greetings|reminder|good news|to|attention|guten tag|estimad[oa]|querid[oa]|bonjour|cher|chère|beste|liebe[rs]?|sehr geehrte[rs]?)[ ,:]{1,3}(?:(?:mr|mrs|ms|miss|mx|frau|herr|sra?|señora?|madame|monsieur|mme|m)\.? (?:(?:and|&) (?:mrs|ms)\.? )?)?$/;
/** "Xavier your biopsy came back", at the beginning of a message or line. */
const CALLED_PLAINLY = /^ (?:your|ur)\b/;
/** "Xavier, your biopsy came back". */
const CALLED =
  /^(?:['’]s (?:mom|mum|dad|parents?|family))?[,:!.–—-]{1,2}\s{1,2}(?:you|your|this is|it's|we|just a|a reminder)\b/;

/** Before a health word: it is the reader's. */
const YOURS =
  /\b(?:(?:ihr(?:e[rnms]?)?|deine?[rnms]?|sus?|tus?|votre|vos|ton|tes) (?:[a-zà-ÿ-]+ ){0,3}|your (?!interest|patients?|practice|clinic|office|team|staff|facility|hospital|department|doctor|provider|pharmacist|physician|organization|members|students|unit|role|position|license|credential|registration)(?:[a-z0-9'’-]+ ){0,4}|you (?:(?:carry|inherited|develop|described|mentioned|reported|share|do|did|now|also|still|currently|have|had|were|was|are|may|will|should|must|need|needed|take|took|stop|start|started|use|tested|see|seen|due|scheduled|missed|requested|asked|come|came|be|been|to|for|in|on|the|a|an|with|show|shows|diagnosed|tonight|today|yesterday) ){1,7}(?:(?!our )[a-z0-9-]+ ){0,4})$/;
/** Before a health word: it is the writer's, or of one of the family. */
const MINE =
  /(?:^|[^a-z])(?:(?:mein(?:e[rnms]?)?|ich (?:habe|brauche|nehme|leide|bekomme|hatte|kann)|mi|mis|me (?:duele|duelen|han|he|siento)|tengo|tomo|estoy|llevo|necesito|mon|ma|mes|j['’]ai|je (?:suis|souffre|prends|dois|n['’]ai|ne)) (?!\d|(?:kolleg|equipo|équipe|team|praxis|consulta|médecin|arzt|patient|pacient))|my (?!dog|cat|puppy|kitten|horse|pet|name|patients?|clients?|team|practice|clinic|paper|talk|slides|research|students?|colleagues?|unit|office|department|study|lecture|staff|outcomes?|model|data|dataset|code|thesis|doctor|work|interest|question|training|opinion|visit|review)|i['’]?m (?!(?:an?|the|our|your|pleased|writing|happy|sorry|delighted|glad|treating|seeing|working|looking|attaching|sending|on call|concerned|covering|presenting|teaching|on (?:the|our|call|duty|site|leave)|at|in|with|from|for|free|back|available|out|off|here|[a-z]+ing) )|i(?:['’]?m|['’]?ve|['’]d)?(?: (?:am|have|had|was|do|did|can|can't|cant|could|need|want|still|also|just|never|only|been|got|will|think (?:i|my|it)|feel|felt|decided|chose|refuse|lost|woke|fell|hurt|broke|tore|cancelled|missed|waited|take|took|tested|started|stopped|keep|come|has|recently|now|currently|already|am being|have been|came|went|ended|spent|live|lived|suffer|suffered|survived|collapsed|fainted|leak|ache|bleed|bled|threw|vomited|cough|coughed|ran out|run out|get|gave birth|nearly|almost|passed|slipped|tripped|cut|burned|sprained|twisted|injured|struggle|struggled|cannot|couldn['’]?t|sleep|slept|eat|drink|smoke|finished|completed|switched|rely|depend|don['’]?t|didn['’]?t|haven['’]?t|wake|noticed|found)\b){1,3}(?! (?:(?:an?|our|some|two|three|many|several|your|the|[a-z0-9+]+ years['’]?(?: of)?) )?(?:experience|certif\w+|licen[cs]ed|trained|appl(?:y|ying|ied)|qualified|skilled|responsible|precept\w+|enjoy\w*|worked|patients\b|patient(?! (?:with|at|here|on|in|under|of))|pleased|writing|happy|sorry|delighted|glad|attach\w+|treat\w*|see|seen|saw|work\w*|help\w*|teach\w*|study\w*|present\w*|manag\w*|use|read|wrote|prescrib\w+|supervis\w+|offer|speciali[sz]\w+|reviewed|suggest\w*|advised|ordered|started (?:him|her|them)|referred|spoke|called|recommend\w*|attended|invited|looking|concerned about (?:him|her)))|me )[^.!?;\n]{0,72}$/;
const INTRODUCED =
  /\b(?:i am|i'm|im|this is|it's|its|it is|my name is|name is|name['’]s|name:|yours?|from|soy|me llamo|mi nombre es|je suis|je m['’]appelle|ich bin|ich hei(?:ß|ss)e|hier ist|mein name ist|mein name:)[:,]? (?:uh,? |um,? |just ){0,2}(?:mr\.? |mrs\.? |ms\.? )?$|(?:^|\n|[.!?] )[ \t]{0,4}i, $/;

/** Addresses that nobody has alone. */
const ROLE =
  /^(?:info|ask|support|contact|help|hello|office|admin|news|no-?reply|team|service|sales|press|events|register|education|billing|records|appointments?|intake|pharmacy|clinic|lab|nurse)[a-z0-9._-]*@/;
/** What is arranged for one patient, in a letter to him. */
const ARRANGED =
  /^(?:appointment|appt|visit|procedure|surgery|surgical|consult|consultation|session|check-?up|shot|refill|prescription|result|test|scan|treatment|dose|injection|infusion|exam|screening|follow.?up|vaccine|vaccination|lab|labs)s?$/;

/** "a reminder of your ultrasound". */
const LEADS_TO_ARRANGED =
  /\b(?:reminder (?:of|for|about)|appointment for|scheduled for|booked for|time for|due for|arrive for|come in for|ready for) your $/;

function isArranged({ start, value }: Span, { scanned }: Surroundings): boolean {
  return ARRANGED.test(value) || LEADS_TO_ARRANGED.test(scanned.before(start, 40));
}

/** A letter to a patient: a salutation, and health words that are said to be the reader's. */
export function isWrittenTo(name: Span, around: Surroundings): readonly Span[] | undefined {
  const { scanned } = around;
  const after = scanned.after(name.end, 24);
  if (/^[^\n]{0,60}\n[> \t]*(?:subject|sent|date|cc|from|re):/.test(scanned.after(name.end, 80)))
    return undefined;
  if (
    !SALUTATION.test(scanned.before(name.start, 60)) &&
    !isCalledLast(name, scanned) &&
    !CALLED.test(after) &&
    !(CALLED_PLAINLY.test(after) && /(?:^|\n)[ \t>]{0,4}$/.test(scanned.before(name.start, 8)))
  )
    return undefined;
  const last = isCalledLast(name, scanned);
  const words = around.here(last ? name.start - LETTER : name.end, name.end + LETTER);
  if (words.length === 0 || isLeaflet(scanned.wide(name.end, name.end + LEAFLET_REACH))) return undefined;
  const ofClinician = SIGNED_BY_CLINICIAN.test(scanned.text.slice(name.end, name.end + LETTER));
  let ofBill: boolean | undefined;
  const theirs = words.filter((word) => {
    if (isSaid(YOURS, word, around)) return true;
    if (isSeenAt(scanned.before(word.start, WINDOW), scanned.after(word.end, 24))) return true;
    if (around.isOfNobody(word)) return false;
    if (ofClinician && isReported(word, around)) return true;
    if (word.confidence === 'low') return false;
    ofBill ??= OF_A_BILL.test(scanned.wide(name.end, name.end + LETTER));
    return ofBill;
  });
  const general = () => around.general(name.end + LETTER / 3);
  const arranged = theirs.some((word) => isArranged(word, around)) ? 0.8 : 0;
  if (theirs.every(isOfCarers)) return undefined;
  return enough(theirs, words, general, LEAST - arranged * 2 - (ofClinician ? REPORTED_LESS : 0))
    ? [name, ...theirs]
    : undefined;
}

/** Text that says "you" to everybody: it is to be printed or read over. */
const OF_A_LEAFLET =
  /\b(?:print \d+ copies|text for review|please proof|proofread|reading level|draft (?:text|leaflet|handout|brochure|flyer)|(?:leaflet|handout|brochure|flyer|template)s? (?:for (?:review|print|printing|approval|the (?:website|rack|lobby|waiting room))|is ready))\b/;
const LEAFLET_REACH = 240;
/** What is told to one reader only: "your viral load is 40,000". */
const OF_ONE_READER =
  /\byour (?:[a-z0-9-]+ ){1,4}(?:is|was|were|are|came back|shows?|showed) (?:now |in |still )?(?:positive|negative|abnormal|normal|high|low|elevated|back\b|benign|malignant|cancer|\d)/;

function isLeaflet(text: string): boolean {
  return OF_A_LEAFLET.test(text) && !OF_ONE_READER.test(text);
}

/** What patients are asked to pay, and what their insurance does. */
const OF_A_BILL =
  /\b(?:your (?:insurance|health plan|plan|deductible|co-?pay(?:ment)?|co-?insurance) (?:paid|has|did|denied|applied|covers?|does|was|is)|(?:to|toward|towards) your (?:deductible|co-?pay)|your claim for|you owe)\b/;

/** "Dr. Jane Roe" or "Jane Roe, MD" in a line of its own. */
const SIGNED_BY_CLINICIAN =
  /\n[> \t]*(?:Dr\.? \p{Lu}[^\n]{1,40}|\p{Lu}[^\n,]{2,40}, ?(?:M\.?D|D\.?O|N\.?P|PA(?:-C)?|R\.?N|CNM|FRC[SP]|MRC[SP]|DDS|DMD|FNP|APRN|CGC)\b[^\n]{0,40})[ \t]*(?:\n|$)/u;
/** What a clinician writes of a finding: "the stool test was positive", "the cancer is back", "we recommend a colonoscopy". */
const REPORTED =
  /^ (?:is|was|were|are|has|have|had|shows?|showed|worked|came back|confirms?|confirmed|looks?|looked|did|does)\b/;
const FOUND =
  /\b(?:recommend|advise|suggest|found|(?:shows?|showed|confirm(?:s|ed)?)) (?:an?|the|no|some|one|early|mild|signs of)? ?(?:[a-z-]+ ){0,2}$/;

/** A finding or plan in a letter that a clinician signs. */
function isReported(word: Span, { scanned }: Surroundings): boolean {
  if (/ (?:is|are|has|have) /.test(word.value)) return true;
  return REPORTED.test(scanned.after(word.end, 24)) || FOUND.test(scanned.before(word.start, 48));
}

/** "… about your fall, Mr. Roe." */
function isCalledLast(name: Span, { before, after }: ScannedText): boolean {
  return (
    /, (?:mrs?|ms|miss|mx)\.? $/.test(before(name.start, 8)) && /^[.!?](?:\s|$)/.test(after(name.end, 2))
  );
}

/** A letter from a patient or one of the family: a name where writers put theirs, and health words said to be theirs. */
export function isWrittenBy(name: Span, around: Surroundings): readonly Span[] | undefined {
  const { scanned } = around;
  const introduced =
    INTRODUCED.test(scanned.before(name.start, 32)) ||
    /^ here[.,!]/.test(scanned.after(name.end, 8)) ||
    isQuoted(name, scanned);
  if (!introduced && !signs(name, scanned)) return undefined;
  // Whoever wrote the mail that is quoted below says nothing of what stands above it.
  const heads = HEADS_QUOTED.test(scanned.before(name.start, 16)) || isQuoted(name, scanned);
  const words = around.here(
    heads ? name.end : name.start - LETTER,
    introduced ? name.end + LETTER : name.end,
  );
  const theirs = words.filter((word) => isSaid(MINE, word, around));
  const general = () => around.general(name.start - LETTER / 3);
  if (!theirs.every(isOfCarers) && enough(theirs, words, general, LEAST - OWN * 2)) return [name, ...theirs];
  return introduced && isOfOneself(name, words, around) ? [name, ...words] : undefined;
}

/** "Jane Roe wrote:", the same. */
function isQuoted({ end }: Span, { after, text }: ScannedText): boolean {
  const code = text.charCodeAt(end + 1);
  return (code === 0x77 || code === 0x3c || code === 0x28) && QUOTES.test(after(end, 80));
}

const QUOTES = /^ (?:[<(][^>)\n]{3,60}[>)] )?wrote:/;
/** "From: Jane Roe", above mail that is quoted. */
const HEADS_QUOTED = /(?:^|\n)[> \t]*(?:from|de|von): $/;
/** Whoever gives care, and where: leaflets and mail at work have "my doctor" and "you will care for", too. */
const OF_CARERS =
  /^(?:doctors?|nurses?|care|health|medical|healthcare|provider|physician|pharmacy|pharmacist|hospital|clinic|support worker)$/;

function isOfCarers({ value }: Span): boolean {
  return OF_CARERS.test(value);
}

const OWN_LETTER = 1.9;
const FIRST_PERSON = /\b(?:i|me|my|i['’]m|ive|i['’]ve|im)\b/;
const AT_WORK =
  /\b(?:nurses?|doctor|dr|gp|pharmacist|pharmacy|manager|team|department|office|clinic|ward|unit|hospital|practice|surgery|university|company|ltd|inc|sales|rep|secretary|coordinator|consultant|registrar|physio\w*|therapist|midwife|social worker|student|colleague|carer|matron|sister|patients|clients?)\b/;

/** Who begins with the own name and goes on in the first person, in words of health and none of work. */
function isOfOneself(name: Span, words: readonly Span[], { scanned, general }: Surroundings): boolean {
  if (healthPoints(words) < OWN_LETTER || general(name.start) > 0) return false;
  const text = scanned.wide(name.end, name.end + LETTER);
  return FIRST_PERSON.test(text) && !AT_WORK.test(text);
}

/** A telephone number or address beside what its writer says of the own health. */
export function isReachedAt(contact: Span, around: Surroundings): readonly Span[] | undefined {
  const { scanned } = around;
  if (ROLE.test(scanned.wide(contact.start, contact.end))) return undefined;
  const words = around.here(contact.start - LETTER, contact.end + LETTER);
  const theirs = words.filter((word) => isSaid(MINE, word, around));
  if (theirs.every(isOfCarers)) return undefined;
  const general = () => around.general(contact.start);
  return enough(theirs, words, general, LEAST_AT_CONTACT) ? [contact, ...theirs] : undefined;
}

function isSaid(whose: RegExp, word: Span, { isOfNobody, scanned }: Surroundings): boolean {
  if (isOfNobody(word)) return false;
  const after = scanned.after(word.end, 48);
  const before = scanned.before(word.start, WINDOW);
  return whose.test(before) || (whose === MINE && MINE_BEHIND.test(after));
}

/** "The rash has spread to my arms": behind a health word, it is the writer's. */
const MINE_BEHIND =
  /^[^.!?;\n]{0,32}\b(?:my (?:own )?(?:arms?|legs?|hands?|feet|foot|face|back|chest|neck|head|belly|stomach|skin|eyes?|ears?|knees?|hips?|shoulders?|throat|mouth|body|whole|right|left|other|lower|upper)|me (?:dizzy|sick|sleepy|tired|ill|itch|nauseous|drowsy))\b|^,? i (?:leak|feel|felt|was|am|have|had|can|can['’]t|cannot|get|got|need|keep|still|could|couldn['’]t|don['’]t|sleep|take|took|want|also)\b(?! (?:pleased|writing|happy|sorry|glad|to (?:thank|invite|ask)))/;

/** @param general how much the text is of the general sort; asked only where all else is enough */
function enough(
  theirs: readonly Span[],
  all: readonly Span[],
  general: () => number,
  least: number,
): boolean {
  if (theirs.length === 0) return false;
  const points = healthPoints(theirs) + SHARE * (healthPoints(all) - healthPoints(theirs));
  return points * 2 >= least && points * 2 - general() * 0.5 >= least;
}

/** At the end of a text or paragraph, where writers put their names. */
function signs(name: Span, { text }: ScannedText): boolean {
  const after = text.slice(name.end, name.end + 80);
  return /^[ \t,.)]{0,3}(?:$|\n)/.test(after) || (after.trim().length < 40 && name.end + 80 >= text.length);
}
