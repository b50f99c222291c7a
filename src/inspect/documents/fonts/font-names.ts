import { byteReader } from '../office/byte-reader.js';

/** Platforms whose strings are in UTF-16, big endian (OpenType 1.9.1, "name"). */
const WIDE: ReadonlySet<number> = new Set([0, 3]);

/** The strings of a font's table `name`, each once. @throws CorruptDocument where they lie outside of it */
export function fontNames(table: Buffer): readonly string[] {
  const reader = byteReader(table, 2);
  const next = () => reader.bytes(2).readUInt16BE(0);
  const count = next();
  const strings = next();
  const names = new Set<string>();
  for (let index = 0; index < count; index++) {
    const platform = next();
    reader.skip(6);
    const length = next();
    const at = strings + next();
    const bytes = byteReader(table, at).bytes(length);
    names.add(WIDE.has(platform) ? wide(bytes) : bytes.toString('latin1'));
  }
  return [...names];
}

function wide(bytes: Buffer): string {
  const even = Buffer.from(bytes.subarray(0, bytes.length & ~1));
  return even.swap16().toString('utf16le');
}
