import { byteReader } from '../byte-reader.js';
import { decodeAnyPage, decodePage } from '../code-page.js';

/** Records of the stream `dir` ([MS-OVBA] 2.3.4.2) by number. */
const CODE_PAGE = 0x0003;
const VERSION = 0x0009;
const MODULE_NAME = 0x0019;
const STREAM_NAME = 0x001a;
const STREAM_NAME_WIDE = 0x0032;
const SOURCE_AT = 0x0031;
/** What the version's record holds beyond the size that stands in it. */
const VERSION_REST = 2;

export interface VbaModule {
  /** The stream's name, in the code page and in Unicode; they should be the same. */
  readonly streams: readonly string[];
  /** Where in the stream the packed source begins. */
  readonly sourceAt: number;
}

export interface VbaDirectory {
  readonly codePage: number;
  readonly modules: readonly VbaModule[];
}

/** Reads the unpacked stream `dir`. @throws CorruptDocument where it ends within a record */
export function readVbaDirectory(dir: Buffer): VbaDirectory {
  const reader = byteReader(dir);
  const modules: { streams: string[]; sourceAt: number }[] = [];
  let codePage = 1252;
  while (reader.left > 0) {
    const id = reader.u16();
    const data = reader.bytes(reader.u32());
    const module = modules.at(-1);
    if (id === VERSION) reader.skip(VERSION_REST);
    else if (id === CODE_PAGE) codePage = byteReader(data).u16();
    else if (id === MODULE_NAME) modules.push({ streams: [], sourceAt: 0 });
    else if (id === STREAM_NAME) module?.streams.push(decodePage(data, codePage));
    else if (id === STREAM_NAME_WIDE) module?.streams.push(decodeAnyPage(data, 1200));
    else if (id === SOURCE_AT && module !== undefined) module.sourceAt = byteReader(data).u32();
  }
  return { codePage, modules };
}
