/** Media types under which the readers of formats are registered: what bytes are, whatever they are called. */
export const KINDS = {
  pdf: 'application/pdf',
  zip: 'application/zip',
  sevenZip: 'application/x-7z-compressed',
  rar: 'application/vnd.rar',
  tar: 'application/x-tar',
  gzip: 'application/gzip',
  bzip2: 'application/x-bzip2',
  xz: 'application/x-xz',
  /** With its templates and macro variants; likewise the next two. */
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  odt: 'application/vnd.oasis.opendocument.text',
  ods: 'application/vnd.oasis.opendocument.spreadsheet',
  odp: 'application/vnd.oasis.opendocument.presentation',
  /** OpenDocument as one XML file, or the main part of one. */
  flatOdf: 'application/vnd.oasis.opendocument.text-flat-xml',
  doc: 'application/msword',
  /** A document of Word as one XML file: of 2003, or a package. */
  wordXml: 'application/vnd.ms-word2006ml',
  xls: 'application/vnd.ms-excel',
  ppt: 'application/vnd.ms-powerpoint',
  /** The macros of an Office document, as a file of their own. */
  vba: 'application/vnd.ms-office.vbaproject',
  rtf: 'application/rtf',
  msg: 'application/vnd.ms-outlook',
  tnef: 'application/vnd.ms-tnef',
  mbox: 'application/mbox',
  png: 'image/png',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  tiff: 'image/tiff',
  webp: 'image/webp',
  bmp: 'image/bmp',
  /** Drawings of Windows, mostly how something in a document looks. */
  emf: 'image/emf',
  wmf: 'image/wmf',
  /** Drawings of LibreOffice. */
  svm: 'image/x-svm',
  xps: 'application/vnd.ms-xpsdocument',
  dicom: 'application/dicom',
  /** TrueType and OpenType; likewise the next as PowerPoint embeds them. */
  sfnt: 'font/sfnt',
  eot: 'application/vnd.ms-fontobject',
} as const;

/** Pictures made of dots. */
export const BITMAPS = [KINDS.png, KINDS.jpeg, KINDS.gif, KINDS.tiff, KINDS.webp, KINDS.bmp] as const;

/** An Office document in an encrypted package ([MS-OFFCRYPTO] 2.3.4); no reader is needed to say so. */
export const ENCRYPTED_OFFICE = 'application/encrypted';
/** A compound file (Office 97 and others) of a kind that isn't known. */
export const OTHER_COMPOUND = 'application/x-ole-storage';
export const MESSAGE = 'message/rfc822';
export const TEXT = 'text/plain';
export const UNKNOWN = 'application/octet-stream';
