import { asciiShadow } from './ascii-shadow.js';
import type { Detector } from './detector.js';
import { accountNumber } from './detectors/account-number.js';
import { deviceSerial } from './detectors/device-serial.js';
import { healthPlanId } from './detectors/health-plan-id.js';
import { licencePlate } from './detectors/licence-plate.js';
import { mrn } from './detectors/mrn.js';
import { passport } from './detectors/passport.js';
import { place } from './detectors/place.js';
import { usDriverLicence } from './detectors/us-driver-licence.js';
import type { Hit } from './patterns.js';
import { SHIPPED } from './registry.js';
import { scannedText } from './scanned-text.js';
import { type ShippedHits, searchShipped } from './shipped-search.js';
import { textClues } from './text-clues.js';

/** Labels and prepositions that any text has. These judge each hit by itself, by no more than some hundred characters around. */
const LABELLED: ReadonlySet<Detector> = new Set([
  accountNumber,
  deviceSerial,
  healthPlanId,
  licencePlate,
  mrn,
  passport,
  place,
  usDriverLicence,
]);
/** Detectors that see something where none of their patterns hits: names and words of health care. */
const UNASKED = SHIPPED.filter(({ patterns, unasked }) => patterns.length === 0 || unasked === true);
/** A pattern without a clue is searched for in pieces, which begin elsewhere in another text. */
const HAS_PIECES = SHIPPED.some(({ patterns }) => patterns.some((pattern) => typeof pattern === 'string'));

/** Longer than any hit of these patterns, and all that is looked at around it. */
const APART = 8 * 1024;

/**
 * Whether no shipped detector sees anything in a text, nor could in one of which this is a stretch. So no table may have a
 * header, and no pattern may hit, but for labels with nothing behind them. Which of hits that overlap counts is decided from
 * left to right, so there has to be a place without any, before which nothing can have a say in what follows.
 *
 * @param lead characters at its beginning among which such a place lies, because they are looked at with the stretch before
 *   it too; 0 where the whole text begins here
 * @param clues those of the text
 */
export function showsNothing(text: string, lead: number, clues = textClues(asciiShadow(text))): boolean {
  if (HAS_PIECES) return false;
  const scanned = scannedText(text, clues);
  if (scanned.hasRows()) return false;
  const found = searchShipped(scanned, clues);
  for (const [index, hits] of found.entries()) {
    const detector = SHIPPED[index];
    if (hits === undefined) continue;
    if (detector === undefined || !LABELLED.has(detector) || detector.judge(hits, scanned).length > 0)
      return false;
  }
  return (
    (lead === 0 || hasGap(found, lead)) &&
    UNASKED.every((detector) => detector.judge([], scanned).length === 0)
  );
}

function hasGap(found: ShippedHits, lead: number): boolean {
  const hits: Hit[] = found.flatMap((some) => some ?? []).sort((a, b) => a.start - b.start);
  let end = 0;
  for (const hit of hits) {
    if (Math.min(hit.start, lead) - end >= APART) return true;
    end = Math.max(end, hit.end);
  }
  return lead - end >= APART;
}
