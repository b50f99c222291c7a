const END_RECORD = Buffer.from('PK\x05\x06', 'latin1');
const CENTRAL_HEADER = Buffer.from('PK\x01\x02', 'latin1');
const END_RECORD_BYTES = 22;
const LONGEST_COMMENT = 0xffff;

/**
 * Whether the bytes end as a zip does, whatever they begin with (APPNOTE 4.3.16): programs for archives look at the
 * end, others at the beginning. Only a record whose comment ends with the file counts, with a directory before it.
 */
export function endsAsZip(bytes: Buffer): boolean {
  const from = Math.max(0, bytes.length - END_RECORD_BYTES - LONGEST_COMMENT);
  for (let at = bytes.lastIndexOf(END_RECORD); at >= from; at = bytes.lastIndexOf(END_RECORD, at - 1)) {
    if (at + END_RECORD_BYTES <= bytes.length && isEndRecord(bytes, at)) return true;
    if (at === 0) break;
  }
  return false;
}

function isEndRecord(bytes: Buffer, at: number): boolean {
  if (at + END_RECORD_BYTES + bytes.readUInt16LE(at + 20) !== bytes.length) return false;
  const entries = bytes.readUInt16LE(at + 10);
  const directory = at - bytes.readUInt32LE(at + 12);
  return entries > 0 && directory >= 0 && bytes.subarray(directory, directory + 4).equals(CENTRAL_HEADER);
}
