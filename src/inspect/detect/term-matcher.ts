/** A term found in a text; offsets are UTF-16 code units. */
export interface TermHit<Kind> {
  readonly start: number;
  readonly end: number;
  /** The term as the vocabulary has it, in lower case. */
  readonly term: string;
  readonly kind: Kind;
}

interface Node<Kind> {
  next: Map<string, Node<Kind>> | undefined;
  term: string | undefined;
  kind: Kind | undefined;
  /** Matches only where the text has it in capitals: abbreviations such as ALS, which in lower case are words. */
  capitals: boolean;
}

export interface TermMatcher<Kind> {
  /**
   * The longest terms from left to right, not overlapping; time linear in the text. With `places` (ascending) only
   * words that begin there are tried as beginnings of terms.
   */
  readonly find: (text: string, places?: Iterable<number>) => readonly TermHit<Kind>[];
}

/** A term may be broken over a line, hyphenated or not, and have an apostrophe; nothing more lies between its words. */
const LONGEST_GAP = 3;

function isGap(code: number): boolean {
  // Blank, line feed, tab, two apostrophes, slash, dash.
  return (
    code === 0x20 ||
    code === 0x0a ||
    code === 0x09 ||
    code === 0x27 ||
    code === 0x2019 ||
    code === 0x2f ||
    code === 0x2d
  );
}

/**
 * Matches a vocabulary in a text by a trie of words: whole words, case ignored (except for terms written all in
 * capitals), and a plural of the last word taken for the singular.
 */
export function termMatcher<Kind>(
  terms: Iterable<readonly [term: string, kind: Kind]>,
  guess?: (word: string) => Kind | undefined,
): TermMatcher<Kind> {
  const root: Node<Kind> = emptyNode();
  for (const [term, kind] of terms) insert(root, term, kind);
  return { find: (text, places) => find(root, guess, text, places) };
}

function emptyNode<Kind>(): Node<Kind> {
  return { next: undefined, term: undefined, kind: undefined, capitals: false };
}

function insert<Kind>(root: Node<Kind>, term: string, kind: Kind): void {
  const capitals = term === term.toUpperCase() && /[A-Z]/.test(term);
  const folded = term.toLowerCase();
  let node = root;
  for (const word of words(folded)) {
    node.next ??= new Map();
    let child = node.next.get(word.text);
    if (child === undefined) {
      child = emptyNode();
      node.next.set(word.text, child);
    }
    node = child;
  }
  // The same word in small letters makes the abbreviation free of case.
  node.capitals = node.term === undefined ? capitals : node.capitals && capitals;
  node.term = folded;
  node.kind ??= kind;
}

/** Every form in which the first word of a term may stand in a text that has the term. */
export function firstWordForms(terms: Iterable<string>): ReadonlySet<string> {
  const forms = new Set<string>();
  for (const term of terms) {
    const [first, ...others] = words(term.toLowerCase());
    if (first === undefined) continue;
    forms.add(first.text);
    if (others.length === 0) for (const plural of plurals(first.text)) forms.add(plural);
  }
  return forms;
}

/** The reverse of `singulars`. */
function plurals(word: string): readonly string[] {
  const forms = [`${word}s`, `${word}es`];
  if (word.endsWith('y')) forms.push(`${word.slice(0, -1)}ies`);
  if (word.endsWith('sis')) forms.push(`${word.slice(0, -2)}es`);
  return forms;
}

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function find<Kind>(
  root: Node<Kind>,
  guess: ((word: string) => Kind | undefined) | undefined,
  text: string,
  places: Iterable<number> | undefined,
): readonly TermHit<Kind>[] {
  const folded = foldCase(text);
  const hits: TermHit<Kind>[] = [];
  let end = 0;
  for (const place of places ?? wordStarts(folded)) {
    if (place < end || (place > 0 && isWordCharacter(folded.charCodeAt(place - 1)))) continue;
    const word = wordAt(folded, place);
    if (word === undefined) continue;
    const taken = longestFrom(root, word, text, folded);
    if (taken !== undefined) {
      hits.push(taken);
      end = taken.end;
      continue;
    }
    const kind = guess?.(word.text);
    if (kind !== undefined) hits.push({ start: word.start, end: word.end, term: word.text, kind });
  }
  return hits;
}

