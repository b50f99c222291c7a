import { type FileHeader, UnrarError } from 'node-unrar-js';
import { TooLarge } from '../../types.js';
import { isZero } from '../bytes.js';
import { CorruptArchive, containerReader, type Listing } from '../listing.js';
import type { EntryMeter, Meter } from '../meter.js';
import { type RarBlocks, readRarBlocks } from './blocks.js';
import { openUnrar } from './unrar.js';

/** RAR 1.5 to 5, by unrar; where an archive ends and what it must hold, by our own reading of its blocks. */
export const readRar = containerReader(async ({ bytes }, listing, meter, context) => {
  const blocks = readRarBlocks(bytes, context.limits.maxEntries);
  if (blocks.encrypted) {
    listing.fail('encrypted');
    return;
  }
  const headers = await listFiles(bytes, blocks, listing);
  if (blocks.volume) {
    listing.fail('unsupported');
    for (const { name, unpSize } of headers)
      listing.child({ fileName: name, size: unpSize, status: 'unsupported' });
    return;
  }
  await extract(bytes, blocks, listing, meter);
  if (!blocks.ended || headers.length !== blocks.entries.length) {
    throw new CorruptArchive('a RAR file has other entries than its blocks say');
  }
  const rest = bytes.subarray(blocks.end);
  if (rest.length > 0 && !isZero(rest)) {
    listing.oddity('rar-trailing-data');
    listing.child({ bytes: rest, size: rest.length });
  }
});

async function listFiles(bytes: Buffer, blocks: RarBlocks, listing: Listing): Promise<readonly FileHeader[]> {
  const { extractor } = await openUnrar(bytes, () => undefined);
  const { arcHeader, fileHeaders } = extractor.getFileList();
  listing.comment(arcHeader.comment);
  const headers: FileHeader[] = [];
  for (const header of fileHeaders) {
    const link = blocks.entries[headers.length]?.link;
    headers.push(header);
    listing.entry([link === undefined ? header.name : `${header.name} -> ${link}`]);
    listing.comment(header.comment);
  }
  return headers;
}

/** Unpacks in order, as solid archives must be; once the budget is used up nothing more is unpacked. */
async function extract(bytes: Buffer, blocks: RarBlocks, listing: Listing, meter: Meter): Promise<void> {
  let count: EntryMeter = () => undefined;
  let index = -1;
  let current: FileHeader | undefined;
  const { extractor, takeOutput } = await openUnrar(bytes, (length) => count(length));
  const chosen = (header: FileHeader): boolean => {
    index += 1;
    current = header;
    const entry = blocks.entries[index];
    if (header.flags.directory || entry === undefined || entry.link !== undefined) return false;
    if (header.flags.encrypted) {
      listing.child({ fileName: header.name, size: entry.size, status: 'encrypted' });
      return false;
    }
    count = meter.entry(entry.size);
    return true;
  };
  try {
    for (const { fileHeader } of extractor.extract({ files: chosen }).files) {
      const output = takeOutput();
      listing.child({ fileName: fileHeader.name, bytes: output, size: output.length });
      if (output.length !== blocks.entries[index]?.size) listing.fail('corrupt');
    }
  } catch (error) {
    const status = failureOf(error);
    listing.fail(status);
    const partial = takeOutput();
    const fileName = current?.name;
    const name = fileName === undefined ? {} : { fileName };
    if (status === 'corrupt' && partial.length > 0)
      listing.child({ ...name, bytes: partial, size: partial.length });
    else listing.child({ ...name, status });
  }
}

function failureOf(error: unknown): 'too-large' | 'unsupported' | 'corrupt' {
  if (error instanceof TooLarge) return 'too-large';
  const unknown = error instanceof UnrarError && error.reason === 'ERAR_UNKNOWN_FORMAT';
  return unknown ? 'unsupported' : 'corrupt';
}
