import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** A fenced block of a page. */
interface Block {
  /** The words behind the fence, such as `yaml config`. */
  readonly info: string;
  readonly text: string;
  /** Line of its fence, from 1. */
  readonly line: number;
}

export interface DocPage {
  /** Path from the root of the repository. */
  readonly path: string;
  /** The page with the insides of its fenced blocks blanked, line by line. */
  readonly prose: string;
  readonly blocks: readonly Block[];
}

/** The README, the changelog and everything in docs/. */
export function docPages(): readonly DocPage[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`);
  return ['README.md', 'CHANGELOG.md', ...docs].map((path) =>
    readPage(path, readFileSync(join(ROOT, path), 'utf8')),
  );
}

function readPage(path: string, text: string): DocPage {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { info: string; indent: string; line: number; lines: string[] } | undefined;
  for (const [i, line] of text.split('\n').entries()) {
    const [, indent = '', info] = /^( *)```(.*)$/.exec(line) ?? [];
    if (open === undefined && info !== undefined) open = { info, indent, line: i + 1, lines: [] };
    else if (open !== undefined && info === '') {
      blocks.push({ info: open.info, text: `${open.lines.join('\n')}\n`, line: open.line });
      open = undefined;
    } else if (open !== undefined) open.lines.push(line.slice(open.indent.length));
    prose.push(open === undefined && info === undefined ? line : '');
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: a block without an end`);
  return { path, prose: prose.join('\n'), blocks };
}
