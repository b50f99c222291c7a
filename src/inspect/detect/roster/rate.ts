import type { Confidence } from '../../../model/inspection.js';
import { isOfPatient } from '../patient-cue.js';
import type { ScannedText } from '../scanned-text.js';
import { isIn, type Stretch } from '../signature.js';
import { expectedByChance } from './chance.js';
import { DOMAIN } from './hashes.js';
import { isOneName, type RowMatch } from './join.js';
import type { ColumnKind } from './kinds.js';
import type { IndexViews } from './layout.js';
import type { SeenValue } from './seen-values.js';

/** Rows expected by chance, at most, for high and for medium confidence. */
const SURE = 0.02;
const LIKELY = 0.1;
/** The same for a name alone. */
const RARE_NAME = 0.002;

const NAMES: readonly ColumnKind[] = ['given', 'family', 'name'];
/** What stands below mail: that says who wrote it, not who is cared for. */
const CONTACTS: readonly ColumnKind[] = [...NAMES, 'email', 'phone', 'address', 'zip'];

export interface RatedMatch extends RowMatch {
  readonly confidence: Confidence;
  /** Kinds of the columns that matched, in their order. */
  readonly kinds: readonly ColumnKind[];
}

/** What a match says, or undefined where it says nothing: by chance, in a signature, or a name alone. */
export function rate(
  match: RowMatch,
  seen: readonly SeenValue[],
  index: IndexViews,
  text: ScannedText,
  shadow: string,
  signatures: () => readonly Stretch[],
): RatedMatch | undefined {
  const { values } = match;
  const kinds = kindsOf(match, index);
  const expected = expectedByChance(match, seen, index.rows, shadow);
  const first = values[0]?.start ?? 0;
  const last = values.at(-1)?.end ?? first;
  const units = values.filter(({ domain }) => domain !== DOMAIN.word).length;
  const words = values.length - units;
  if (units + Math.min(words, 1) < 2) {
    // A name alone names somebody; whether the one of the roster, the text must say.
    const full = values.every((value, i) => {
      const next = values[i + 1];
      return next === undefined || isOneName(shadow, value.end, next.start);
    });
    if (!full || expected > RARE_NAME || !isOfPatient(text, first, last)) return undefined;
    return { ...match, kinds, confidence: 'medium' };
  }
  if (kinds.every((kind) => CONTACTS.includes(kind))) {
    if (isMailbox(match, shadow)) return undefined;
    if (isIn(signatures(), first) && isIn(signatures(), Math.max(first, last - 1))) return undefined;
  }
  const labelled = values.some(({ domain, start }) => domain === DOMAIN.date && isBirth(text, start));
  const chance = labelled ? expected / 10 : expected;
  if (chance > LIKELY) return undefined;
  return { ...match, kinds, confidence: chance <= SURE ? 'high' : 'medium' };
}

/** Kinds of the columns of a match, each once, in the roster's order. */
function kindsOf({ row, values }: RowMatch, { rowTable, places, kinds }: IndexViews): readonly ColumnKind[] {
  const columns = new Set<number>();
  for (const { low } of values) {
    const place = places.findIndex((_, at) => rowTable[row * places.length + at] === low);
    const column = places[place];
    if (column !== undefined) columns.add(column);
  }
  const found = [...columns].sort((a, b) => a - b).map((column) => kinds[column]);
  return [...new Set(found.filter((kind) => kind !== undefined))];
}

/** `Jane Roe <jane@…>`: a name with its own address, as mail programs write it for every sender and recipient. */
function isMailbox({ values }: RowMatch, shadow: string): boolean {
  const email = values.at(-1);
  const name = values.at(-2);
  if (email?.domain !== DOMAIN.email || values.slice(0, -1).some(({ domain }) => domain !== DOMAIN.word))
    return false;
  return (
    name !== undefined && /^[\w'",. \t-]{0,30}[<[(](?:mailto:)?$/i.test(shadow.slice(name.end, email.start))
  );
}

function isBirth(text: ScannedText, start: number): boolean {
  return /\b(?:dob|d\.o\.b\.?|birth ?date|date of birth|birth|born(?: on)?)[^a-z0-9]{0,6}$/.test(
    text.before(start, 24),
  );
}
