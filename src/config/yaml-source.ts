import { type Document, isMap, isNode, isPair, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../shared/suggest.js';
import { plainProblem } from './plain-words.js';
import type { KeysAt } from './schema-keys.js';
import { complaintsForPeople } from './yaml-words.js';

/** A problem in a YAML file, at its place. Lines and columns count from 1. */
export interface YamlProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A YAML file that parsed, and where each of its values stands. */
export interface YamlSource {
  readonly file: string;
  readonly value: unknown;
  /** Place of the value at a path of keys and indexes; of the nearest existing parent where there is none. */
  locate(path: readonly PropertyKey[]): { readonly line: number; readonly column: number };
  /** Place of the key itself (for unknown keys). */
  locateKey(path: readonly PropertyKey[], key: string): { readonly line: number; readonly column: number };
}

export type YamlResult =
  | { readonly ok: true; readonly source: YamlSource }
  | { readonly ok: false; readonly problems: readonly YamlProblem[] };

/**
 * What is wrong with a text that was read as UTF-8, where it was none: what the reader put in place of its bytes stands in no
 * mail, so that a rule with it would never match. Lines and columns count from 1.
 */
export function notUtf8(text: string): Omit<YamlProblem, 'file'> | undefined {
  const offset = text.indexOf('\ufffd');
  if (offset === -1) return undefined;
  const before = text.slice(0, offset).split('\n');
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    message: 'a byte here is no UTF-8 text: save the file as UTF-8',
  };
}

/** Parses YAML 1.2 text strictly: duplicate keys, unresolved tags, aliases and every warning are problems. */
export function readYaml(text: string, file: string): YamlResult {
  const garbled = notUtf8(text);
  if (garbled !== undefined) return { ok: false, problems: [{ file, ...garbled }] };
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    uniqueKeys: true,
    strict: true,
    prettyErrors: false,
    merge: false,
  });
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const complaints = [...document.errors, ...document.warnings];
  if (complaints.length > 0) {
    return {
      ok: false,
      problems: complaintsForPeople(complaints).map(({ offset, message }) => ({
        file,
        ...at(offset),
        message,
      })),
    };
  }
  // Aliases can grow a small file without bound, and nothing here needs them.
  const aliases: YamlProblem[] = [];
  visit(document, {
    Alias: (_key, node) => {
      aliases.push({
        file,
        ...at(node.range?.[0] ?? 0),
        message:
          'aliases (*name) are not supported: write the value out, and put text that begins with * in quotes',
      });
    },
  });
  if (aliases.length > 0) return { ok: false, problems: aliases };
  return {
    ok: true,
    source: {
      file,
      value: document.toJS(),
      locate: (path) => at(offsetOf(document, path)),
      locateKey: (path, key) => at(keyOffset(document, path, key)),
    },
  };
}

/**
 * Turns zod's issues into problems at their place in the file.
 * @param keysAt the keys that there are, for those that were misspelt
 */
export function schemaProblems(
  source: YamlSource,
  error: z.ZodError,
  keysAt: KeysAt,
): readonly YamlProblem[] {
  return error.issues.flatMap((issue): YamlProblem[] => {
    const where = issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        file: source.file,
        ...source.locateKey(issue.path, key),
        message: `${where}unknown key \`${key}\`${didYouMean(key, keysAt(issue.path))}`,
      }));
    }
    return [{ file: source.file, ...source.locate(issue.path), message: `${where}${plainProblem(issue)}` }];
  });
}

/** `file:line:column: message`, the form editors jump to. */
export function formatProblem(problem: YamlProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`;
}

function offsetOf(document: Document, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyOffset(document: Document, path: readonly PropertyKey[], key: string): number {
  const parent = path.length === 0 ? document.contents : document.getIn([...path], true);
  if (isMap(parent)) {
    for (const pair of parent.items) {
      if (isPair(pair) && isNode(pair.key) && String(pair.key) === key && pair.key.range)
        return pair.key.range[0];
    }
  }
  if (isSeq(parent) && parent.range) return parent.range[0];
  return offsetOf(document, path);
}
