import type { Confidence } from '../../../model/inspection.js';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskAll } from '../masks.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';
import { LESSER_STREET, NUMBERED_STREET, STREET, UNIT } from '../street-words.js';
import { isStructured, STRUCTURED_ADDRESS_PATTERNS, structuredAddresses } from '../structured-address.js';
import { STATE, STATE_NAME } from '../us-states.js';

/** The same pattern for small and capital letters. */
function inAnyCase(pattern: string): string {
  return pattern.replace(/(?<!\?)[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}

const DIRECTION = '(?:[NSEW]|N[EW]|S[EW]|North|South|East|West|NORTH|SOUTH|EAST|WEST)\\.?';
const WORD = '(?:[A-Z][a-z\\x27]{1,18}|[0-9]{1,3}(?:st|nd|rd|th|ST|ND|RD|TH)|[A-Z]{1,18}|St\\.|Mt\\.|Ft\\.)';
const NUMBER = '(?-u:\\b)[0-9]{1,5}[A-Z]?[ ]';

/** A town with state and ZIP code, behind the street. */
const TOWN = new RegExp(
  `^[ ,.]{0,3}(?:${UNIT}[ ,]{0,2})?[\\n]?[ ,]{0,4}[A-Z][A-Za-z.' -]{1,28},?[ \\n]{1,2}(?:${STATE}|${STATE_NAME})\\.?,?(?:[ \\n]{0,3}\\d{5}(?:-\\d{4})?)?\\b`,
  'i',
);
/** A town right behind a street that isn't called one: only with a ZIP code. */
const TOWN_AND_ZIP = new RegExp(
  `^(?:,|\\.?\\n| ?[-·|])[ ,]{0,4}(?:${UNIT}[ ,\\n]{0,3})?[A-Z][A-Za-z.' -]{1,28}, ?${STATE}\\.?,?[ \\n]{1,3}\\d{5}(?:-\\d{4})?\\b`,
);
const OWN_UNIT = new RegExp(`^[ ,.]{1,3}${UNIT}\\b`, 'i');
const ZIP = /\d{5}(?:-\d{4})?$/;
/** Somebody's own address, by the words before. */
const LABEL =
  /\b(?:address|addr|lives?|living|resid(?:es?|ing|ence|ent of)|home|mail(?:ed|ing)? to|staying|moved)\b[^.;\n]{0,24}[:\n]?[ \t]{0,4}$/;
const OF_PATIENT =
  /\b(?:patient|pt|resident|member|subscriber)(?:'s)?\b[^.;\n]{0,40}$|\b(?:lives|living|resides|residing) (?:at|on|in)[^.;\n]{0,16}$|\b(?:his|her|home|residential) (?:home )?address[^.;\n]{0,12}$/;
/** Where organisations are, and how one gets there. */
const ORGANISATION =
  /\b(?:clinic|hospital|center|centre|office|suite|building|visit us|located|location|branch|campus|pharmacy|laboratory|warehouse|store|ship to|inc|llc|corp)\b[^;\n]{0,32}$/;

/**
 * Street addresses of the United States: number, name of the street, kind of street, as a rule with town, state and ZIP
 * code; post office boxes; and the addresses of HL7 v2, C-CDA and FHIR records.
 * Source: 45 CFR 164.514(b)(2)(i)(B); USPS Publication 28 (states in appendix B, suffixes and units in appendix C);
 * HL7 v2.8 section 2A.3 (XAD); HL7 C-CDA R2.1 (addr); HL7 FHIR R4 (Address).
 */
export const streetAddress: Detector = {
  info: {
    name: 'street-address',
    class: 'identifier',
    safeHarbor: 'B-geographic',
    description: 'Street address in the United States',
    source: '45 CFR 164.514(b)(2)(i)(B); USPS Publication 28; HL7 v2 XAD; C-CDA addr; FHIR Address',
  },
  identifies: 'contact',
  patterns: [
    ...near({ mark: 'house-number' }, [
      `${NUMBER}(?:${DIRECTION}[ ])?(?:${WORD}[ ]){1,3}${inAnyCase(STREET)}(?-u:\\b)(?:[ ]${DIRECTION}(?-u:\\b))?`,
      `${NUMBER}(?:${DIRECTION}[ ])?(?:${NUMBERED_STREET}|(?:${WORD}[ ]){0,3}${WORD})(?-u:\\b)`,
    ]),
    ...near({ word: 'placeWord' }, [
      '(?-u:\\b)(?:P\\.? ?O\\.?|PO|Post[ ]Office)[ ]?(?:Box|BOX|box)[ ]{0,2}#?[ ]?[0-9]{1,6}(?-u:\\b)',
      '(?-u:\\b)(?:PSC|CMR|UNIT|Unit)[ ][0-9]{1,5},?[ ](?:Box|BOX)[ ][0-9]{1,5}(?-u:\\b)',
      '(?-u:\\b)(?:RR|HC|Rural[ ]Route)[ ]?[0-9]{1,3},?[ ](?:Box|BOX)[ ][0-9]{1,5}[A-Z]?(?-u:\\b)',
    ]),
    ...STRUCTURED_ADDRESS_PATTERNS,
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (isStructured(hit)) {
        return structuredAddresses(text.text, hit).map(({ start, end, ofPatient }) => ({
          start,
          end,
          value: plain(text.text.slice(start, end)),
          confidence: 'high',
          ofPatient,
        }));
      }
      // "4.14 Main Street" and "$14 Main Street" are figures.
      if (/[\w.$/-]/.test(text.text.charAt(hit.start - 1))) return [];
      return BOX.test(hit.text) ? box(hit, text) : street(hit, text);
    }),
  mask: maskAll,
};

const BOX = /\bbox ?#? ?\d+[A-Z]?$/i;
const KIND = new RegExp(`(?:^|\\s)${STREET}(?: ${DIRECTION})?$`, 'i');
const LESSER_KIND = new RegExp(`(?:^|\\s)(?:${LESSER_STREET}|${NUMBERED_STREET})$`, 'i');

function street(hit: Hit, text: ScannedText): readonly Sighting[] {
  const behind = text.text.slice(hit.end, hit.end + 96);
  const before = text.before(hit.start, 64);
  const labelled = LABEL.test(before) || /\baddress/.test(text.labels(hit.start));
  const named = KIND.test(hit.text);
  const town = (named ? TOWN : TOWN_AND_ZIP).exec(behind)?.[0];
  // Words after a number are no street without a word for one, a town with a ZIP code, or a label.
  if (!named && town === undefined && !(labelled && LESSER_KIND.test(hit.text))) return [];
  const unit = town === undefined ? OWN_UNIT.exec(behind)?.[0] : undefined;
  return [rated(hit.start, hit.end + (town ?? unit ?? '').length, town, labelled, before, text)];
}

const BOX_TOWN = new RegExp(
  `^[ ,.\\n]{0,4}(?:[A-Z][A-Za-z.' -]{1,28},?[ \\n]{1,2}(?:${STATE}|${STATE_NAME})|(?:APO|FPO|DPO),? A[AEP]),?(?: {0,2}\\d{5}(?:-\\d{4})?)?\\b`,
  'i',
);

/** A box is an address by its words alone, though most are of organisations. */
function box(hit: Hit, text: ScannedText): readonly Sighting[] {
  const before = text.before(hit.start, 64);
  const town = BOX_TOWN.exec(text.text.slice(hit.end, hit.end + 80))?.[0];
  const labelled = LABEL.test(before) || /\baddress/.test(text.labels(hit.start));
  return [rated(hit.start, hit.end + (town?.length ?? 0), town, labelled, before, text)];
}

function rated(
  start: number,
  end: number,
  town: string | undefined,
  labelled: boolean,
  before: string,
  text: ScannedText,
): Sighting {
  const organisation = ORGANISATION.test(before);
  const confidence: Confidence =
    organisation || (town === undefined && !labelled)
      ? 'low'
      : labelled || ZIP.test(town ?? '')
        ? 'high'
        : 'medium';
  const value = plain(text.text.slice(start, end));
  return { start, end, value, confidence, ofPatient: !organisation && OF_PATIENT.test(before) };
}

function plain(address: string): string {
  return address
    .toLowerCase()
    .replace(/<[^<>]{0,80}>/g, ' ')
    .replace(/[^a-z0-9]+/g, ' ')
    .trim();
}
