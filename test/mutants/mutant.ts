import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a message's sender, recipients and auditors rely on. */
export const PROMISES = [
  'never in the clear',
  'never lost',
  'never unrecorded',
  'never rewritten',
  'never leaking',
  'stricter only',
  'only what was read is sent',
] as const;

/** One exact replacement in a source file. */
interface Edit {
  /** Below `src`. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly from: string;
  readonly to: string;
}

/** A relay that breaks one promise. */
export interface Mutant {
  readonly name: string;
  /** What it does wrong, as in "a relay that …". */
  readonly does: string;
  readonly promise: (typeof PROMISES)[number];
  /** Several where the promise is kept at several places, each of which would keep it alone. */
  readonly edits: readonly Edit[];
  /** Test files that must notice, and which of their tests: a pattern for vitest's `-t`. */
  readonly tests: readonly string[];
  readonly only?: string;
}

/**
 * Edits the tree below `root`.
 * @returns what undoes it
 * @throws when a text to replace does not stand in its file exactly once: then the mutant would be none
 */
export function mutate(root: string, { name, edits }: Mutant): () => void {
  const before = new Map<string, string>();
  const after = new Map<string, string>();
  for (const { file, from, to } of edits) {
    const path = join(root, 'src', file);
    const text = after.get(path) ?? readFileSync(path, 'utf8');
    if (!before.has(path)) before.set(path, text);
    const found = text.split(from).length - 1;
    if (found !== 1 || from === to)
      throw new Error(`mutant ${name} does not fit: its text stands ${found} times in src/${file}`);
    after.set(
      path,
      text.replace(from, () => to),
    );
  }
  for (const [path, text] of after) writeFileSync(path, text);
  return () => {
    for (const [path, text] of before) writeFileSync(path, text);
  };
}
