import type { CompoundStream } from '../compound/compound.js';

const ENTRIES = /^__substg1\.0_00030102$/i;
const STRINGS = /^__substg1\.0_00040102$/i;
const FIRST_NAMED = 0x8000;
const IS_STRING = 1;
/** Bytes; longer names are cut. */
const LONGEST_NAME = 510;

/**
 * What properties of a message are called that have a name of their own, by their numbers ([MS-OXMSG] 2.2.3). Names that
 * can't be had are left out: the values are read without them.
 * @param streams of the storage of names
 */
export function propertyNames(streams: readonly CompoundStream[]): ReadonlyMap<number, string> {
  const stream = (pattern: RegExp) =>
    streams.find(({ path }) => path.length === 1 && pattern.test(path[0] ?? ''))?.bytes ?? Buffer.alloc(0);
  const entries = stream(ENTRIES);
  const strings = stream(STRINGS);
  const names = new Map<number, string>();
  for (let at = 0; at + 8 <= entries.length; at += 8) {
    const from = entries.readUInt32LE(at);
    if ((entries.readUInt16LE(at + 4) & IS_STRING) === 0 || from + 4 > strings.length) continue;
    const length = Math.min(LONGEST_NAME, strings.readUInt32LE(from));
    const name = strings.subarray(from + 4, from + 4 + length);
    names.set(FIRST_NAMED + entries.readUInt16LE(at + 6), name.toString('utf16le'));
  }
  return names;
}
