import { KINDS, OTHER_COMPOUND } from '../kinds.js';
import type { FormatReader } from '../types.js';
import { readOleObject } from './compound/ole-object.js';
import { readXls } from './excel/xls.js';
import { readMbox } from './mail/mbox.js';
import { readMsg } from './mail/msg.js';
import { readTnef } from './mail/tnef.js';
import { readEmf } from './metafile/emf.js';
import { readSvm } from './metafile/svm.js';
import { readWmf } from './metafile/wmf.js';
import { readFlatOdf } from './odf/flat.js';
import { readOdf } from './odf/odf.js';
import { readOoxml } from './ooxml/ooxml.js';
import { readWordXml } from './ooxml/word-xml.js';
import { readPpt } from './powerpoint/ppt.js';
import { readRtf } from './rtf/rtf.js';
import { readVba } from './vba/vba.js';
import { readDoc } from './word/doc.js';
import { readXps } from './xps.js';

/** Readers of formats by the media type that the bytes are. */
export const READERS: Readonly<Record<string, FormatReader>> = {
  [KINDS.docx]: readOoxml,
  [KINDS.xlsx]: readOoxml,
  [KINDS.pptx]: readOoxml,
  [KINDS.doc]: readDoc,
  [KINDS.xls]: readXls,
  [KINDS.ppt]: readPpt,
  [KINDS.vba]: readVba,
  [KINDS.rtf]: readRtf,
  [KINDS.msg]: readMsg,
  [KINDS.tnef]: readTnef,
  [KINDS.mbox]: readMbox,
  [KINDS.odt]: readOdf,
  [KINDS.ods]: readOdf,
  [KINDS.odp]: readOdf,
  [KINDS.flatOdf]: readFlatOdf,
  [KINDS.wordXml]: readWordXml,
  [KINDS.emf]: readEmf,
  [KINDS.wmf]: readWmf,
  [KINDS.svm]: readSvm,
  [KINDS.xps]: readXps,
  [OTHER_COMPOUND]: readOleObject,
};
