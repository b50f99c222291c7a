import type { ReaderContext } from '../../types.js';
import { isKnownPage } from '../code-page.js';
import { printableRuns } from '../compound/printable.js';
import type { Findings } from '../findings.js';
import { readRtf } from '../rtf/rtf.js';
import { decompressRtf, type RawRtf } from './compressed-rtf.js';
import { addHtml } from './html-body.js';
import {
  dateOf,
  firstString,
  isString,
  labelOf,
  type MapiProperty,
  numberOf,
  PROPERTY,
  readings,
  stringsOf,
  TYPE,
} from './mapi-object.js';

const LONGEST_STRINGS = 1024 * 1024;

/** The page of strings of 8 bits. */
export function codePageOf(properties: readonly MapiProperty[]): number {
  const page =
    numberOf(properties, PROPERTY.messageCodePage) ?? numberOf(properties, PROPERTY.internetCodePage);
  return page === undefined || page === 0 || page === 1200 ? 1252 : page;
}

/**
 * Adds what the properties of a message say: its bodies, each in its views, and every other property that is text.
 * @throws TooLarge
 */
export async function addMessage(
  properties: readonly MapiProperty[],
  page: number,
  found: Findings,
  context: ReaderContext,
): Promise<void> {
  for (const property of properties) {
    if (property.id === PROPERTY.body && isString(property)) {
      for (const text of stringsOf(property, page)) found.text('text', text);
    } else if (property.id === PROPERTY.html) addHtmlBody(property, properties, page, found);
    else if (property.id === PROPERTY.rtf && property.type === TYPE.binary)
      await addRtfBody(property.value, found, context);
  }
  addProperties(properties, page, 'headers', found);
}

function addHtmlBody(
  property: MapiProperty,
  properties: readonly MapiProperty[],
  page: number,
  found: Findings,
): void {
  const own = numberOf(properties, PROPERTY.internetCodePage) ?? page;
  if (!isKnownPage(own)) found.oddity('unknown-code-page');
  const texts = isString(property) ? stringsOf(property, page) : readings(property.value, own);
  for (const html of texts) addHtml(html, found);
}

async function addRtfBody(packed: Buffer, found: Findings, context: ReaderContext): Promise<void> {
  if (packed.length === 0) return;
  const raw = unpacked(packed);
  if (raw === undefined) {
    // The rest of the message is read all the same.
    found.fail('corrupt');
    return;
  }
  const { bytes, whole } = raw;
  context.budget.takeUnpacked(bytes.length);
  if (!whole) found.fail('corrupt');
  if (bytes.length === 0) return;
  const result = await readRtf({ bytes }, context);
  const texts = result.texts.map(({ view, text }) => ({ view: view === 'text' ? 'rtf' : view, text }));
  found.include({ ...result, texts });
}

function unpacked(packed: Buffer): RawRtf | undefined {
  try {
    return decompressRtf(packed);
  } catch {
    return undefined;
  }
}

/** A body, read as what it is. */
function isBody(property: MapiProperty): boolean {
  const { id, type } = property;
  if (id === PROPERTY.body) return isString(property);
  return id === PROPERTY.html || (id === PROPERTY.rtf && type === TYPE.binary);
}

/** Every property that holds text or a date, one a line; and what can be read in those that hold bytes. */
export function addProperties(
  properties: readonly MapiProperty[],
  page: number,
  view: string,
  found: Findings,
): void {
  const lines: string[] = [];
  const strings: string[] = [];
  for (const property of properties) {
    if (isBody(property)) continue;
    const texts = isString(property) ? stringsOf(property, page) : [dateOf(property) ?? ''];
    const label = labelOf(property);
    for (const text of texts) if (text !== '') lines.push(label === '' ? text : `${label}: ${text}`);
    if (
      !isString(property) &&
      property.id !== PROPERTY.attachData &&
      property.id !== PROPERTY.attachRendering
    )
      strings.push(printableRuns(property.value.subarray(0, LONGEST_STRINGS)));
    if (
      property.type === TYPE.binary &&
      property.value.length > LONGEST_STRINGS &&
      property.id !== PROPERTY.attachData
    )
      found.extracted({ fileName: 'property', bytes: property.value });
  }
  found.text(view, [...new Set(lines)].join('\n'));
  found.text('strings', [...new Set(strings.filter((text) => text !== ''))].join('\n'));
}

/** Pictures that are shown in place of an attachment. */
export function renderings(properties: readonly MapiProperty[]): readonly Buffer[] {
  return properties
    .filter(({ id, type }) => id === PROPERTY.attachRendering && type === TYPE.binary)
    .map(({ value }) => value);
}

/** The name of an attachment, as long as it is known. */
export function attachmentName(properties: readonly MapiProperty[], page: number): string | undefined {
  return firstString(
    properties,
    [PROPERTY.attachLongFileName, PROPERTY.attachFileName, PROPERTY.displayName],
    page,
  );
}

export function attachmentType(properties: readonly MapiProperty[], page: number): string | undefined {
  return firstString(properties, [PROPERTY.attachMimeTag], page)?.toLowerCase();
}
