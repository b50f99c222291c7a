import { personName } from './detectors/person-name.js';
import { anyNameKind, FAMILY, GIVEN, NOT, nameKindAt, ORDINARY } from './name-cues.js';
import { isOfPatient } from './patient-cue.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';

/** Names that are words too where they are written in small letters. */
const WORDS = new Set(
  (
    'akin amber april arena art august autumn backer bang bee bell bill binder blessing blocker bob bower brad buck ' +
    'buster cadence carol cash cat chance chase chi chip clay cole colt coral cord crystal cull curl daily dale dane ' +
    'dat daisy dawn dean dev dill dolores don drew dryer dun dusty earl early elder ester eve faith fanny fern flora ' +
    'flower forest frances frank free gale gang gay gene genesis ginger glen glory grace grant guy hale hang harmony ' +
    'hazel heath heather heaven holly honey hope hue hung hunter iris ivory ivy jack jade jasmine jasper jean jewel ' +
    'joiner joy june justice kay kelly kitty lake lance lane lark latin laurel lily line linker love luz mai major ' +
    'mark mason mate may maverick max melody mercy miles mine misty nick norm nova nan nanny olive opal pace page pam ' +
    'pansy pat patience patsy pearl peek penny pepper pet petal ping pickle pierce plumb poppy price prudence quirk ram raven ' +
    'ray reed rich ridge river rob robin rocky rod rose rosemary ruby rue rusty sage sally sandy savannah saxon shelly ' +
    'sky skip sonny sparkle spinner spring star sterling stone storm sue summer sunny tank tawny teal temple terry tiger ' +
    'tim tom trinity trip urban val velvet victor viola violet viral virgin wade walker ward will willow win winter ' +
    'worth wren young zest ben ken kim lou mia nina ana eva sam sid hal gil jo liz meg peg ron ted abe alba alma ' +
    'bien bueno casa claro color dulce fin flor hora luna mano mar mayo mesa nada pan paz pie pilar reina rosa sala ' +
    'sal sol sole tal toda vida viva bald dank gern grund hand haus hell jung kurz lang licht mann rat recht ruhe ' +
    'schnell stark tag weg wein zeit beau belle bois bon chat clair fin gros jour main matin mer midi noir pain petit ' +
    'port prince roi rouge sage vert ville doc mike frank francis dial minor manual junior senior prior major'
  ).split(' '),
);
/** What leads to a name, in small letters as all the rest. */
const CUED =
  /(?:^|[^\p{L}])(?:pt|patient|mr|mrs|ms|miss|re|on|see|saw|seen|seeing|review|called|call|ring|for|about|from|of|with|its|it['’]?s|this is|i['’]?m|i am|name is|and|thanks|thx|ty|cheers|regards|(?:bed|rm|room|bay) ?\d{1,3}[a-z]?|give|gave|tell|told|remind|discharge|admit|move|book|chase|has|is|did|my (?:[a-z]+ )?[a-z]+|our (?:[a-z]+ )?[a-z]+)[,:.]{0,2} $/u;