function longestFrom<Kind>(
  root: Node<Kind>,
  first: Word,
  text: string,
  folded: string,
): TermHit<Kind> | undefined {
  let best: TermHit<Kind> | undefined;
  let node: Node<Kind> = root;
  const { start } = first;
  for (let word: Word | undefined = first; word !== undefined; word = wordBehind(folded, word.end)) {
    const exact = node.next?.get(word.text);
    const single = singularIn(node, word.text);
    best = hitOf(exact, text, start, word.end) ?? hitOf(single, text, start, word.end) ?? best;
    // Most terms end here: the next word need not be looked for.
    if (exact?.next === undefined) break;
    node = exact;
  }
  return best;
}

function hitOf<Kind>(
  node: Node<Kind> | undefined,
  text: string,
  start: number,
  end: number,
): TermHit<Kind> | undefined {
  if (node?.term === undefined || node.kind === undefined) return undefined;
  if (node.capitals) {
    const written = text.slice(start, end);
    if (written !== written.toUpperCase()) return undefined;
  }
  return { start, end, term: node.term, kind: node.kind };
}

function singularIn<Kind>(node: Node<Kind>, word: string): Node<Kind> | undefined {
  if (word.length < 4 || word.charCodeAt(word.length - 1) !== 0x73) return undefined;
  for (const form of singulars(word)) {
    const child = node.next?.get(form);
    if (child?.term !== undefined && !child.capitals) return child;
  }
  return undefined;
}

/** What a word could be the plural of. */
function singulars(word: string): readonly string[] {
  if (word.length < 4 || word.charCodeAt(word.length - 1) !== 0x73) return [];
  const forms = [word.slice(0, -1)];
  if (word.endsWith('es')) forms.push(word.slice(0, -2));
  if (word.endsWith('ies')) forms.push(`${word.slice(0, -3)}y`);
  if (word.endsWith('ses')) forms.push(`${word.slice(0, -2)}is`);
  return forms;
}

/** Words of letters and digits of any script. Very long ones are data, not words, and are left out. */
function words(folded: string): readonly Word[] {
  return [...wordStarts(folded)].flatMap((start) => wordAt(folded, start) ?? []);
}

function* wordStarts(folded: string): Generator<number> {
  let within = false;
  for (let i = 0; i < folded.length; i++) {
    const letter = isWordCharacter(folded.charCodeAt(i));
    if (letter && !within) yield i;
    within = letter;
  }
}

function wordAt(folded: string, start: number): Word | undefined {
  let end = start;
  while (end < folded.length && end - start <= LONGEST_WORD && isWordCharacter(folded.charCodeAt(end))) end++;
  if (end === start || end - start > LONGEST_WORD) return undefined;
  return { text: folded.slice(start, end), start, end };
}

/** The word behind a gap such as the words of one term may have between them. */
function wordBehind(folded: string, from: number): Word | undefined {
  let start = from;
  while (start < folded.length && start - from <= LONGEST_GAP && isGap(folded.charCodeAt(start))) start++;
  return start === from || start - from > LONGEST_GAP ? undefined : wordAt(folded, start);
}

const LONGEST_WORD = 48;

function isWordCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0xc0 && code !== 0xd7 && code !== 0xf7 && !(code >= 0x2000 && code < 0x3000) && code < 0xd800)
  );
}

/** Lower case of the same length, so that offsets stay true ('İ' would become two characters). */
function foldCase(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  let folded = '';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charAt(i);
    const small = unit.toLowerCase();
    folded += small.length === 1 ? small : unit;
  }
  return folded;
}
