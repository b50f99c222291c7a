import { readFile, stat } from 'node:fs/promises';
import type { YamlProblem } from '../config/yaml-source.js';
import { foldEntry } from '../inspect/detect/custom/fold-words.js';
import { errorText } from '../shared/errors.js';

/** The entries of one dictionary. */
export interface Dictionary {
  /** As they are looked for (`CustomDetector.dictionary`), each once. */
  readonly folded: string;
  readonly entries: number;
  /** As they are written, sorted: what goes into the hash of the policy set. */
  readonly written: readonly string[];
  readonly problems: readonly YamlProblem[];
}

const LARGEST_FILE = 64_000_000;
/** Further wrong entries of a file are counted only. */
const MOST_PROBLEMS = 20;

interface Row {
  readonly text: string;
  readonly problem: (message: string) => YamlProblem;
}

/** @param problem what is wrong with an entry, by its index */
export function inlineDictionary(
  entries: readonly string[],
  problem: (index: number, message: string) => YamlProblem,
): Dictionary {
  return dictionaryOf(entries.map((text, i) => ({ text, problem: (message) => problem(i, message) })));
}

/**
 * Reads a dictionary file: UTF-8, one entry a line, `#` at the beginning of a line or behind a blank begins a comment.
 * @returns undefined, with the reason, where it can't be read
 */
export async function dictionaryFile(
  file: string,
): Promise<
  { readonly ok: true; readonly dictionary: Dictionary } | { readonly ok: false; readonly reason: string }
> {
  let text: string;
  try {
    if ((await stat(file)).size > LARGEST_FILE) {
      return { ok: false, reason: `it is larger than ${LARGEST_FILE / 1_000_000} MB` };
    }
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    return { ok: false, reason: cause instanceof TypeError ? 'it is not UTF-8 text' : errorText(cause) };
  }
  const rows = text.split(/\r?\n/).flatMap((row, i): Row[] => {
    const entry = row.replace(/(^|\s)#.*$/, '').trim();
    return entry === ''
      ? []
      : [
          {
            text: entry,
            problem: (message) => ({ file, line: i + 1, column: row.indexOf(entry) + 1, message }),
          },
        ];
  });
  if (rows.length === 0) return { ok: false, reason: 'it holds no entries' };
  return { ok: true, dictionary: dictionaryOf(rows) };
}

function dictionaryOf(rows: readonly Row[]): Dictionary {
  const folded = new Set<string>();
  const problems: YamlProblem[] = [];
  let wrong = 0;
  for (const { text, problem } of rows) {
    const entry = foldEntry(text);
    if (entry.ok) for (const form of entry.forms) folded.add(form);
    else if (++wrong <= MOST_PROBLEMS) problems.push(problem(`this entry ${entry.reason}`));
    else if (wrong === MOST_PROBLEMS + 1) problems.push(problem('more entries are wrong from here on'));
  }
  return {
    folded: [...folded].map((entry) => `${entry}\n`).join(''),
    entries: folded.size,
    written: rows.map((row) => row.text).sort(),
    problems,
  };
}
