import { addToHash, hashOf } from './word-table.js';

/** A term found in a text; offsets are UTF-16 code units. */
export interface TermHit<Kind> {
  readonly start: number;
  readonly end: number;
  /** The term as the vocabulary has it, in lower case. */
  readonly term: string;
  readonly kind: Kind;
}

interface Node<Kind> {
  /** Where its word stands among the codes of all words, and how long it is. */
  readonly from: number;
  readonly length: number;
  /** The words that follow in terms. */
  next: Children<Kind> | undefined;
  /** What those words begin with, as bits: most words of a text that begin terms go on in another way. */
  firsts: number;
  term: string | undefined;
  kind: Kind | undefined;
  /** Matches only where the text has it in capitals: abbreviations such as ALS, which in lower case are words. */
  capitals: boolean;
}

/**
 * Terms by their words. Words are compared as arrays of character codes, because a string is asked for its kind at each
 * character, and those of mail are of many kinds.
 */
interface Trie<Kind> {
  readonly root: Node<Kind>;
  /** The codes of all words, one behind another. */
  codes: Uint16Array;
  used: number;
}

/** Nodes by the hashes of their words, so that a word of a text need not be cut out to be looked up. */
interface Children<Kind> {
  hashes: Int32Array;
  nodes: (Node<Kind> | undefined)[];
  size: number;
}

export interface TermMatcher<Kind> {
  /**
   * The longest terms from left to right, not overlapping; time linear in the text. With `places` (ascending) only
   * words that begin there are tried as beginnings of terms. `lower` is the text in lower case, where it is at hand.
   */
  readonly find: (text: string, places?: Iterable<number>, lower?: string) => readonly TermHit<Kind>[];
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
  const trie: Trie<Kind> = { root: emptyNode(0, 0), codes: new Uint16Array(LEAST_CODES), used: 0 };
  for (const [term, kind] of terms) insert(trie, term, kind);
  return { find: (text, places, lower) => find(trie, guess, text, places, lower) };
}

const LEAST_CODES = 1 << 10;

function codesOf(text: string): Uint16Array {
  const bytes = Buffer.from(text, 'utf16le');
  return new Uint16Array(bytes.buffer, bytes.byteOffset, text.length);
}

function emptyNode<Kind>(from: number, length: number): Node<Kind> {
  return { from, length, next: undefined, firsts: 0, term: undefined, kind: undefined, capitals: false };
}

/** A node for a word, whose codes are kept. */
function addWord<Kind>(trie: Trie<Kind>, word: Uint16Array): Node<Kind> {
  const from = trie.used;
  while (from + word.length > trie.codes.length) {
    const longer = new Uint16Array(trie.codes.length * 2);
    longer.set(trie.codes);
    trie.codes = longer;
  }
  trie.codes.set(word, from);
  trie.used += word.length;
  return emptyNode(from, word.length);
}

function insert<Kind>(trie: Trie<Kind>, term: string, kind: Kind): void {
  const capitals = term === term.toUpperCase() && /[A-Z]/.test(term);
  const folded = term.toLowerCase();
  let node = trie.root;
  for (const word of words(folded)) {
    const hash = hashOf(word.text);
    const codes = codesOf(word.text);
    node.firsts |= firstBit(codes[0] ?? 0);
    node.next ??= {
      hashes: new Int32Array(LEAST_SLOTS),
      nodes: new Array(LEAST_SLOTS).fill(undefined),
      size: 0,
    };
    let found = child(trie.codes, node.next, hash, codes, 0, codes.length, '');
    if (found === undefined) {
      found = addWord(trie, codes);
      addChild(node.next, hash, found);
    }
    node = found;
  }
  // The same word in small letters makes the abbreviation free of case.
  node.capitals = node.term === undefined ? capitals : node.capitals && capitals;
  node.term = folded;
  node.kind ??= kind;
}

const LEAST_SLOTS = 4;

/** Of the first letter of a word. */
function firstBit(code: number): number {
  return 1 << (code & 31);
}

function addChild<Kind>(children: Children<Kind>, hash: number, node: Node<Kind>): void {
  if (children.size * 2 >= children.nodes.length) {
    const { hashes, nodes } = children;
    children.hashes = new Int32Array(nodes.length * 2);
    children.nodes = new Array(nodes.length * 2).fill(undefined);
    for (const [slot, one] of nodes.entries()) if (one !== undefined) put(children, hashes[slot] ?? 0, one);
  }
  put(children, hash, node);
  children.size++;
}

function put<Kind>({ hashes, nodes }: Children<Kind>, hash: number, node: Node<Kind>): void {
  const mask = nodes.length - 1;
  let slot = hash & mask;
  while (nodes[slot] !== undefined) slot = (slot + 1) & mask;
  hashes[slot] = hash;
  nodes[slot] = node;
}

/** The child whose word stands from a place to another, with an ending; `hash` is that of all. */
function child<Kind>(
  words: Uint16Array,
  { hashes, nodes }: Children<Kind>,
  hash: number,
  folded: Uint16Array,
  from: number,
  to: number,
  ending: string,
): Node<Kind> | undefined {
  const mask = nodes.length - 1;
  for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
    const node = nodes[slot];
    if (node === undefined) return undefined;
    if (hashes[slot] === hash && isMadeOf(words, node, folded, from, to, ending)) return node;
  }
}

