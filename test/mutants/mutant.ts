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
 * The files that a mutant changes in the tree below `root`, by path, as they are and as it makes them.
 * @throws when a text to replace does not stand in its file exactly once: then the mutant would be none
 */
export function mutated(
  root: string,
  { name, edits }: Mutant,
): ReadonlyMap<string, { readonly before: string; readonly after: string }> {
  const files = new Map<string, { readonly before: string; readonly after: string }>();
  for (const { file, from, to } of edits) {
    const path = join(root, 'src', file);
    const before = files.get(path)?.before ?? readFileSync(path, 'utf8');
    const text = files.get(path)?.after ?? before;
    const found = text.split(from).length - 1;
    if (found !== 1 || from === to)
      throw new Error(`mutant ${name} does not fit: its text stands ${found} times in src/${file}`);
    files.set(path, { before, after: text.replace(from, () => to) });
  }
  return files;
}

/** Makes the change; gives what undoes it. @throws as `mutated` does */
export function mutate(root: string, mutant: Mutant): () => void {
  const files = mutated(root, mutant);
  for (const [path, { after }] of files) writeFileSync(path, after);
  return () => {
    for (const [path, { before }] of files) writeFileSync(path, before);
  };
}
