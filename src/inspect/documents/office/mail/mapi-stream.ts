import { type ByteReader, byteReader } from '../byte-reader.js';
import { untilZero } from '../code-page.js';
import { CorruptDocument } from '../findings.js';
import { type MapiProperty, TYPE } from './mapi-object.js';

/** Bytes of values of a fixed size, padded to four ([MS-OXTNEF] 2.1.3.5). */
const SIZES: ReadonlyMap<number, number> = new Map([
  [0x0001, 4],
  [0x0002, 4],
  [0x0003, 4],
  [0x0004, 4],
  [0x0005, 8],
  [0x0006, 8],
  [0x0007, 8],
  [0x000a, 4],
  [0x000b, 4],
  [0x0014, 8],
  [0x0040, 8],
  [0x0048, 16],
]);
const MAX_PROPERTIES = 100_000;

/** A list of properties, as attributes of TNEF hold it. @throws CorruptDocument */
export function readProperties(data: Buffer): readonly MapiProperty[] {
  const reader = byteReader(data);
  return propertyList(reader);
}

/** One list for each recipient. @throws CorruptDocument */
export function readRows(data: Buffer): readonly (readonly MapiProperty[])[] {
  const reader = byteReader(data);
  const count = counted(reader);
  return Array.from({ length: count }, () => propertyList(reader));
}

function propertyList(reader: ByteReader): readonly MapiProperty[] {
  const count = counted(reader);
  const properties: MapiProperty[] = [];
  for (let index = 0; index < count; index++) {
    const type = reader.u16();
    const id = reader.u16();
    const name = id >= 0x8000 ? propertyName(reader) : undefined;
    for (const value of values(reader, type)) {
      properties.push({ id, type: type & ~TYPE.multiple, value, ...(name !== undefined && { name }) });
    }
  }
  return properties;
}

function counted(reader: ByteReader): number {
  const count = reader.u32();
  // Each takes four bytes at least.
  if (count > MAX_PROPERTIES || count * 4 > reader.left) throw new CorruptDocument('too many properties');
  return count;
}

function propertyName(reader: ByteReader): string | undefined {
  reader.skip(16);
  if (reader.u32() === 0) {
    reader.u32();
    return undefined;
  }
  return untilZero(padded(reader, reader.u32()).toString('utf16le'));
}

function values(reader: ByteReader, type: number): readonly Buffer[] {
  const base = type & ~TYPE.multiple;
  const size = SIZES.get(base);
  if (size !== undefined) {
    const count = (type & TYPE.multiple) === 0 ? 1 : counted(reader);
    return Array.from({ length: count }, () => reader.bytes(size));
  }
  if (base !== TYPE.string8 && base !== TYPE.string && base !== TYPE.binary && base !== TYPE.object)
    throw new CorruptDocument('a property of an unknown type');
  const count = counted(reader);
  return Array.from({ length: count }, () => padded(reader, reader.u32()));
}

function padded(reader: ByteReader, length: number): Buffer {
  const bytes = reader.bytes(length);
  reader.skip(Math.min(reader.left, (4 - (length % 4)) % 4));
  return bytes;
}
