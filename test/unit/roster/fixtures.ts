import { createSecretKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RosterTable } from '../../../src/inspect/detect/roster/types.js';
import { parseColumns } from '../../../src/roster/column-spec.js';
import { readRoster } from '../../../src/roster/import-file.js';
import { rosterKeys } from '../../../src/roster/roster-file.js';
import type { MasterKey } from '../../../src/store/master-key.js';
import { temporaryFolder } from '../store/fixtures.js';

export const MASTER_KEY: MasterKey = { secret: createSecretKey(Buffer.alloc(32, 7)), source: 'a test' };
export const TODAY = new Date('2026-11-22T12:00:00Z');

export function csvFile(text: string | Uint8Array): string {
  const path = join(temporaryFolder(), 'patients.csv');
  writeFileSync(path, text);
  return path;
}

/** A roster as it goes to the inspecting threads. */
export async function rosterOf(csv: string, columns: string, name = 'patients'): Promise<RosterTable> {
  const { hash } = rosterKeys(MASTER_KEY, name);
  const read = await readRoster(csvFile(csv), parseColumns([columns]), { today: TODAY, key: hash });
  const table = new SharedArrayBuffer(read.index.size);
  const bytes = new Uint8Array(table);
  let at = 0;
  for (const piece of read.index.pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return { name, columns: read.columns.map(({ kind }) => kind), rows: read.index.rows, table, key: hash };
}
