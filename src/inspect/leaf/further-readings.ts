import { contentLines, dataOfLine, decodedLine, directoryLines } from '../content-lines.js';
import { hl7Text } from '../hl7-text.js';
import { dataUrisInText } from '../html-data-uris.js';
import { calendarHtml } from '../markup-views.js';
import { percentBytes } from '../percent.js';
import { delimitedTable } from '../table-text.js';
import { x12Text } from '../x12-text.js';
import type { LeafContent } from './content.js';
import type { Found } from './found.js';
import { readBytesFields, readDataUris } from './held-content.js';
import { addMarkup, LOOKS_LIKE_MARKUP } from './markup.js';

const CALENDAR = /^text\/(?:calendar|vcard|x-vcard|directory|x-vcalendar)$/;
const JSON_TYPE = /\/(?:.*\+)?json$/;
/** Whatever it is called. */
const BEGINS_JSON = /^[\s\ufeff]*[[{]/;
/** RFC 2849: how a list of entries of a directory begins. */
export const LDIF = /^(?:dn:|version: ?1\r?\ndn:)/m;
const FORM = 'application/x-www-form-urlencoded';
/** Between strings of a formula, also within quotation marks. */
const PUT_TOGETHER = /"{1,2}\s{0,20}&\s{0,20}"{1,2}/g;
/** How much of a text shows what it is. */
const BEGINNING = 4096;

/** Adds readings that a text has besides its source, by its type or by what stands in it. */
export function addFurther(source: string, { mediaType, flowed }: LeafContent, found: Found): void {
  addTables(source, found);
  const unfolded = addUnfolded(source, mediaType, found);
  if (source.includes('\\') && (JSON_TYPE.test(mediaType) || BEGINS_JSON.test(source)))
    addUnescaped(source, found);
  addRecords(source, found);
  readDataUris(dataUrisInText(unfolded), found);
  readBytesFields(source, found);
  if (mediaType === FORM) found.texts.push({ view: 'unescaped', text: unescapeForm(source) });
  // A blank at the end of a line means that the paragraph goes on.
  if (flowed !== undefined && / \r?\n/.test(source))
    found.texts.push({ view: 'flowed', text: joinFlowed(source, flowed) });
}

function addTables(source: string, { texts }: Found): void {
  const table = delimitedTable(source);
  if (table === '') return;
  texts.push({ view: 'table', text: table });
  // Spreadsheets show what such formulas put together.
  const computed = source.replace(PUT_TOGETHER, '');
  if (computed !== source) texts.push({ view: 'table', text: delimitedTable(computed) });
}

/** @returns the source with its lines unfolded: an address that is folded would be cut short, and what it holds damaged */
function addUnfolded(source: string, mediaType: string, found: Found): string {
  const beginning = source.slice(0, BEGINNING);
  if (CALENDAR.test(mediaType) || /^BEGIN:V/im.test(beginning)) return addCalendar(source, found);
  if (LDIF.test(beginning)) found.texts.push({ view: 'unfolded', text: directoryLines(source) });
  return source;
}

/**
 * Calendars (RFC 5545) and cards (RFC 6350): their lines unfolded, and what these hold.
 * @returns the lines, unfolded
 */
function addCalendar(source: string, found: Found): string {
  const lines = contentLines(source);
  const unfolded = lines.join('\n');
  for (const text of calendarHtml(unfolded)) found.texts.push({ view: 'html', text });
  const text = lines
    .map(decodedLine)
    .join('\n')
    .replace(/\\n/gi, '\n')
    .replace(/\\([,;\\])/g, '$1');
  found.texts.push({ view: 'unfolded', text });
  readDataUris(lines.flatMap(dataOfLine), found);
  return unfolded;
}

function addUnescaped(source: string, found: Found): void {
  const unescaped = unescapeJson(source);
  found.texts.push({ view: 'unescaped', text: unescaped });
  // Some programs escape the brackets of the HTML in it, others the quotation marks.
  readDataUris(dataUrisInText(unescaped), found);
  if (unescaped !== source && LOOKS_LIKE_MARKUP.test(unescaped)) addMarkup(unescaped, '', found);
}

/** HL7 v2 as a program shows it, and X12 with the names of what it holds. */
function addRecords(source: string, { texts }: Found): void {
  const hl7 = hl7Text(source);
  if (hl7 !== undefined) texts.push({ view: 'unescaped', text: hl7 });
  const claims = x12Text(source);
  if (claims !== undefined) texts.push({ view: 'labelled', text: claims });
}

const JSON_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\n', t: '\t', b: '', f: '\n' };

function unescapeJson(source: string): string {
  return source.replace(
    /\\(?:u([0-9a-f]{4})|([^u]))/gi,
    (_, hex: string | undefined, other: string | undefined) =>
      hex === undefined
        ? (JSON_ESCAPES[other ?? ''] ?? other ?? '')
        : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function unescapeForm(source: string): string {
  const spaced = source.replaceAll('+', ' ').replaceAll('&', '\n').replaceAll('=', ': ');
  return percentBytes(spaced).toString('utf8');
}

/** RFC 3676. */
function joinFlowed(source: string, flowed: 'with-blanks' | 'without-blanks'): string {
  return flowed === 'with-blanks'
    ? source.replace(/(?<!^--) \r?\n(?=[^\s>-])/gm, ' ')
    : source.replace(/(?<!^--) \r?\n(?:> ?)*(?=[^\s>])/gm, '');
}
