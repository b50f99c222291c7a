import { readFileSync } from 'node:fs';

/**
 * The terms of one file of `vocabulary/`: one a line, `#` begins a comment. A term in capitals matches only in
 * capitals. Read once when the module that uses it loads.
 */
export function wordList(name: string): readonly string[] {
  const file = new URL(`vocabulary/${name}.txt`, import.meta.url);
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
