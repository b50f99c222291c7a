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
  /** The longest terms from left to right, not overlapping; time linear in the text. */
  readonly find: (text: string) => readonly TermHit<Kind>[];
}

/** A term may be broken over a line, hyphenated or not, and have an apostrophe; nothing more lies between its words. */
const GAP = /^[ \n\t'’/-]{1,3}$/;

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
  return { find: (text) => find(root, guess, text) };
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

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function find<Kind>(
  root: Node<Kind>,
  guess: ((word: string) => Kind | undefined) | undefined,
  text: string,
): readonly TermHit<Kind>[] {
  const folded = foldCase(text);
  const found = words(folded);
  const hits: TermHit<Kind>[] = [];
  for (let i = 0; i < found.length; ) {
    const taken = longestFrom(root, found, i, text, folded);
    const word = found[i];
    if (taken !== undefined) {
      hits.push(taken.hit);
      i = taken.next;
      continue;
    }
    const kind = word === undefined ? undefined : guess?.(word.text);
    if (word !== undefined && kind !== undefined) {
      hits.push({ start: word.start, end: word.end, term: word.text, kind });
    }
    i++;
  }
  return hits;
}

function longestFrom<Kind>(
  root: Node<Kind>,
  found: readonly Word[],
  first: number,
  text: string,
  folded: string,
): { readonly hit: TermHit<Kind>; readonly next: number } | undefined {
  let best: { readonly hit: TermHit<Kind>; readonly next: number } | undefined;
  let node: Node<Kind> = root;
  const start = found[first]?.start ?? 0;
  let previousEnd = start;
  for (let i = first; i < found.length; i++) {
    const word = found[i];
    if (word === undefined || (i > first && !GAP.test(folded.slice(previousEnd, word.start)))) break;
    const exact = node.next?.get(word.text);
    const single = singulars(word.text)
      .map((form) => node.next?.get(form))
      .find((child) => child?.term !== undefined && !child.capitals);
    for (const child of [single, exact]) {
      if (child?.term === undefined || child.kind === undefined) continue;
      const written = text.slice(start, word.end);
      if (child.capitals && written !== written.toUpperCase()) continue;
      best = { hit: { start, end: word.end, term: child.term, kind: child.kind }, next: i + 1 };
    }
    if (exact === undefined) break;
    node = exact;
    previousEnd = word.end;
  }
  return best;
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

/** Words of letters and digits of any script. Very long ones are data, not words, and are cut. */
function words(folded: string): readonly Word[] {
  const found: Word[] = [];
  let start = -1;
  for (let i = 0; i <= folded.length; i++) {
    if (i < folded.length && isWordCharacter(folded.charCodeAt(i))) {
      if (start === -1) start = i;
    } else if (start !== -1) {
      if (i - start <= LONGEST_WORD) found.push({ text: folded.slice(start, i), start, end: i });
      start = -1;
    }
  }
  return found;
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
