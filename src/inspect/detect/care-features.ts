import { type CareTokens, HEALTH_MARKS, IDENTIFIER, NAME, SIGNED_NAME } from './care-tokens.js';
import { hashOf } from './word-table.js';

/*
 * What the care model looks for in a text, each as a number: that a token occurs, that two follow one another, that there
 * are so many of a kind of mark, or none. In the model's file they are written as "token", "token token", "token#3" and "token#0".
 */

/** Kinds of marks that are counted, and the numbers that are asked for. */
const COUNTED = [NAME, SIGNED_NAME, ...Object.values(HEALTH_MARKS), IDENTIFIER];
const COUNTED_HASHES = COUNTED.map(hashOf);
const LEAST_COUNTS = [1, 2, 3, 5];

/** Gives each feature of the tokens, some more than once. */
export function careFeatures(
  { sequence, marks, details }: CareTokens,
  found: (feature: number) => void,
): void {
  let last = 0;
  for (let i = 0; i < sequence.length; i++) {
    const token = sequence[i] ?? 0;
    found(token);
    if (i > 0) found(pairFeature(last, token));
    last = token;
  }
  for (const detail of details) found(detail);
  for (const token of COUNTED_HASHES) {
    let count = 0;
    for (const mark of marks) if (mark === token) count++;
    if (count === 0) found(countFeature(token, 0));
    for (const least of LEAST_COUNTS) if (count >= least) found(countFeature(token, least));
  }
}

function pairFeature(first: number, second: number): number {
  const mixed = Math.imul(first ^ Math.imul(second, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 13);
}

function countFeature(token: number, least: number): number {
  return pairFeature(token, -least);
}

/** The number of a feature as the model's file writes it. */
export function writtenFeature(written: string): number {
  const blank = written.indexOf(' ');
  if (blank !== -1) return pairFeature(hashOf(written.slice(0, blank)), hashOf(written.slice(blank + 1)));
  const counted = written.startsWith('<') ? written.indexOf('#') : -1;
  if (counted === -1) return hashOf(written);
  return countFeature(hashOf(written.slice(0, counted)), Number(written.slice(counted + 1)));
}

/** All features of tokens as the file writes them, each once. */
export function spelledFeatures(
  sequence: readonly string[],
  details: readonly string[],
): ReadonlySet<string> {
  const found = new Set<string>([...sequence, ...details]);
  for (let i = 1; i < sequence.length; i++) found.add(`${sequence[i - 1]} ${sequence[i]}`);
  for (const token of COUNTED) {
    const count = sequence.filter((one) => one === token).length;
    if (count === 0) found.add(`${token}#0`);
    for (const least of LEAST_COUNTS) if (count >= least) found.add(`${token}#${least}`);
  }
  return found;
}
