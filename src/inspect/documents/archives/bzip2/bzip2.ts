import { isZero } from '../bytes.js';
import { innerName } from '../inner-name.js';
import { addContent, containerReader } from '../listing.js';
import { decodeBzip2 } from './decode.js';

/** bzip2: all streams, one after another, make up the content, as pbzip2 writes them and bunzip2 reads them. */
export const readBzip2 = containerReader(async ({ bytes, fileName }, listing, meter) => {
  const name = innerName(fileName, /\.bz2?$/i);
  const pieces: Buffer[] = [];
  let end = 0;
  let complete = false;
  await addContent(
    listing,
    () => (name === undefined ? {} : { fileName: name }),
    async () => {
      const count = meter.entry(undefined);
      do {
        listing.entry([]);
        const stream = decodeBzip2(bytes.subarray(end), count);
        pieces.push(stream.bytes);
        end += stream.consumed;
        complete = stream.sound;
      } while (complete && bytes.toString('latin1', end, end + 3) === 'BZh');
      return { bytes: Buffer.concat(pieces), complete };
    },
  );
  const rest = bytes.subarray(end);
  if (complete && rest.length > 0 && !isZero(rest)) {
    listing.oddity('bzip2-trailing-data');
    listing.child({ bytes: rest, size: rest.length });
  }
});
