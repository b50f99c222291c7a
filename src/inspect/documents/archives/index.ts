import { KINDS } from '../kinds.js';
import type { FormatReader } from '../types.js';
import { readBzip2 } from './bzip2/bzip2.js';
import { readGzip } from './gzip.js';
import { readRar } from './rar/rar.js';
import { readSevenZip } from './seven-zip/seven-zip.js';
import { readTar } from './tar/tar.js';
import { readXz } from './xz/xz.js';
import { readZip } from './zip/zip.js';

/** Readers of archives and compressed files. */
export const READERS: Readonly<Record<string, FormatReader>> = {
  [KINDS.zip]: readZip,
  [KINDS.sevenZip]: readSevenZip,
  [KINDS.rar]: readRar,
  [KINDS.tar]: readTar,
  [KINDS.gzip]: readGzip,
  [KINDS.bzip2]: readBzip2,
  [KINDS.xz]: readXz,
};
