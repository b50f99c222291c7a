import { openCompound, rootStream } from '../compound/compound.js';
import { addOfficeArt } from '../compound/office-art.js';
import { addRest } from '../compound/ole-object.js';
import { printableRuns } from '../compound/printable.js';
import { CorruptDocument, documentReader } from '../findings.js';
import { readWorkbookStream } from './workbook-reader.js';

const READ_HERE = /^(?:workbook|book)$/;
const PIVOT_CACHE = /^_SX_DB_CUR$/i;

/** Excel 5 to 2003 ([MS-XLS]). */
export const readXls = documentReader((input, found, context) => {
  const compound = openCompound(input.bytes);
  // A file for both Excel 5 and 97 has one of each.
  const books = ['Workbook', 'Book'].flatMap((name) => rootStream(compound, name) ?? []);
  if (books.length === 0) throw new CorruptDocument('no workbook');
  for (const book of books) {
    const { drawings, encrypted } = readWorkbookStream(book, found, context.limits.maxText);
    if (encrypted) {
      found.fail('encrypted');
      return;
    }
    addOfficeArt(Buffer.concat(drawings), found, context);
  }
  if (compound.damaged) found.fail('corrupt');
  for (const { path, bytes } of compound.streams) {
    if (PIVOT_CACHE.test(path[0] ?? '')) found.text('hidden', printableRuns(bytes));
  }
  addRest(compound, ([first = '']) => READ_HERE.test(first.toLowerCase()) || PIVOT_CACHE.test(first), found);
});
