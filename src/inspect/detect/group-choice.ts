import { type ClueNeeds, rarestIn } from './clue-places.js';
import type { TextClues } from './text-clues.js';

/** What is told of patterns that are tried at the same places. */
export interface Choosable {
  readonly needs: ClueNeeds;
  /** The characters at which they hit, where these are given. */
  readonly literal: string | undefined;
}

/** Kinds of groups, by what a text must have for any of a kind; of no kind is a group that is always chosen. */
const WORDS = 1;
const DIGITS = 2;
const RARE = 4;
const ALL = WORDS | DIGITS | RARE;

/** From so many characters on, a literal without a capital letter too is one that hardly any mail has. */
const LONG = 8;

/**
 * Chooses for each text, by three looks at it as a whole, the groups that it may have places of: their indices, in
 * order. Most texts are lines of a header, and to ask each group about each of them costs more than to search them.
 */
export function groupChoice(groups: readonly Choosable[]): (clues: TextClues) => readonly number[] {
  const kinds = groups.map(kindOf);
  const words = groups.reduce((bits, { needs }) => bits | needs.bits, 0);
  const rare = anyOf(
    groups.flatMap(({ literal }) => (literal !== undefined && isRare(literal) ? [literal] : [])),
  );
  const chosen = Array.from({ length: ALL + 1 }, (_, open) =>
    groups.flatMap((_group, index) =>
      kinds[index] === 0 || ((kinds[index] ?? 0) & open) !== 0 ? [index] : [],
    ),
  );
  const everything = groups.map((_group, index) => index);
  return ({ allBits, digitStarts, shadow }) => {
    const open =
      ((allBits & words) === 0 ? 0 : WORDS) |
      (digitStarts.length === 0 ? 0 : DIGITS) |
      (rare.test(shadow) ? RARE : 0);
    return chosen[open] ?? everything;
  };
}

function kindOf({ needs, literal }: Choosable): number {
  if (literal !== undefined && isRare(literal)) return RARE;
  if (needs.bits !== 0) return WORDS;
  return needs.lengths !== 0 || needs.digits ? DIGITS : 0;
}

function isRare(literal: string): boolean {
  return literal.length >= LONG || (literal.length > 1 && /[A-Z]/.test(literal));
}

/** Finds any of the literals, each by a capital letter in it where it has one: signs are more, and of more kinds. */
function anyOf(literals: readonly string[]): RegExp {
  const pattern = literals.map((literal) => {
    const capital = literal.search(/[A-Z]/);
    const at = capital === -1 ? Math.max(0, rarestIn(literal)) : capital;
    const before = at === 0 ? '' : `(?<=${quoted(literal.slice(0, at + 1))})`;
    return `${quoted(literal.charAt(at))}${before}${quoted(literal.slice(at + 1))}`;
  });
  return new RegExp(pattern.length === 0 ? '(?!)' : pattern.join('|'));
}

function quoted(literal: string): string {
  return literal.replace(/[^A-Za-z0-9]/g, '\\$&');
}
