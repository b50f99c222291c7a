import type { ReaderContext } from '../../types.js';
import { decodePage, isKnownPage } from '../code-page.js';
import { type Compound, type CompoundStream, openCompound } from '../compound/compound.js';
import { addRest } from '../compound/ole-object.js';
import { printableRuns } from '../compound/printable.js';
import { CorruptDocument, documentReader, type Findings } from '../findings.js';
import { decompressVba } from './decompress.js';
import { readVbaDirectory, type VbaModule } from './directory.js';

/** Streams that programs keep for themselves: what was compiled, and what the project is made of (2.3.1, 2.3.4.1). */
const MACHINE = /^(?:_VBA_PROJECT|__SRP_[0-9a-f]{1,8})$/i;
const PROJECT = /^PROJECT(?:wm|lk)?$/i;
/** A form's own streams ([MS-OFORMS] 2.1.2); those of frames and pages within it are in folders `i01`. */
const FORM = /^(?:f|o|x|\x03VBFrame|\x01CompObj)$/i;
const FORM_FOLDER = /^i\d{2,10}$/i;
/** The class of a picture kept within a form ([MS-OFORMS] 2.4.8, StdPicture). */
const PICTURE = Buffer.from('0452e30b918fce119de300aa004bb851', 'hex');

/**
 * The macros of an Office document ([MS-OVBA]): the source of every module, and the words in what was compiled from it,
 * which can be others. Forms are read for their words; one with a picture isn't read in full.
 */
export const readVba = documentReader((input, found, context) => {
  const compound = openCompound(input.bytes);
  if (compound.damaged) found.fail('corrupt');
  const read = new Set<string>();
  const inFolder = streamsOf(compound, 'VBA');
  readModules(inFolder, read, found, context);
  for (const { path, bytes } of inFolder) {
    const [, name = ''] = path;
    // The directory is packed, and read.
    if (/^dir$/i.test(name)) add(path, '', 'strings');
    else if (MACHINE.test(name)) add(path, printableRuns(bytes), 'strings');
  }
  for (const { path, bytes } of compound.streams) {
    const [first = ''] = path;
    if (path.length === 1 && PROJECT.test(first)) add(path, printableRuns(bytes), 'metadata');
    else if (isForm(path)) {
      add(path, printableRuns(bytes), 'strings');
      if (bytes.includes(PICTURE)) found.fail('unsupported');
    }
  }
  addRest(compound, (path) => read.has(path.join('/')), found);

  function add(path: readonly string[], text: string, view: string): void {
    read.add(path.join('/'));
    found.text(view, text);
  }
});

function streamsOf(compound: Compound, folder: string): readonly CompoundStream[] {
  return compound.streams.filter(
    ({ path }) => path.length === 2 && path[0]?.toLowerCase() === folder.toLowerCase(),
  );
}

/** @param read to which the streams of modules are added */
function readModules(
  streams: readonly CompoundStream[],
  read: Set<string>,
  found: Findings,
  context: ReaderContext,
): void {
  const named = new Map(streams.map((stream) => [(stream.path[1] ?? '').toLowerCase(), stream]));
  const packed = named.get('dir');
  if (packed === undefined) throw new CorruptDocument('no directory of modules');
  const unpack = (bytes: Buffer) => decompressVba(bytes, context.budget.takeUnpacked);
  const dir = unpack(packed.bytes);
  found.text('metadata', printableRuns(dir));
  const { codePage, modules } = readVbaDirectory(dir);
  if (!isKnownPage(codePage)) found.oddity('unknown-code-page');
  for (const module of modules) {
    const stream = find(module, named);
    if (stream === undefined || module.sourceAt >= stream.bytes.length) {
      found.fail('corrupt');
      continue;
    }
    read.add(stream.path.join('/'));
    // Compiled before, and run in place of the source where the versions agree.
    found.text('strings', printableRuns(stream.bytes.subarray(0, module.sourceAt)));
    try {
      found.text('macros', decodePage(unpack(stream.bytes.subarray(module.sourceAt)), codePage));
    } catch (error) {
      if (!(error instanceof CorruptDocument)) throw error;
      found.text('strings', printableRuns(stream.bytes));
      found.fail('corrupt');
    }
  }
}

function find(module: VbaModule, named: ReadonlyMap<string, CompoundStream>): CompoundStream | undefined {
  for (const name of module.streams) {
    const stream = named.get(name.toLowerCase());
    if (stream !== undefined) return stream;
  }
  return undefined;
}

function isForm(path: readonly string[]): boolean {
  const folders = path.slice(1, -1);
  return (
    path.length >= 2 &&
    path[0]?.toLowerCase() !== 'vba' &&
    folders.every((name) => FORM_FOLDER.test(name)) &&
    FORM.test(path.at(-1) ?? '')
  );
}
