import { readFileSync } from 'node:fs';
import { READERS } from '../../../../../src/inspect/documents/archives/index.js';
import { KINDS } from '../../../../../src/inspect/documents/kinds.js';
import {
  type Budget,
  type DocumentLimits,
  type FormatResult,
  TooLarge,
} from '../../../../../src/inspect/documents/types.js';

export type ArchiveKind = 'zip' | 'sevenZip' | 'rar' | 'tar' | 'gzip' | 'bzip2' | 'xz';

export const LIMITS: DocumentLimits = {
  maxDepth: 10,
  maxEntries: 1000,
  maxUnpacked: 20_000_000,
  maxRatio: 100,
  maxText: 1_000_000,
  maxPages: 10,
  maxPixels: 1_000_000,
};

export interface Spent {
  unpacked: number;
  entries: number;
}

/** A budget that refuses what goes beyond the limits. */
export function budget(limits: DocumentLimits, spent: Spent = { unpacked: 0, entries: 0 }): Budget {
  let text = 0;
  return {
    takeUnpacked(bytes) {
      if (spent.unpacked + bytes > limits.maxUnpacked) throw new TooLarge();
      spent.unpacked += bytes;
    },
    takeEntry() {
      spent.entries += 1;
      if (spent.entries > limits.maxEntries) throw new TooLarge();
    },
    takeText(bytes) {
      text += bytes;
      if (text > limits.maxText) throw new TooLarge();
    },
  };
}

export async function readAs(
  kind: ArchiveKind,
  bytes: Buffer,
  limits: DocumentLimits = LIMITS,
  fileName?: string,
): Promise<FormatResult> {
  const reader = READERS[KINDS[kind]];
  if (reader === undefined) throw new Error(`no reader for ${kind}`);
  return reader({ bytes, ...(fileName !== undefined && { fileName }) }, { limits, budget: budget(limits) });
}

export function fixture(name: string): Buffer {
  return readFileSync(new URL(`../../../../fixtures/documents/archives/${name}`, import.meta.url));
}

export const KIND_OF: Readonly<Record<string, ArchiveKind>> = {
  zip: 'zip',
  '7z': 'sevenZip',
  rar: 'rar',
  tar: 'tar',
  gz: 'gzip',
  bz2: 'bzip2',
  xz: 'xz',
};

export async function readFixture(name: string): Promise<FormatResult> {
  const kind = KIND_OF[name.slice(name.lastIndexOf('.') + 1)];
  if (kind === undefined) throw new Error(`${name} is of no known kind`);
  return readAs(kind, fixture(name), LIMITS, name);
}

/** Each child as `name: content` or `name: (status)`. */
export function listed(result: FormatResult): string[] {
  return result.children.map(
    (child) =>
      `${child.fileName}: ${child.bytes === undefined ? `(${child.status})` : child.bytes.toString()}`,
  );
}

export function contents(result: FormatResult): string[] {
  return result.children.flatMap(({ bytes }) => (bytes === undefined ? [] : [bytes.toString()]));
}

export function names(result: FormatResult): string[] {
  return result.texts.find(({ view }) => view === 'names')?.text.split('\n') ?? [];
}

/** Whether it counts as read in full, with nothing two programs could see differently. */
export function isClean(result: FormatResult): boolean {
  return (
    (result.status === 'read' || result.status === 'empty') &&
    result.oddities.length === 0 &&
    result.children.every(({ status }) => status === undefined)
  );
}
