import { ENCRYPTED_OFFICE, KINDS, MESSAGE, TEXT } from './kinds.js';

const ANY_TEXT = [TEXT, MESSAGE, KINDS.mbox, KINDS.flatOdf, KINDS.wordXml];

/** What the bytes are allowed to be under a name's ending. */
const BY_ENDING: Readonly<Record<string, readonly string[]>> = {
  pdf: [KINDS.pdf],
  ...endings('zip jar epub', [KINDS.zip]),
  '7z': [KINDS.sevenZip],
  rar: [KINDS.rar],
  tar: [KINDS.tar],
  ...endings('gz tgz', [KINDS.gzip]),
  ...endings('bz2 tbz tbz2', [KINDS.bzip2]),
  ...endings('xz txz', [KINDS.xz]),
  ...endings('docx docm dotx dotm', [KINDS.docx, ENCRYPTED_OFFICE]),
  ...endings('xlsx xlsm xltx xltm xlsb', [KINDS.xlsx, ENCRYPTED_OFFICE]),
  ...endings('pptx pptm potx potm ppsx ppsm', [KINDS.pptx, ENCRYPTED_OFFICE]),
  ...endings('odt ott', [KINDS.odt]),
  ...endings('ods ots', [KINDS.ods]),
  ...endings('odp otp', [KINDS.odp]),
  ...endings('fodt fods fodp fodg', [KINDS.flatOdf]),
  ...endings('doc dot', [KINDS.doc]),
  ...endings('xls xlt', [KINDS.xls]),
  ...endings('ppt pps pot', [KINDS.ppt]),
  rtf: [KINDS.rtf],
  msg: [KINDS.msg],
  ...endings('eml emlx mht mhtml', [MESSAGE]),
  mbox: [KINDS.mbox],
  ...endings(
    'txt text log csv tsv htm html xhtml xml json ndjson md ics vcf hl7 yaml yml css js svg',
    ANY_TEXT,
  ),
  png: [KINDS.png],
  ...endings('jpg jpeg jpe jfif', [KINDS.jpeg]),
  gif: [KINDS.gif],
  ...endings('tif tiff', [KINDS.tiff]),
  webp: [KINDS.webp],
  ...endings('bmp dib', [KINDS.bmp]),
  ...endings('emf wmf', [KINDS.emf, KINDS.wmf]),
  ...endings('dcm dicom', [KINDS.dicom]),
  ...endings('xps oxps', [KINDS.xps]),
  ...endings('ttf otf', [KINDS.sfnt]),
};

/** Further names of the kinds' media types. */
const BY_TYPE: Readonly<Record<string, readonly string[]>> = {
  'application/x-pdf': [KINDS.pdf],
  'application/x-zip': [KINDS.zip],
  'application/x-zip-compressed': [KINDS.zip],
  'application/x-rar-compressed': [KINDS.rar],
  'application/x-rar': [KINDS.rar],
  'application/x-gzip': [KINDS.gzip],
  'application/x-compressed-tar': [KINDS.gzip],
  'application/x-rtf': [KINDS.rtf],
  'application/ms-tnef': [KINDS.tnef],
  'application/dicom': [KINDS.dicom],
  ...Object.fromEntries(
    ['font/ttf', 'font/otf', 'application/x-font-ttf'].map((type) => [type, [KINDS.sfnt]]),
  ),
  'application/json': ANY_TEXT,
  'application/xml': ANY_TEXT,
  ...Object.fromEntries(
    ['spreadsheet', 'presentation', 'graphics'].map((what) => [
      `application/vnd.oasis.opendocument.${what}-flat-xml`,
      [KINDS.flatOdf],
    ]),
  ),
  'image/jpg': [KINDS.jpeg],
  'image/pjpeg': [KINDS.jpeg],
  'image/x-png': [KINDS.png],
  'image/x-ms-bmp': [KINDS.bmp],
  'image/svg+xml': ANY_TEXT,
  ...Object.fromEntries(
    Object.entries(KINDS).map(([, kind]) => [
      kind,
      kind.includes('ms-') || kind.includes('office') ? [kind, ENCRYPTED_OFFICE] : [kind],
    ]),
  ),
};

/** The media type by which a text is read, from the ending of its name. */
const TEXT_TYPES: Readonly<Record<string, string>> = {
  ...textTypes('htm html xhtml', 'text/html'),
  ...textTypes('xml svg xsl rdf fodt fods fodp fodg', 'application/xml'),
  ...textTypes('json ndjson', 'application/json'),
  ics: 'text/calendar',
  vcf: 'text/vcard',
  csv: 'text/csv',
};

/**
 * Whether a name or a declared type says something else than the bytes. Names and types that say nothing of the
 * content (`data`, `application/octet-stream`) disagree with nothing.
 */
export function isMismatch(declared: {
  readonly fileName?: string | undefined;
  readonly mediaType?: string | undefined;
  readonly kind: string | undefined;
}): boolean {
  const { kind, mediaType = '' } = declared;
  const named = lookUp(BY_ENDING, ending(declared.fileName));
  const typed = mediaType.startsWith('text/') ? textOr(mediaType) : lookUp(BY_TYPE, mediaType);
  return [named, typed].some((kinds) => kinds !== undefined && !kinds.includes(kind ?? ''));
}

/** Programs for mail open a file of such a type, or of such a name, as mail. */
export function isMailType(mediaType: string): boolean {
  return /^message\/|\bmbox$/.test(mediaType);
}

/** @returns `message` or `mbox`, by the ending of the name alone */
export function mailByEnding(fileName: string | undefined): 'message' | 'mbox' | undefined {
  const [kind] = lookUp(BY_ENDING, ending(fileName)) ?? [];
  if (kind === MESSAGE) return 'message';
  return kind === KINDS.mbox ? 'mbox' : undefined;
}

/** As what a text inside a document is read. */
export function textTypeOf(fileName: string | undefined, mediaType: string | undefined): string {
  const says = mediaType !== undefined && mediaType !== TEXT;
  if (says && (mediaType.startsWith('text/') || /[/+](?:xml|json)$/.test(mediaType))) return mediaType;
  return lookUp(TEXT_TYPES, ending(fileName)) ?? TEXT;
}

function textOr(mediaType: string): readonly string[] {
  return mediaType === 'text/rtf' ? [KINDS.rtf] : ANY_TEXT;
}

function ending(fileName: string | undefined): string {
  return /\.([a-z0-9]{1,8})$/i.exec(fileName?.trim() ?? '')?.[1]?.toLowerCase() ?? '';
}

function lookUp<T>(table: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

function endings(names: string, kinds: readonly string[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, kinds]));
}

function textTypes(names: string, type: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}
