import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';

/** One labelled text. Offsets of spans count Unicode code points. */
const rowSchema = z.object({
  id: z.string(),
  text: z.string(),
  spans: z
    .array(z.object({ type: z.string(), start: z.int().min(0), end: z.int().min(0), value: z.string() }))
    .default([]),
  label: z.enum(['phi', 'pii', 'not_phi', 'id', 'not_id', 'unscannable']),
  /** What a row of single identifiers is about, or which kind of mail it is. */
  kind: z.string().optional(),
  /** The identifier that the text only resembles. */
  near_miss_of: z.string().nullish(),
  /** A whole message that hides `hidden` by `technique`; `expect` says what must happen. */
  technique: z.string().optional(),
  expect: z.enum(['detect', 'best_effort', 'fail_closed', 'fail_closed_or_detect']).optional(),
  hidden: z.array(z.object({ type: z.string(), value: z.string() })).default([]),
});

export type Row = z.infer<typeof rowSchema>;

export interface DataFile {
  /** File name without its ending, behind the name of its set where it has one: `mail_phi`, `own/mail`. */
  readonly name: string;
  readonly rows: readonly Row[];
}

/** A file of the data folder that isn't in the format. The message names file and line, and no text of it. */
export class DataError extends Error {
  override readonly name = 'DataError';
}

/**
 * Reads every `.jsonl` file of a folder. Undefined where there is no such folder.
 * @throws DataError for a line that isn't a row
 */
export async function readDataFolder(folder: string, set?: string): Promise<readonly DataFile[] | undefined> {
  let names: readonly string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const files = names.filter((name) => name.endsWith('.jsonl')).sort();
  return Promise.all(
    files.map(async (file) => {
      const name = basename(file, '.jsonl');
      const content = await readFile(join(folder, file), 'utf8');
      return { name: set === undefined ? name : `${set}/${name}`, rows: parseRows(content, file) };
    }),
  );
}

function parseRows(content: string, file: string): readonly Row[] {
  return content.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const where = `${file}:${index + 1}`;
    let json: unknown;
    try {
      json = JSON.parse(line);
    } catch {
      throw new DataError(`${where} is not JSON`);
    }
    const row = rowSchema.safeParse(json);
    if (!row.success) {
      throw new DataError(`${where}: ${row.error.issues[0]?.path.join('.') ?? ''} is not as the format says`);
    }
    return [row.data];
  });
}
