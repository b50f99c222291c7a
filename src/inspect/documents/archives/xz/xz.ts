import { isZero } from '../bytes.js';
import { innerName } from '../inner-name.js';
import { decodeZipMethod } from '../libarchive/zip-method.js';
import { addContent, CorruptArchive, containerReader } from '../listing.js';
import type { EntryMeter } from '../meter.js';
import { readXzStreams } from './streams.js';

const XZ = 95;

/** xz: all streams, one after another, make up the content. Their sizes are known from their indexes beforehand. */
export const readXz = containerReader(async ({ bytes, fileName }, listing, meter) => {
  const { streams, before } = readXzStreams(bytes);
  const name = innerName(fileName, /\.xz$/i);
  await addContent(
    listing,
    () => (name === undefined ? {} : { fileName: name }),
    async () => {
      const counts: EntryMeter[] = [];
      for (const { size } of streams) {
        listing.entry([]);
        counts.push(meter.entry(size));
      }
      const pieces: Buffer[] = [];
      for (const [index, { start, end, size }] of streams.entries()) {
        const count = counts[index];
        if (count === undefined) break;
        const packed = bytes.subarray(start, end);
        const piece = await decodeZipMethod({ method: XZ, flags: 0, packed, size, crc: undefined }, count);
        pieces.push(piece.bytes);
        if (!piece.complete) return { bytes: Buffer.concat(pieces), complete: false };
      }
      return { bytes: Buffer.concat(pieces), complete: true };
    },
  );
  const rest = bytes.subarray(0, before);
  if (!isZero(rest)) throw new CorruptArchive('something that is no xz stream lies before one');
});