/** The head of an entry or of a text, or the end of one. */
const HEADS = /(?:^|\n)[ \t>*•–—-]{0,4}(?:(?:hi|hey|fyi|heads up|update|re)[,:]? )?$/;
const SIGNS = /(?:\n|[.!?,–—-]) ?[-–—]?[ \t]{0,2}$/;
const ENDS = /^(?: [a-z]\.?)?[ .!x]{0,3}(?:$|\n)/;
const SHORTEST = 3;
const RUN = /[a-z][a-z'’-]{2,24}(?: [a-z][a-z'’-]{1,24}){0,3}/y;
/** Whoever is called so, or is to be seen in some bed, needs no list. */
const MRS =
  /(?<![\p{L}\p{N}])(?:(?:mrs|miss)\.? |(?:^|\n)(?=[a-z'’-]{3,24} in (?:bed|bay|room|rm|side room|ward) ?\d)|(?:see|review|visit|assess|check on|look at) (?=[a-z'’-]{3,24} (?:in|on|at) (?:(?:bed|rm|room|bay|ward) )?\d))([a-z][a-z'’-]{2,24})(?![\p{L}\p{N}])/gu;

/**
 * Names that a writer in haste left in small letters: `tomasz wieczorek had a fit`, `check on okafor`. Of words that
 * lists of names have, and that are none of the language; one alone only where it is led to. They count only where a text
 * makes the case that they are somebody under care (`cases.ts`).
 *
 * @param isTaken a health word or a known name is there
 */
export function* smallNames(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  const { text } = scanned;
  let behind = 0;
  for (const place of placesOfNames(scanned.clues.bytes)) {
    if (place < behind) continue;
    RUN.lastIndex = place;
    const [run] = RUN.exec(text) ?? [];
    if (run === undefined) continue;
    const words = leading(run.split(' '));
    if (words.length === 0) continue;
    const value = words.join(' ');
    const end = place + value.length;
    if (isJoined(text.charCodeAt(end)) || isTaken(place, end)) continue;
    behind = end;
    const isFull = words.length > 1;
    if (!isFull && !isLedTo(scanned, place, end)) continue;
    const isKnown = isFull && isOf(words[0], GIVEN) && isOf(words.at(-1), FAMILY);
    yield span(scanned, place, end, isKnown);
  }
  for (const match of text.matchAll(MRS)) {
    const [whole, word = ''] = match;
    const end = match.index + whole.length;
    const start = end - word.length;
    if ((anyNameKind(word) & (NOT | ORDINARY)) === 0 && !isTaken(start, end))
      yield span(scanned, start, end, false);
  }
}

/** Where words in small letters begin that lists of names have. Of a text, most words are none. */
function* placesOfNames(bytes: Uint8Array): Generator<number> {
  let at = 0;
  while (at < bytes.length) {
    if (!isSmall(bytes[at] ?? 0)) {
      at++;
      continue;
    }
    const start = at;
    while (isSmall(bytes[at] ?? 0)) at++;
    if (at - start < SHORTEST || isJoined(bytes[start - 1] ?? 0)) continue;
    if ((nameKindAt(bytes, start, at) & (GIVEN | FAMILY)) !== 0) yield start;
  }
}

/** The words of a run, from its first on, that are names and nothing else. */
function leading(words: readonly string[]): readonly string[] {
  const stop = words.findIndex((word) => !isName(word));
  return stop === -1 ? words : words.slice(0, stop);
}

function isName(word: string): boolean {
  const plain = word.replace(/['’]s?$/, '');
  const kind = anyNameKind(plain);
  return (
    plain.length >= SHORTEST &&
    (kind & (GIVEN | FAMILY)) !== 0 &&
    (kind & (NOT | ORDINARY)) === 0 &&
    !WORDS.has(plain)
  );
}

function isOf(word: string | undefined, kind: number): boolean {
  return (anyNameKind(word ?? '') & kind) !== 0;
}

function isLedTo(scanned: ScannedText, start: number, end: number): boolean {
  const before = scanned.before(start, 32);
  return CUED.test(before) || HEADS.test(before) || (SIGNS.test(before) && ENDS.test(scanned.after(end, 8)));
}

function span(scanned: ScannedText, start: number, end: number, isKnown: boolean): Span {
  return {
    detector: personName,
    start,
    end,
    value: scanned.text.slice(start, end),
    confidence: isKnown ? 'medium' : 'low',
    masked: undefined,
    ofPatient: isOfPatient(scanned, start, end),
    showsHealth: undefined,
    ofProfessional: undefined,
    rareForm: undefined,
  };
}

function isSmall(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

/** A letter, digit, or a mark of addresses and identifiers. */
function isJoined(code: number): boolean {
  return (
    isSmall(code) ||
    (code >= 0x40 && code <= 0x5a) ||
    (code >= 0x2f && code <= 0x39) ||
    code === 0x5f ||
    code >= 0xc0
  );
}
