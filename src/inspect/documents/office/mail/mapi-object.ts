import { isAscii } from '../../../bytes.js';
import { decodeUtf8 } from '../../../charset.js';
import { decodeAnyPage, decodePage, untilZero } from '../code-page.js';

/** Types of values ([MS-OXCDATA] 2.11.1). */
export const TYPE = {
  int16: 0x0002,
  int32: 0x0003,
  object: 0x000d,
  string8: 0x001e,
  string: 0x001f,
  time: 0x0040,
  binary: 0x0102,
  multiple: 0x1000,
} as const;

/** Properties ([MS-OXPROPS]) that matter here. */
export const PROPERTY = {
  subject: 0x0037,
  transportHeaders: 0x007d,
  body: 0x1000,
  rtf: 0x1009,
  html: 0x1013,
  displayName: 0x3001,
  attachData: 0x3701,
  attachExtension: 0x3703,
  attachFileName: 0x3704,
  attachMethod: 0x3705,
  attachLongFileName: 0x3707,
  attachRendering: 0x3709,
  attachMimeTag: 0x370e,
  internetCodePage: 0x3fde,
  messageCodePage: 0x3ffd,
} as const;

/** One property of a message, recipient or attachment. */
export interface MapiProperty {
  readonly id: number;
  readonly type: number;
  readonly value: Buffer;
  /** Of a property that has a name instead of a number. */
  readonly name?: string;
}

const LABELS: Readonly<Record<number, string>> = {
  55: 'Subject',
  66: 'From',
  101: 'From',
  3098: 'Sender',
  3103: 'Sender',
  3586: 'Bcc',
  3587: 'Cc',
  3588: 'To',
  14914: 'Birthday',
  14913: 'Wedding anniversary',
  12289: 'Name',
  12291: 'Address',
  14846: 'Address',
  14870: 'Company',
  14876: 'Mobile phone',
  14856: 'Business phone',
  14857: 'Home phone',
  14884: 'Fax',
};

export function labelOf(property: MapiProperty): string {
  return property.name ?? LABELS[property.id] ?? '';
}

/** A number of a property with a fixed size. */
export function numberOf(properties: readonly MapiProperty[], id: number): number | undefined {
  const value = properties.find((property) => property.id === id)?.value;
  if (value === undefined || value.length < 2) return undefined;
  return value.length >= 4 ? value.readUInt32LE(0) : value.readUInt16LE(0);
}

/** The text of a string property; of 8 bits in the page given, and as UTF-8 where it can be that as well. */
export function stringsOf(property: MapiProperty, page: number): readonly string[] {
  const { type, value } = property;
  if (type !== TYPE.string) return textsOf(value, page);
  const text = value.subarray(0, value.length & ~1).toString('utf16le');
  const first = untilZero(text);
  return [first, ...written([text.slice(first.length)])];
}

/** Text of 8 bits with a zero at its end; what stands behind that comes after it, as programs differ in where they end. */
export function textsOf(bytes: Buffer, page: number): readonly string[] {
  const zero = bytes.indexOf(0);
  const end = zero < 0 ? bytes.length : zero;
  return [...readings(bytes.subarray(0, end), page), ...written(readings(bytes.subarray(end), page))];
}

/** Those that say something, without their zeros. */
function written(texts: readonly string[]): readonly string[] {
  return texts.filter((text) => /[\p{L}\p{N}]/u.test(text)).map((text) => text.replaceAll('\0', ' ').trim());
}

/** Bytes of text in the page given, and as UTF-8 or UTF-16 where they can be that as well. */
export function readings(bytes: Buffer, page: number): readonly string[] {
  const texts = [decodePage(bytes, page)];
  if (page === 1200 && bytes.includes(0)) texts.push(decodeAnyPage(bytes, page));
  const utf8 = isAscii(bytes) ? undefined : decodeUtf8(bytes);
  if (utf8 !== undefined && utf8 !== texts[0]) texts.push(utf8);
  return texts;
}

/** A date of a property that is one; dates far off are no dates. */
export function dateOf(property: MapiProperty): string | undefined {
  if (property.type !== TYPE.time || property.value.length < 8) return undefined;
  const ticks = property.value.readUInt32LE(4) * 2 ** 32 + property.value.readUInt32LE(0);
  const milliseconds = ticks / 10_000 - 11_644_473_600_000;
  if (!(milliseconds > -4_000_000_000_000 && milliseconds < 4_102_444_800_000)) return undefined;
  return new Date(milliseconds).toISOString().slice(0, 10);
}

export function firstString(
  properties: readonly MapiProperty[],
  ids: readonly number[],
  page: number,
): string | undefined {
  for (const id of ids) {
    const property = properties.find((one) => one.id === id && isString(one));
    const text = property === undefined ? undefined : stringsOf(property, page)[0];
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
}

export function isString(property: MapiProperty): boolean {
  return property.type === TYPE.string || property.type === TYPE.string8;
}
