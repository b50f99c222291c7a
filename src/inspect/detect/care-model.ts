import { readFileSync } from 'node:fs';
import { careFeatures, writtenFeature } from './care-features.js';
import type { CareTokens } from './care-tokens.js';

/**
 * How much a text reads like one about the care of a person whom it names: a logistic regression over words, pairs of words
 * and marks, learnt from made-up mail (`npm run care-model`, docs/detection.md). The weights are a table anyone can read:
 * `vocabulary/care-model.txt`, one feature a line.
 */
export interface CareModel {
  /** The logarithm of the odds: 0 is undecided, above it more likely than not. */
  readonly score: (tokens: CareTokens) => number;
}

/** The line of what a text without any known feature has. */
const BIAS = '(bias)';

/**
 * @param lines weights and features, with a tab between
 * @throws Error naming the line that is no such, or where the weight of any text is missing: a damaged model would let mail pass
 */
export function careModel(lines: Iterable<string>): CareModel {
  const weights = new Map<number, number>();
  let bias: number | undefined;
  let number = 0;
  for (const line of lines) {
    number++;
    if (line === '' || line.startsWith('#')) continue;
    const tab = line.indexOf('\t');
    const weight = Number(line.slice(0, tab));
    const feature = line.slice(tab + 1);
    if (tab < 1 || feature === '' || !Number.isFinite(weight))
      throw new Error(
        `care model, line ${number}: not a weight, a tab and a feature; install Sallyport anew`,
      );
    if (feature === BIAS) bias = weight;
    else weights.set(writtenFeature(feature), weight);
  }
  if (bias === undefined) throw new Error(`care model: no line has ${BIAS}; install Sallyport anew`);
  const start = bias;
  const table = weightTable(weights);
  return { score: (tokens) => start + table.sumOf(tokens) };
}

/** Bytes of bits that say whether any feature has such a number: most pairs of words are asked no further. */
const SIEVE = 1 << 15;

/** Open addressing: some hundred features are asked for, for each kilobyte of text. */
function weightTable(weights: ReadonlyMap<number, number>) {
  let slots = 1 << 10;
  while (slots < weights.size * 2) slots *= 2;
  const mask = slots - 1;
  const keys = new Int32Array(slots);
  const values = new Float32Array(slots);
  /** In which text a feature was seen last: each counts once. */
  const seen = new Int32Array(slots);
  const sieve = new Uint8Array(SIEVE);
  let text = 0;
  for (const [feature, weight] of weights) {
    if (weight === 0) continue;
    const place = placeOf(feature);
    sieve[sieveOf(place)] = (sieve[sieveOf(place)] ?? 0) | sieveBit(place);
    let slot = place & mask;
    while (values[slot] !== 0) slot = (slot + 1) & mask;
    keys[slot] = feature;
    values[slot] = weight;
  }
  /** The weight of a feature that wasn't asked for yet in this text. */
  const weightOf = (feature: number): number => {
    const place = placeOf(feature);
    if (((sieve[sieveOf(place)] ?? 0) & sieveBit(place)) === 0) return 0;
    for (let slot = place & mask; ; slot = (slot + 1) & mask) {
      const weight = values[slot] ?? 0;
      if (weight === 0) return 0;
      if (keys[slot] !== feature) continue;
      if (seen[slot] === text) return 0;
      seen[slot] = text;
      return weight;
    }
  };
  return {
    sumOf(tokens: CareTokens): number {
      text = (text + 1) | 0;
      let sum = 0;
      careFeatures(tokens, (feature) => {
        sum += weightOf(feature);
      });
      return sum;
    },
  };
}

function placeOf(feature: number): number {
  return feature ^ (feature >>> 16);
}

/** The high bits, because the low ones choose the slot. */
function sieveOf(place: number): number {
  return place >>> 17;
}

function sieveBit(place: number): number {
  return 1 << ((place >>> 14) & 7);
}

let shipped: CareModel | undefined;

/** The model of the product, read when first asked for. */
export function shippedCareModel(): CareModel {
  shipped ??= careModel(
    readFileSync(new URL('vocabulary/care-model.txt', import.meta.url), 'utf8').split('\n'),
  );
  return shipped;
}
