import type { Findings } from '../findings.js';

/** Sizes and kinds of a picture ([MS-DOC] 2.9.190 PICF). */
const SMALLEST_HEADER = 8;
const METAFILES = { from: 1, to: 8 } as const;
const TIFF = 98;

/**
 * Pictures as Word 6 kept them and later versions keep them on: a metafile or a TIFF right behind their header. All
 * others are records that are found by themselves.
 * @param places where they begin in the stream Data
 * @throws TooLarge
 */
export function addPictures(data: Buffer, places: ReadonlySet<number>, found: Findings): void {
  for (const at of places) {
    if (at + SMALLEST_HEADER > data.length) continue;
    const kind = data.readUInt16LE(at + 6);
    const isMetafile = kind >= METAFILES.from && kind <= METAFILES.to;
    if (!isMetafile && kind !== TIFF) continue;
    const bytes = data.subarray(at + data.readUInt16LE(at + 4), at + data.readUInt32LE(at));
    if (bytes.length > 0) found.extracted({ fileName: isMetafile ? 'picture.wmf' : 'picture.tif', bytes });
  }
}
