import type { Confidence } from '../../model/inspection.js';
import type { Sighting } from './detector.js';
import { isOfPatient } from './patient-cue.js';
import type { ScannedText } from './scanned-text.js';

/** A name with what the words around it say of whose it is. */
export function sighting(
  start: number,
  end: number,
  value: string,
  confidence: Confidence,
  text: ScannedText,
): Sighting {
  return { start, end, value, confidence, ofPatient: isOfPatient(text, start, end) };
}
