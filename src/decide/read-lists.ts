import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { notUtf8, type YamlProblem } from '../config/yaml-source.js';
import {
  type AddressEntry,
  type AddressList,
  addressMatcher,
  parseAddressEntry,
} from '../shared/address-list.js';
import { errorText } from '../shared/errors.js';
import type { ReadPolicyFile } from './policy-files.js';

/** The named lists of all files. `content` is what goes into the hash of the set. */
export interface ReadLists {
  readonly lists: ReadonlyMap<string, AddressList>;
  readonly content: Readonly<Record<string, readonly string[] | null>>;
  readonly problems: readonly YamlProblem[];
  readonly warnings: readonly YamlProblem[];
}

/**
 * Reads the lists of all files. A wrong entry is a problem. A list file that can't be read is a warning: the list is
 * then unknown, and rules that ask for it are decided on the safe side.
 */
export async function readLists(files: readonly ReadPolicyFile[]): Promise<ReadLists> {
  const lists = new Map<string, AddressList>();
  const definedAt = new Map<string, string>();
  const content: [string, readonly string[] | null][] = [];
  const problems: YamlProblem[] = [];
  const warnings: YamlProblem[] = [];
  for (const { source, content: file } of files) {
    for (const [name, list] of Object.entries(file.lists ?? {})) {
      const key = { file: source.file, ...source.locateKey(['lists'], name) };
      if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name)) {
        problems.push({ ...key, message: `lists: \`${name}\` must be a short name of a-z, 0-9, - and _` });
        continue;
      }
      const before = definedAt.get(name);
      if (before !== undefined) {
        problems.push({ ...key, message: `lists: the list \`${name}\` is already defined at ${before}` });
        continue;
      }
      definedAt.set(name, `${key.file}:${key.line}`);
      const read = Array.isArray(list)
        ? inlineList(list, (i) => ({ file: source.file, ...source.locate(['lists', name, i]) }))
        : await listFile(join(dirname(source.file), list.file));
      if (!read.ok) {
        warnings.push({
          file: source.file,
          ...source.locate(['lists', name, 'file']),
          message: `the list \`${name}\` cannot be read (${read.reason}); rules that ask for it match to be on the safe side`,
        });
        lists.set(name, { name, matcher: undefined });
        content.push([name, null]);
        continue;
      }
      problems.push(...read.problems);
      // Whatever writes such files may have failed.
      if (!Array.isArray(list) && read.written.length === 0)
        warnings.push({
          file: source.file,
          ...source.locate(['lists', name, 'file']),
          message: `the list \`${name}\` holds no entries: nobody is in it`,
        });
      lists.set(name, { name, matcher: addressMatcher(read.entries) });
      content.push([name, read.written]);
    }
  }
  return { lists, content: Object.fromEntries(content), problems, warnings };
}

type ReadList =
  | {
      readonly ok: true;
      readonly entries: readonly AddressEntry[];
      readonly written: readonly string[];
      readonly problems: readonly YamlProblem[];
    }
  | { readonly ok: false; readonly reason: string };

type Place = Omit<YamlProblem, 'message'>;

function inlineList(written: readonly string[], at: (index: number) => Place): ReadList {
  return { ok: true, ...parseEntries(written.map((text, i) => ({ text, at: () => at(i) }))) };
}

async function listFile(file: string): Promise<ReadList> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    return { ok: false, reason: errorText(cause) };
  }
  const garbled = notUtf8(text);
  if (garbled !== undefined) return { ok: true, entries: [], written: [], problems: [{ file, ...garbled }] };
  const rows = text.split(/\r?\n/).flatMap((row, i) => {
    const entry = row.replace(/(^|\s)#.*$/, '').trim();
    if (entry === '') return [];
    return [{ text: entry, at: () => ({ file, line: i + 1, column: row.indexOf(entry) + 1 }) }];
  });
  return { ok: true, ...parseEntries(rows) };
}

function parseEntries(rows: readonly { readonly text: string; readonly at: () => Place }[]) {
  const entries: AddressEntry[] = [];
  const problems: YamlProblem[] = [];
  for (const row of rows) {
    const entry = parseAddressEntry(row.text);
    if (entry !== undefined) entries.push(entry);
    else
      problems.push({ ...row.at(), message: `\`${row.text}\` is not an address, a domain or \`*.domain\`` });
  }
  return { entries, problems, written: rows.map((row) => row.text).sort() };
}
