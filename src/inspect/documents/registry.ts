import { KINDS, OTHER_COMPOUND } from './kinds.js';
import type { FormatReader } from './types.js';

type Readers = Readonly<Record<string, FormatReader>>;

const archives = async () => (await import('./archives/index.js')).READERS;
const office = async () => (await import('./office/index.js')).READERS;
const pdf = async () => (await import('./pdf/index.js')).READERS;
const images = async () => (await import('./images/index.js')).READERS;
const fonts = async () => (await import('./fonts/index.js')).READERS;

const GROUPS: readonly (readonly [() => Promise<Readers>, readonly string[]])[] = [
  [pdf, [KINDS.pdf]],
  [archives, [KINDS.zip, KINDS.sevenZip, KINDS.rar, KINDS.tar, KINDS.gzip, KINDS.bzip2, KINDS.xz]],
  [
    office,
    [
      KINDS.docx,
      KINDS.xlsx,
      KINDS.pptx,
      KINDS.odt,
      KINDS.ods,
      KINDS.odp,
      KINDS.flatOdf,
      KINDS.wordXml,
      KINDS.doc,
      KINDS.xls,
      KINDS.ppt,
      KINDS.vba,
      KINDS.rtf,
      KINDS.msg,
      KINDS.tnef,
      KINDS.mbox,
      KINDS.emf,
      KINDS.wmf,
      KINDS.svm,
      KINDS.xps,
      OTHER_COMPOUND,
    ],
  ],
  [images, [KINDS.png, KINDS.jpeg, KINDS.gif, KINDS.tiff, KINDS.webp, KINDS.bmp, KINDS.dicom]],
  [fonts, [KINDS.sfnt, KINDS.eot]],
];

/** The reader of a kind, if there is one. Parsers are loaded when the first document of their group comes. */
export async function shippedReader(kind: string): Promise<FormatReader | undefined> {
  const load = GROUPS.find(([, kinds]) => kinds.includes(kind))?.[0];
  if (load === undefined) return undefined;
  const readers = await load();
  return Object.hasOwn(readers, kind) ? readers[kind] : undefined;
}
