import { COLUMN_KINDS, type ColumnKind } from '../inspect/detect/roster/kinds.js';
import { UserError } from '../shared/errors.js';

/** A column as it was asked for: what it holds, and its header, or its number in a file without one. */
export interface WantedColumn {
  readonly kind: ColumnKind;
  readonly header: string;
}

/** A column found in a file. */
export interface FoundColumn extends WantedColumn {
  /** From 0. */
  readonly index: number;
}

const NAMES: readonly ColumnKind[] = ['given', 'family', 'name'];

/**
 * Reads what `--columns` says: `KIND=HEADER` or `KIND`, several separated by commas or given one by one.
 * @throws UserError (exit status 2) naming what is wrong
 */
export function parseColumns(given: readonly string[]): readonly WantedColumn[] {
  const columns = given
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(parseColumn);
  const headers = columns.map(({ header }) => header.toLowerCase());
  const twice = headers.find((header, i) => headers.indexOf(header) !== i);
  if (twice !== undefined) throw wrong(`the column ${twice} is named twice`);
  if (columns.filter(({ kind }) => !NAMES.includes(kind)).length === 0)
    throw wrong('a roster needs a column beside names: names alone say too little');
  if (columns.length < 2) throw wrong('a roster needs two columns at least: one value alone says too little');
  return columns;
}

function parseColumn(text: string): WantedColumn {
  const equals = text.indexOf('=');
  const written = (equals === -1 ? text : text.slice(0, equals)).trim().toLowerCase();
  const header = equals === -1 ? text : text.slice(equals + 1).trim();
  const kind = COLUMN_KINDS.find((one) => one === written);
  if (kind === undefined)
    throw wrong(
      `“${written}” is no kind of column: write KIND=HEADER with one of ${COLUMN_KINDS.join(', ')}`,
    );
  if (header === '' || header.length > 200)
    throw wrong(`the header behind ${kind}= must have 1 to 200 characters`);
  return { kind, header };
}

/**
 * Finds the columns in the file's header, capitals and small letters alike; `#3` is the third.
 * @throws UserError (exit status 2) that lists the headers
 */
export function findColumns(
  wanted: readonly WantedColumn[],
  header: readonly string[],
  file: string,
): readonly FoundColumn[] {
  const plain = header.map((one) => one.trim().toLowerCase());
  return wanted.map((column) => {
    const number = /^#(\d{1,4})$/.exec(column.header)?.[1];
    const name = column.header.toLowerCase();
    const index = number === undefined ? plain.indexOf(name) : Number(number) - 1;
    if (index < 0 || index >= header.length)
      throw wrong(
        `${file} has no column ${column.header}; it has: ${header.map((one) => one.trim()).join(', ')}`,
      );
    if (number === undefined && plain.lastIndexOf(name) !== index)
      throw wrong(
        `${file} has several columns ${column.header}: say which by its number, such as ${column.kind}=#3`,
      );
    return { ...column, index };
  });
}

function wrong(text: string): UserError {
  return new UserError(text, { exitStatus: 2 });
}

const GUESSES: readonly (readonly [ColumnKind, RegExp])[] = [
  ['mrn', /^(?:mrn|.*med.*rec.*|(?:pat(?:ient)?|chart).?(?:id|no|num(?:ber)?)|chart)$/],
  ['ssn', /ssn|social.*sec/],
  ['dob', /dob|birth|born/],
  ['given', /^(?:pat(?:ient)?.?)?(?:first|given|fore).?(?:name)?$/],
  ['family', /^(?:pat(?:ient)?.?)?(?:last|family|sur).?(?:name)?$/],
  ['name', /^(?:(?:pat(?:ient)?|full|member).?)?name$/],
  ['phone', /phone|mobile|cell|^tel/],
  ['email', /e.?mail/],
  ['zip', /zip|post(?:al)?.?code/],
  ['address', /addr|street/],
];

/** What `--columns` might be for a header. */
export function suggestColumns(header: readonly string[]): string {
  return header
    .map((written) => written.trim())
    .flatMap((name) => {
      const plain = name
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, ' ')
        .trim();
      const kind = GUESSES.find(([, pattern]) => pattern.test(plain))?.[0];
      return kind === undefined || name.includes(',') ? [] : [`${kind}=${name}`];
    })
    .join(',');
}
