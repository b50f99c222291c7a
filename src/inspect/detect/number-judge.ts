import type { Confidence } from '../../model/inspection.js';
import type { Detector, Sighting } from './detector.js';
import { plainNumber } from './labelled-number.js';
import type { Hit } from './patterns.js';
import type { ScannedText } from './scanned-text.js';

/** How a detector of a number with a published form decides what its hits are worth. */
export interface NumberRules {
  /** Whether the number, without separators and in capitals, can have been issued. */
  readonly valid: (value: string) => boolean;
  /** Words that name the number: in the 48 characters before it, the 24 behind it, or the label of its column. */
  readonly context: RegExp;
  /** The words for the 24 characters behind it, where they are others. */
  readonly contextAfter?: RegExp;
  /** What a hit is worth without them; undefined for nothing. */
  readonly alone: (matched: string) => Confidence | undefined;
  /** The number says that its holder is insured or in care. */
  readonly showsHealth?: boolean;
  /** Without its name the form is still so rare that a health word beside it says what it is. */
  readonly rareForm?: (matched: string) => boolean;
}

/** Words of other numbers: with one of these just before it, a number that nothing names is not a person's. */
const OTHER_NUMBERS =
  /\b(?:order|invoice|tracking|ticket|part|item|sku|serial|isbn|case|confirmation|reference|ref|build|po|rma|model|batch|lot|account|acct|phone|tel|telephone|mobile|cell|fax|call|routing|meeting|passcode|webinar|conference|gtin|upc|ean|asin|vin|commit|version|invoice|customer|shipment|parcel|booking|vat|abn|acn|catalog(?:ue)?|article|product|code|quote|contract|licen[cs]e|asset|device|imei|container)\b[^\n]{0,16}$/;

/** Words that name the number just behind them, whatever is named before. */
const NEARER_NUMBERS =
  /\b(?:tel|telephone|phone|mobile|cell|fax|call|ring|dial|text|whatsapp|order|invoice|ticket|tracking|parcel)\b[^\d\n]{0,16}$/;

/** The judge of a detector whose hits are such numbers. */
export function judgeNumbers(rules: NumberRules): Detector['judge'] {
  return (hits, text) => hits.flatMap((hit) => judgeNumber(rules, hit, text) ?? []);
}

/** One number; undefined where it is none, or worth nothing. */
export function judgeNumber(rules: NumberRules, hit: Hit, text: ScannedText): Sighting | undefined {
  const value = plainNumber(hit.text);
  if (!rules.valid(value) || isInsideLonger(text.text, hit.start, hit.end)) return undefined;
  const { start, end } = hit;
  const before = text.before(start, 48);
  if (
    rules.context.test(before.slice(NEARER_NUMBERS.exec(before)?.index ?? 0)) ||
    (rules.contextAfter ?? rules.context).test(text.after(end, 24)) ||
    rules.context.test(text.labels(start))
  ) {
    return { start, end, value, confidence: 'high', showsHealth: rules.showsHealth === true };
  }
  if (OTHER_NUMBERS.test(before) || isOneOfMany(text.text, start, end)) return undefined;
  const confidence = rules.alone(hit.text);
  if (confidence === undefined) return undefined;
  const showsHealth = rules.showsHealth === true && confidence !== 'low';
  return { start, end, value, confidence, showsHealth, rareForm: rules.rareForm?.(hit.text) === true };
}

/** A letter, a digit, a separator with a digit behind it, or the prefix of a country's telephones adjoins. */
function isInsideLonger(text: string, start: number, end: number): boolean {
  return (
    /[A-Za-z0-9_]$|\d[./-]$|\+\d{1,3}[ (-]{0,2}$/.test(text.slice(Math.max(0, start - 6), start)) ||
    /^(?:[A-Za-z0-9_]|[./-]\d)/.test(text.slice(end, end + 2))
  );
}

/** Digits with only a blank between go on before or behind it: a row of numbers, or a longer one in groups. */
function isOneOfMany(text: string, start: number, end: number): boolean {
  return /\d $/.test(text.slice(Math.max(0, start - 2), start)) || /^ \d/.test(text.slice(end, end + 2));
}

/** A hit that begins earlier, because what stands before it belongs to it. */
export function startingAt(hit: Hit, start: number, text: ScannedText): Hit {
  return { start, end: hit.end, text: text.text.slice(start, hit.end) };
}
