import type { Confidence } from '../../../model/inspection.js';
import { passesLuhn } from '../check-digits.js';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';

const CONTEXT =
  /\b(?:cards?|visa|mastercard|master card|mc|amex|american express|discover|diners|jcb|maestro|credit|debit|cc|ccn|pan|payment|charge|cvv|cvc|exp(?:iry|ires|iration)?)\b/;
const SUPPRESSING =
  /\b(?:order|invoice|tracking|imei|imsi|iccid|gtin|upc|ean|sscc|pallet|isbn|serial|build|unix|timestamp|ticket|meeting|reference|ref|transaction|case|phone|fedex|ups|usps|dhl|barcode|doi)\b[^\n]{0,20}$/;

/** First digits and lengths of the networks (ISO/IEC 7812-1 issuer identification numbers as the networks publish). */
const NETWORKS: readonly { readonly prefix: RegExp; readonly lengths: readonly number[] }[] = [
  { prefix: /^4/, lengths: [13, 16, 19] },
  { prefix: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { prefix: /^3[47]/, lengths: [15] },
  { prefix: /^(?:6011|64[4-9]|65|622)/, lengths: [16, 17, 18, 19] },
  { prefix: /^(?:30[0-5]|3095|36|38|39)/, lengths: [14, 16, 19] },
  { prefix: /^35(?:2[89]|[3-8])/, lengths: [16, 17, 18, 19] },
  { prefix: /^62/, lengths: [16, 17, 18, 19] },
  { prefix: /^(?:50|5[6-9]|6)/, lengths: [16, 19] },
];

/**
 * Payment card numbers: Luhn digit, issuer range and length of a network. The networks' test numbers count too.
 * Source: ISO/IEC 7812-1 (numbering, annex B Luhn); issuer ranges as published by the networks; PCI DSS 3.4.
 */
export const paymentCard: Detector = {
  info: {
    name: 'payment-card',
    class: 'financial',
    safeHarbor: 'J-account',
    description: 'Payment card number with a valid check digit',
    source: 'ISO/IEC 7812-1; issuer ranges published by the card networks',
  },
  identifies: 'person',
  patterns: near({ number: [1, 37], total: 12 }, ['(?-u:\\b)[0-9](?:[ -]?[0-9]){11,36}(?-u:\\b)']),
  judge: (hits, text) => hits.flatMap((hit) => cardsIn(hit, text)),
  mask: maskIdentifier,
};

/** A run of digit groups may hold a card next to other numbers: each stretch of whole groups is tried. */
function cardsIn(hit: Hit, text: ScannedText): readonly Sighting[] {
  const groups = [...hit.text.matchAll(/\d+/g)];
  const found: Sighting[] = [];
  for (let first = 0; first < groups.length; first++) {
    let digits = '';
    for (let last = first; last < groups.length && digits.length < 19; last++) {
      const head = groups[first];
      const tail = groups[last];
      if (head === undefined || tail === undefined) break;
      digits += tail[0];
      if (!isCard(digits)) continue;
      const start = hit.start + head.index;
      const end = hit.start + tail.index + tail[0].length;
      const whole = first === 0 && last === groups.length - 1;
      const sizes = groups.slice(first, last + 1).map((group) => group[0].length);
      found.push({ start, end, value: digits, confidence: rate(sizes, whole, start, end, text) });
      first = last;
      break;
    }
  }
  return found;
}

function isCard(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19 || /^(\d)\1+$/.test(digits)) return false;
  const network = NETWORKS.find(({ prefix }) => prefix.test(digits));
  return network?.lengths.includes(digits.length) === true && passesLuhn(digits);
}

function rate(
  sizes: readonly number[],
  whole: boolean,
  start: number,
  end: number,
  text: ScannedText,
): Confidence {
  const before = text.before(start, 56);
  const context =
    CONTEXT.test(before) || CONTEXT.test(text.after(end, 40)) || CONTEXT.test(text.labels(start));
  const grouping = sizes.join('-');
  const printed = /^(?:4-4-4-4|4-6-5|4-6-4|4-4-4-4-3)$/.test(grouping);
  if (context && (whole || printed)) return 'high';
  if (SUPPRESSING.test(before) || !(printed || sizes.length === 1)) return 'low';
  return printed ? 'high' : 'medium';
}
