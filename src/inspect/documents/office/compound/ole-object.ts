import { KINDS } from '../../kinds.js';
import { type ChildContent, TooLarge } from '../../types.js';
import { byteReader } from '../byte-reader.js';
import { untilZero } from '../code-page.js';
import { documentReader, type Findings } from '../findings.js';
import { labelledTexts } from '../labelled-text.js';
import { looksLikeXml, xmlText } from '../xml.js';
import { asCompoundFile, type Compound, type CompoundStream, folders, openCompound } from './compound.js';
import { bitmapFile } from './office-art.js';
import { printableRuns } from './printable.js';
import { readPropertySet } from './property-set.js';

/** Streams that only tell programs how to handle an object ([MS-OLEDS] 2.3.3, 2.3.7, 2.3.8); names in them show. */
const MACHINE =
  /^(?:\x01CompObj|\x01Ole|\x03ObjInfo|\x03LinkInfo|\x03PIC|\x01Ole10ItemName|\x03OCXNAME|Olk10SideProps_\d+|XCB|Ctls)$/i;
/** Macros as a whole: in Word, in Excel ([MS-OVBA] 2.2.1, 2.2.2). */
const MACROS = /^(?:Macros|_VBA_PROJECT_CUR)$/i;

/** A compound file of a kind that no other reader knows: an embedded object with whatever its streams hold. */
export const readOleObject = documentReader((input, found) => {
  const compound = openCompound(input.bytes);
  if (compound.damaged) found.fail('corrupt');
  addRest(compound, () => false, found);
});

/**
 * Adds everything in a compound file but what its own reader read: objects and unknown streams as children, properties
 * as text.
 * @param isRead whether a stream was read, by its path
 * @throws TooLarge
 */
export function addRest(
  compound: Compound,
  isRead: (path: readonly string[]) => boolean,
  found: Findings,
): void {
  for (const { path, bytes } of compound.streams) {
    if (path.length === 1 && !isRead(path)) addStream(path[0] ?? '', bytes, found);
  }
  for (const [name, streams] of folders(compound)) {
    const left = streams.filter(({ path }) => !isRead([name, ...path]));
    if (left.length > 0) addFolder(name, left, found);
  }
}

function addFolder(name: string, streams: readonly CompoundStream[], found: Findings): void {
  if (MACROS.test(name)) {
    // Without its directory it isn't the project of any program, and its reader says so.
    found.extracted({ fileName: name, mediaType: KINDS.vba, bytes: asCompoundFile(streams) });
  } else if (/^(?:ObjectPool|MsoDataStore)$/i.test(name)) {
    const nested = folders({ streams, damaged: false });
    for (const [inner, below] of nested) {
      if (name.toLowerCase() === 'objectpool')
        found.extracted({ fileName: inner, bytes: asCompoundFile(below) });
      else for (const { path, bytes } of below) addStream(path.at(-1) ?? '', bytes, found);
    }
    for (const { path, bytes } of streams) if (path.length === 1) addStream(path[0] ?? '', bytes, found);
  } else found.extracted({ fileName: name, bytes: asCompoundFile(streams) });
}

function addStream(name: string, bytes: Buffer, found: Findings): void {
  if (bytes.length === 0) return;
  if (name.startsWith('\x05')) {
    const { text, pagesKnown, clipboard } = readPropertySet(bytes);
    if (!pagesKnown) found.oddity('unknown-code-page');
    found.text('metadata', text);
    for (const picture of clipboard) addClipboard(picture, found);
  } else if (MACHINE.test(name)) found.text('metadata', printableRuns(bytes));
  else if (name === '\x01Ole10Native') found.extracted(nativeContent(bytes));
  else if (/^\x02OlePres\d+$/.test(name)) addPresentation(bytes, found);
  else if (looksLikeXml(bytes)) {
    const xml = xmlText(bytes);
    if (xml === undefined) found.extracted({ fileName: name, bytes });
    else {
      const { text, attributes } = labelledTexts(xml);
      found.text('metadata', text);
      found.text('attributes', attributes);
    }
  } else found.extracted({ fileName: printableName(name), bytes });
}

function printableName(name: string): string {
  return name.replace(/[\x00-\x1f]/g, '');
}

/**
 * A file that was put into a document ([MS-OLEDS] 2.3.6, and what the packager writes there: name, paths, and the
 * file's bytes). Where it isn't of that form the data are given as they are.
 */
export function nativeContent(stream: Buffer): ChildContent {
  try {
    const reader = byteReader(stream);
    const size = reader.u32();
    if (reader.u16() === 2) {
      const label = zeroEnded(stream, reader.at);
      const path = zeroEnded(stream, label.end);
      const at = byteReader(stream, path.end);
      // Two words, the first of them zero for a file; then where it was stored for a while.
      at.skip(4);
      at.skip(at.u32());
      const bytes = at.bytes(at.u32());
      return { fileName: label.text || path.text, bytes };
    }
    return { fileName: 'Ole10Native', bytes: stream.subarray(4, Math.min(stream.length, 4 + size)) };
  } catch {
    // Not what the packager writes: whatever it is, it is looked at as a whole.
    return { fileName: 'Ole10Native', bytes: stream.subarray(4) };
  }
}

function zeroEnded(bytes: Buffer, at: number): { readonly text: string; readonly end: number } {
  const zero = bytes.indexOf(0, at);
  const end = zero < 0 ? bytes.length : zero;
  return { text: untilZero(bytes.toString('latin1', at, end)), end: end + 1 };
}

/** How an object looks, for programs that can't show the object itself (2.3.4). */
function addPresentation(stream: Buffer, found: Findings): void {
  const fileName = 'presentation';
  try {
    const reader = byteReader(stream);
    const marker = reader.u32();
    let format = 0;
    if (marker === 0xffffffff || marker === 0xfffffffe) format = reader.u32();
    else if (marker > 0) found.text('metadata', printableRuns(reader.bytes(marker)));
    const device = reader.u32();
    reader.skip(Math.max(0, device - 4));
    reader.skip(16 + 8);
    const bytes = reader.bytes(Math.min(reader.u32(), reader.left));
    if (bytes.length > 0) addClipboard({ format, bytes }, found);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    found.extracted({ fileName, status: 'corrupt', size: stream.length });
  }
}

/** Pictures by the numbers of their clipboard formats. */
function addClipboard(picture: { readonly format: number; readonly bytes: Buffer }, found: Findings): void {
  const { format, bytes } = picture;
  if (format === 8) found.extracted({ fileName: 'picture.bmp', bytes: bitmapFile(bytes) });
  else if (format === 3) {
    // A header of eight bytes stands before the metafile where it comes from a clipboard.
    const start = bytes.subarray(8, 12).toString('hex') === '01000900' ? 8 : 0;
    found.extracted({ fileName: 'picture.wmf', bytes: bytes.subarray(start) });
  } else found.extracted({ fileName: format === 14 ? 'picture.emf' : 'picture', bytes });
}