function isMadeOf<Kind>(
  words: Uint16Array,
  { from: at, length: whole }: Node<Kind>,
  folded: Uint16Array,
  from: number,
  to: number,
  ending: string,
): boolean {
  const length = to - from;
  if (whole !== length + ending.length) return false;
  for (let i = 0; i < length; i++) if (words[at + i] !== folded[from + i]) return false;
  for (let i = 0; i < ending.length; i++) if (words[at + length + i] !== ending.charCodeAt(i)) return false;
  return true;
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
  trie: Trie<Kind>,
  guess: ((word: string) => Kind | undefined) | undefined,
  text: string,
  places: Iterable<number> | undefined,
  lower: string | undefined,
): readonly TermHit<Kind>[] {
  const folded = lower?.length === text.length ? lower : foldCase(text);
  const codes = codesOf(folded);
  const hits: TermHit<Kind>[] = [];
  let end = 0;
  for (const place of places ?? wordStarts(codes)) {
    if (place < end || (place > 0 && isWordCharacter(codes[place - 1] ?? 0))) continue;
    const wordEnd = endOfWord(codes, place);
    if (wordEnd === NO_WORD) continue;
    const taken = longestFrom(trie, place, wordEnd, text, codes);
    if (taken !== undefined) {
      hits.push(taken);
      end = taken.end;
      continue;
    }
    if (guess === undefined) continue;
    const word = folded.slice(place, wordEnd);
    const kind = guess(word);
    if (kind !== undefined) hits.push({ start: place, end: wordEnd, term: word, kind });
  }
  return hits;
}

function longestFrom<Kind>(
  { root, codes }: Trie<Kind>,
  start: number,
  firstEnd: number,
  text: string,
  folded: Uint16Array,
): TermHit<Kind> | undefined {
  let best: TermHit<Kind> | undefined;
  let children = root.next;
  let from = start;
  for (let end = firstEnd; children !== undefined; ) {
    const exact = child(codes, children, hashFrom(folded, from, end), folded, from, end, '');
    const hit =
      hitOf(exact, text, start, end) ??
      hitOf(singularIn(codes, children, folded, from, end), text, start, end);
    if (hit !== undefined) best = hit;
    // Most terms end here: the next word need not be looked for.
    children = exact?.next;
    if (children === undefined) break;
    from = behindGap(folded, end);
    if (from === NO_WORD || ((exact?.firsts ?? 0) & firstBit(folded[from] ?? 0)) === 0) break;
    end = endOfWord(folded, from);
    if (end === NO_WORD) break;
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

function hashFrom(folded: Uint16Array, from: number, end: number): number {
  let hash = 0;
  for (let at = from; at < end; at++) hash = addToHash(hash, folded[at] ?? 0);
  return hash;
}

/** The word of a term of which the word in the text could be the plural. */
function singularIn<Kind>(
  words: Uint16Array,
  children: Children<Kind>,
  folded: Uint16Array,
  from: number,
  end: number,
): Node<Kind> | undefined {
  if (end - from < 4 || folded[end - 1] !== S) return undefined;
  let hash = hashFrom(folded, from, end - 3);
  const third = hash;
  hash = addToHash(hash, folded[end - 3] ?? 0);
  const second = hash;
  hash = addToHash(hash, folded[end - 2] ?? 0);
  const whole = termIn(child(words, children, hash, folded, from, end - 1, ''));
  if (whole !== undefined || folded[end - 2] !== E) return whole;
  const without = termIn(child(words, children, second, folded, from, end - 2, ''));
  if (without !== undefined) return without;
  const before = folded[end - 3];
  if (before === I) return termIn(child(words, children, addToHash(third, Y), folded, from, end - 3, 'y'));
  if (before !== S) return undefined;
  return termIn(child(words, children, addToHash(addToHash(second, I), S), folded, from, end - 2, 'is'));
}

const E = 0x65;
const I = 0x69;
const S = 0x73;
const Y = 0x79;

/** A node that ends a term which has a plural. */
function termIn<Kind>(node: Node<Kind> | undefined): Node<Kind> | undefined {
  return node?.term !== undefined && !node.capitals ? node : undefined;
}

/** Words of letters and digits of any script. Very long ones are data, not words, and are left out. */
function words(folded: string): readonly Word[] {
  const codes = codesOf(folded);
  return [...wordStarts(codes)].flatMap((start) => {
    const end = endOfWord(codes, start);
    return end === NO_WORD ? [] : { text: folded.slice(start, end), start, end };
  });
}

function* wordStarts(folded: Uint16Array): Generator<number> {
  let within = false;
  for (let i = 0; i < folded.length; i++) {
    const letter = isWordCharacter(folded[i] ?? 0);
    if (letter && !within) yield i;
    within = letter;
  }
}

const NO_WORD = -1;

/** Where the word ends that begins at a place. */
function endOfWord(folded: Uint16Array, start: number): number {
  let end = start;
  while (end < folded.length && end - start <= LONGEST_WORD && isWordCharacter(folded[end] ?? 0)) end++;
  return end === start || end - start > LONGEST_WORD ? NO_WORD : end;
}

/** Behind a gap such as the words of one term may have between them. */
function behindGap(folded: Uint16Array, from: number): number {
  let start = from;
  while (start < folded.length && start - from <= LONGEST_GAP && isGap(folded[start] ?? 0)) start++;
  return start === from || start - from > LONGEST_GAP ? NO_WORD : start;
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
