import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { CsvError, parse } from 'csv-parse';
import { errorText, UserError } from '../shared/errors.js';

export interface CsvOptions {
  /** One character; found by the first line where it isn't given. */
  readonly delimiter?: string;
  /** A name of an encoding; where it isn't given, what the file's mark says, else UTF-8. */
  readonly encoding?: string;
}

const DELIMITERS = [',', ';', '\t', '|'] as const;
const CHUNK = 256 * 1024;
/** A row that is longer has a quotation mark too few. */
const LONGEST_ROW = 1024 * 1024;

/**
 * Reads a file of delimited text (RFC 4180), row by row, the header among them. Empty lines are left out.
 * @throws UserError with file and line where a row isn't as it should be; never with its content
 */
export async function* readCsv(
  path: string,
  options: CsvOptions = {},
): AsyncGenerator<readonly string[], void, undefined> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new UserError(`cannot read ${path}: ${errorText(cause)}`, { exitStatus: 2, cause });
  });
  try {
    const first = Buffer.alloc(CHUNK);
    const { bytesRead } = await file.read(first, 0, CHUNK, 0);
    const encoding = options.encoding ?? markedEncoding(first) ?? 'utf-8';
    const start = decoder(encoding, false).decode(first.subarray(0, bytesRead), { stream: true });
    const delimiter = options.delimiter ?? likelyDelimiter(start);
    const parser = parse({ bom: true, delimiter, skip_empty_lines: true, max_record_size: LONGEST_ROW });
    // What goes wrong in the source ends the parser, too, and is thrown by it.
    pipeline(Readable.from(decoded(file, encoding, path)), parser, () => undefined);
    const rows: AsyncIterable<readonly string[]> = parser;
    for await (const row of rows) yield row;
  } catch (cause) {
    throw asUserError(cause, path);
  } finally {
    await file.close();
  }
}

/** The file as text. */
async function* decoded(file: FileHandle, encoding: string, path: string): AsyncGenerator<string> {
  const text = decoder(encoding, true);
  const bytes = Buffer.alloc(CHUNK);
  let lines = 1;
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(bytes, 0, CHUNK, at);
    at += bytesRead;
    try {
      const piece = text.decode(bytes.subarray(0, bytesRead), { stream: bytesRead > 0 });
      if (piece !== '') yield piece;
    } catch {
      throw new UserError(
        `${path}: behind line ${lines} there are bytes that aren't ${encoding}: name the file's encoding, such as --encoding windows-1252, or save it as UTF-8`,
        { exitStatus: 2 },
      );
    }
    if (bytesRead === 0) return;
    for (let i = bytes.indexOf(10); i !== -1 && i < bytesRead; i = bytes.indexOf(10, i + 1)) lines++;
  }
}

/** @throws UserError for an encoding that isn't known */
function decoder(encoding: string, fatal: boolean): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal });
  } catch (cause) {
    throw new UserError(`the encoding ${encoding} is not known: try utf-8, utf-16le or windows-1252`, {
      exitStatus: 2,
      cause,
    });
  }
}

function markedEncoding(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return undefined;
}

/** The one that the first line has most of, outside quotation marks. */
function likelyDelimiter(text: string): string {
  const line = /^[^\r\n]*/.exec(text)?.[0].replace(/"[^"]*"/g, '') ?? '';
  const counts = DELIMITERS.map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counts.sort((a, b) => b.count - a.count)[0]?.delimiter ?? ',';
}

/** Messages of the library quote what they read. */
function asUserError(error: unknown, path: string): unknown {
  if (!(error instanceof CsvError)) return error;
  const line = typeof error.lines === 'number' ? `:${error.lines}` : '';
  return new UserError(`${path}${line}: ${WORDS[error.code] ?? 'this row is not valid CSV (RFC 4180)'}`, {
    exitStatus: 2,
  });
}

const WORDS: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_FIELDS_LENGTH: 'this row has another number of cells than the first one',
  CSV_RECORD_INCONSISTENT_COLUMNS: 'this row has another number of cells than the first one',
  CSV_INVALID_CLOSING_QUOTE: 'something stands between a closing quotation mark and the delimiter',
  CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE:
    'something stands between a closing quotation mark and the delimiter',
  INVALID_OPENING_QUOTE: 'a quotation mark stands within a cell that does not begin with one',
  CSV_QUOTE_NOT_CLOSED: 'a quotation mark is not closed before the end of the file',
  CSV_MAX_RECORD_SIZE: 'this row is longer than 1 MB: is a quotation mark not closed?',
};
