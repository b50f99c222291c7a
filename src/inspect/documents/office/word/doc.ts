import iconv from 'iconv-lite';
import { TooLarge } from '../../types.js';
import { type Compound, openCompound, rootStream } from '../compound/compound.js';
import { addOfficeArt } from '../compound/office-art.js';
import { addRest } from '../compound/ole-object.js';
import { printableRuns } from '../compound/printable.js';
import { CorruptDocument, documentReader, type Findings } from '../findings.js';
import { type FileInformation, readFileInformation } from './file-information.js';
import { characterRuns, type FormatRun, paragraphRuns, runFinder } from './formats.js';
import { addPictures } from './pictures.js';
import { beyondPieces, type Piece, readPieces } from './pieces.js';
import { createStory } from './story.js';

/** Views of the stories in the order in which their characters come ([MS-DOC] 2.4.1). */
const VIEWS = ['text', 'notes', 'headers', 'other', 'comments', 'notes', 'text', 'headers'] as const;
const READ_HERE = /^(?:worddocument|[01]table|data)$/;
/** Windows-1252 without what iconv-lite leaves out. */
const NARROW = iconv.decode(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)), 'win1252');

/** Word 97 to 2003 ([MS-DOC]); of Word 6 and 95 the text. */
export const readDoc = documentReader((input, found, context) => {
  const compound = openCompound(input.bytes);
  const document = rootStream(compound, 'WordDocument');
  if (document === undefined) throw new CorruptDocument('no text');
  const info = readFileInformation(document);
  if (info.encrypted) {
    found.fail('encrypted');
    return;
  }
  if (compound.damaged) found.fail('corrupt');
  const table = tableStream(compound, info) ?? Buffer.alloc(0);
  const pieces = readPieces(info, document, table);
  const { whole, pictures } = readStories(info, pieces, document, table, found, context.limits.maxText);
  if (!whole) found.fail('corrupt');
  addOfficeArt(document, found, context);
  addOfficeArt(table, found, context);
  const data = rootStream(compound, 'Data');
  if (data !== undefined) addOfficeArt(data, found, context);
  // Those of Word 6 and 95 are elsewhere, in formats of their own.
  if (info.is97) addPictures(data ?? Buffer.alloc(0), pictures, found);
  else if (pictures.size > 0) found.fail('unsupported');
  // Names of authors and bookmarks, defaults of forms, and the addresses of links.
  found.text('strings', printableRuns(table));
  found.text('strings', printableRuns(beyondPieces(document, pieces)));
  if (data !== undefined) found.text('strings', printableRuns(data));
  addRest(compound, ([first = '']) => READ_HERE.test(first.toLowerCase()), found);
});

function tableStream(compound: Compound, info: FileInformation): Buffer | undefined {
  const [first, second] = info.usesTable1 ? ['1Table', '0Table'] : ['0Table', '1Table'];
  return rootStream(compound, first) ?? rootStream(compound, second);
}

/** @returns whether all characters were there, and where those are that stand for pictures. @throws TooLarge */
function readStories(
  info: FileInformation,
  pieces: readonly Piece[],
  document: Buffer,
  table: Buffer,
  found: Findings,
  maxCharacters: number,
): { readonly whole: boolean; readonly pictures: ReadonlySet<number> } {
  const none: readonly FormatRun[] = [];
  const characters = runFinder(info.is97 ? characterRuns(table, info.characterFormats, document) : none);
  const paragraphs = runFinder(info.is97 ? paragraphRuns(table, info.paragraphFormats, document) : none);
  const pictures = new Set<number>();
  let whole = true;
  let total = 0;
  let index = -1;
  let left = 0;
  let story = createStory('text', found);
  let run: FormatRun | undefined;
  const nextStory = () => {
    while (left === 0 && index < VIEWS.length) {
      story.end();
      index += 1;
      left = info.counts[index] ?? Number.POSITIVE_INFINITY;
      // What is beyond the last story is read as well.
      story = createStory(VIEWS[index] ?? 'other', found);
    }
  };
  for (const piece of pieces) {
    const width = piece.wide ? 2 : 1;
    const most = Math.max(0, Math.floor((document.length - piece.at) / width));
    if (most < piece.characters) whole = false;
    // Pieces can overlap: a small file can hold much text.
    total += Math.min(piece.characters, most);
    if (total > maxCharacters) throw new TooLarge();
    for (let count = 0; count < Math.min(piece.characters, most); count++) {
      if (left === 0) nextStory();
      left -= 1;
      const at = piece.at + count * width;
      if (run === undefined || at >= run.to || at < run.from) run = characters(at);
      const byte = document[at] ?? 0;
      const code = piece.wide ? document.readUInt16LE(at) : NARROW.charCodeAt(byte);
      if (code === PICTURE && (!info.is97 || run?.picture !== undefined)) pictures.add(run?.picture ?? 0);
      const shown = run?.symbol !== undefined ? symbol(run.symbol) : code;
      const rowEnd = code === 0x07 && paragraphs(at)?.rowEnd === true;
      story.character(shown, run ?? PLAIN, rowEnd);
    }
  }
  story.end();
  return { whole, pictures };
}

const PICTURE = 0x01;
const PLAIN = { hidden: false, deleted: false, inserted: false, look: '' } as const;

function symbol(code: number): number {
  return code >= 0xf000 && code <= 0xf0ff ? code - 0xf000 : code;
}
