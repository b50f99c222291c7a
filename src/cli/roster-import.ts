import { basename } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import type { ColumnKind } from '../inspect/detect/roster/kinds.js';
import type { ColumnCounts } from '../roster/column-counts.js';
import { type FoundColumn, parseColumns, type WantedColumn } from '../roster/column-spec.js';
import { dropDraft, likeFolder, newDraft } from '../roster/draft.js';
import { type ReadRoster, readRoster, suggestionFor } from '../roster/import-file.js';
import type { CsvOptions } from '../roster/read-csv.js';
import { ROSTER_NAME, type RosterKeys, rosterKeys, writeRosterFile } from '../roster/roster-file.js';
import { systemClock } from '../shared/clock.js';
import { UserError } from '../shared/errors.js';
import { loadMasterKey } from '../store/index.js';
import { configFile } from './config-option.js';
import { perform } from './perform.js';
import { printable, printJson, printLine, printTable } from './print.js';

export interface ImportOptions {
  readonly config: string;
  readonly columns?: readonly string[];
  readonly name?: string;
  readonly delimiter?: string;
  readonly encoding?: string;
  readonly header: boolean;
  readonly json?: boolean;
}

const importResult = z.strictObject({ imported: z.string(), rows: z.number(), replaced: z.boolean() });

/** `sallyport roster import`: builds the index here, and has the relay put it in force. */
export async function importRoster(file: string, options: ImportOptions): Promise<void> {
  const csv = {
    ...(options.delimiter === undefined ? {} : { delimiter: delimiterOf(options.delimiter) }),
    ...(options.encoding === undefined ? {} : { encoding: options.encoding }),
  };
  if (options.columns === undefined) throw await withSuggestion(file, csv);
  const wanted = parseColumns(options.columns);
  const name = options.name ?? nameOf(file);
  if (!ROSTER_NAME.test(name))
    throw new UserError(
      `“${name}” can't be the name of a roster: small letters, digits and dashes, 63 at most; see --name`,
      { exitStatus: 2 },
    );
  const { config, dataDir } = await loadConfig(configFile(options));
  const masterKey = loadMasterKey(config.master_key, dataDir, { createIfMissing: false });
  const keys = rosterKeys(masterKey, name);
  const now = systemClock.now();
  const draft = await newDraft(dataDir, now);
  try {
    const built = await build(draft.path, { file, name, wanted, csv, options, keys, now });
    await likeFolder(draft.path, dataDir);
    const answer = importResult.parse(await perform(options, 'roster import', { name, draft: draft.file }));
    show(built, answer, options.json === true);
  } finally {
    await dropDraft(draft.path);
  }
}

/** Writes the draft. The index isn't needed afterwards, and takes much memory. */
async function build(
  path: string,
  from: {
    readonly file: string;
    readonly name: string;
    readonly wanted: readonly WantedColumn[];
    readonly csv: CsvOptions;
    readonly options: ImportOptions;
    readonly keys: RosterKeys;
    readonly now: number;
  },
): Promise<Built> {
  const { name, keys, now } = from;
  const { index, columns, thinRows } = await readRoster(from.file, from.wanted, {
    ...from.csv,
    noHeader: !from.options.header,
    today: new Date(now),
    key: keys.hash,
    onProgress: progress,
  });
  const about = {
    name,
    columns: columns.map(({ header, kind }) => ({ header, kind })),
    rows: index.rows,
    importedAt: now,
    size: index.size,
  };
  await writeRosterFile(path, about, index.pieces, keys);
  return { columns, thinRows };
}

type Built = Pick<ReadRoster, 'columns' | 'thinRows'>;

/** What would be asked for, as far as the header says. */
async function withSuggestion(file: string, csv: CsvOptions): Promise<UserError> {
  const guess = await suggestionFor(file, csv);
  const how =
    guess === ''
      ? 'such as --columns mrn=MRN,family=LAST_NAME,given=FIRST_NAME,dob=BIRTH_DATE'
      : `perhaps --columns "${printable(guess)}"`;
  return new UserError(`say which columns to use, and what they hold: ${how}`, { exitStatus: 2 });
}

function nameOf(file: string): string {
  return basename(file)
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

function delimiterOf(written: string): string {
  const delimiter = written === 'tab' || written === '\\t' ? '\t' : written;
  if (delimiter.length !== 1 || /[\w"\r\n]/.test(delimiter))
    throw new UserError('the delimiter is one character, or the word tab', { exitStatus: 2 });
  return delimiter;
}

function progress(rows: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${rows} rows`);
}

function show({ columns, thinRows }: Built, answer: z.output<typeof importResult>, json: boolean): void {
  if (process.stderr.isTTY) process.stderr.write('\r');
  const notes = columns.flatMap((column) => noteOf(column, answer.rows));
  if (json) {
    printJson({
      ...answer,
      thinRows,
      columns: columns.map(({ kind, header, filled, unread, distinct }) => ({
        kind,
        header,
        filled,
        unread,
        distinct,
      })),
      notes,
    });
    return;
  }
  printTable(
    ['column', 'kind', 'cells', 'not readable as such', 'distinct values (about)'],
    columns.map(({ header, kind, filled, unread, distinct }) => [
      header,
      kind,
      String(filled),
      String(unread),
      String(distinct),
    ]),
    '',
  );
  for (const note of notes) printLine(printable(note));
  if (thinRows > 0)
    printLine(`${thinRows} rows have fewer than two values (names count as one) and are left out`);
  printLine(
    `${answer.replaced ? 'replaced' : 'imported'} the roster ${answer.imported}: ${answer.rows} rows. Delete the file you imported, or keep it as safe as the records themselves.`,
  );
}

/** Kinds by which one patient is known. */
const OWN: readonly ColumnKind[] = ['mrn', 'ssn', 'email', 'number', 'phone'];
const FEW = 50;
const MANY_ROWS = 200;

function noteOf({ header, kind, filled, unread, distinct }: FoundColumn & ColumnCounts, rows: number) {
  const notes: string[] = [];
  if (rows >= MANY_ROWS && distinct < FEW)
    notes.push(`${header} has only ${distinct} distinct values: it says next to nothing`);
  else if (OWN.includes(kind) && filled - unread > MANY_ROWS && distinct * 3 < filled - unread)
    notes.push(`${header} has the same values in many rows: is it of another kind than ${kind}?`);
  if (unread * 20 > filled)
    notes.push(`${unread} of ${filled} cells of ${header} can't be read as ${kind}, and are left out`);
  return notes;
}
