import type { YAMLError } from 'yaml';

type Complaint = Pick<YAMLError, 'code' | 'message' | 'pos'>;

/** Complaints of the YAML reader that need other words for people who write configurations, not parsers. */
const WORDS: Readonly<Partial<Record<YAMLError['code'], string>>> = {
  TAB_AS_INDENT: 'a tab stands where only spaces may: indent with spaces',
  DUPLICATE_KEY: 'this key stands twice in its group; keep one',
  BLOCK_AS_IMPLICIT_KEY:
    'a key where none can be: indent this line and the next like those beside them, and put text with `: ` in it in quotes',
  MULTILINE_IMPLICIT_KEY:
    'a key on more than one line: write a blank behind its colon, and indent the lines around it alike',
  BAD_ALIAS: "text that begins with * must be in quotes, such as '*'",
  BAD_SCALAR_START: 'text that begins with this character must be in quotes',
  BAD_DQ_ESCAPE:
    'a backslash in double quotes begins an escape, and this one is unknown: put the text in single quotes',
  MULTIPLE_DOCS: 'another document begins here (---): a file holds one',
  TAG_RESOLVE_FAILED: 'text that begins with ! must be in quotes',
};

const BY_MESSAGE: readonly (readonly [start: string, words: string])[] = [
  [
    'All mapping items',
    'this line is not in line with the keys of its group: let them begin in the same column',
  ],
  ['All sequence items', 'this line is not in line with the list: let its entries begin in the same column'],
  [
    'Sequence item without',
    'this line is indented as an entry of the list above, and has no `- `: begin it with one, or indent it further',
  ],
  [
    'Unexpected scalar at node end',
    'something stands behind the end of a text in quotes; where the quote is part of it, use the other kind around',
  ],
];

/**
 * What to tell of a file that is no YAML: one complaint for each place, and while tabs stand in the indentation nothing
 * else, because all that follows is misread.
 */
export function complaintsForPeople<T extends Complaint>(
  complaints: readonly T[],
): readonly { readonly offset: number; readonly message: string }[] {
  const tabs = complaints.filter((one) => one.code === 'TAB_AS_INDENT');
  const first = new Map<number, Complaint>();
  for (const one of tabs.length > 0 ? tabs : complaints)
    if (!first.has(one.pos[0])) first.set(one.pos[0], one);
  return [...first].map(([offset, one]) => ({ offset, message: wordsFor(one) }));
}

function wordsFor({ code, message }: Complaint): string {
  const words = WORDS[code] ?? BY_MESSAGE.find(([start]) => message.startsWith(start))?.[1];
  return words ?? message.replace(/\s+/g, ' ');
}
