import { basename } from 'node:path';
import { crc32 } from 'node:zlib';
import { utils, write } from 'cfb';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import type { PartStatus } from '../../../../../src/model/inspection.js';
import { fixture, isUnderstood, readAttached, seeing } from './whole-message.js';

/*
 * What can't be read says so, with the status that policies ask for: in itself, inside an archive, and under any name.
 * Half of it may count as damaged, but never as read.
 */

type Unread = readonly [name: string, bytes: Buffer, path: string, status: PartStatus];

const file = (path: string, at: string, status: PartStatus): Unread => [
  basename(path),
  fixture(path),
  at,
  status,
];

function compound(streams: Readonly<Record<string, Buffer>>): Buffer {
  const made = utils.cfb_new();
  for (const [name, bytes] of Object.entries(streams)) utils.cfb_add(made, `/${name}`, bytes);
  return write(made, { type: 'buffer', fileType: 'cfb' });
}

/** A block of RAR 5: its checksum, its size, and its fields. */
function rarBlock(...fields: number[]): Buffer {
  const body = Buffer.from([fields.length, ...fields]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(crc32(body));
  return Buffer.concat([sum, body]);
}

const RAR_5 = Buffer.from('Rar!\x1a\x07\x01\0', 'latin1');
const bytes = (length: number, value = 7) => Array.from({ length }, () => value);

/** The record by which Excel says that a workbook is obfuscated with XOR ([MS-XLS] 2.4.117). */
function obfuscated(): Buffer {
  const record = (type: number, data: number[]) =>
    Buffer.from([type & 255, type >> 8, data.length, 0, ...data]);
  return Buffer.concat([
    record(0x809, [0, 6, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    record(0x2f, [0, 0, 1, 2, 3, 4]),
    record(0x0a, []),
  ]);
}

/** The head of a Word document that is obfuscated with XOR ([MS-DOC] 2.2.6.1). */
function obfuscatedWord(): Buffer {
  const stream = Buffer.alloc(4096, 1);
  stream.writeUInt16LE(0xa5ec, 0);
  stream.writeUInt16LE(0x00c1, 2);
  stream.writeUInt16LE(0x8100, 0x0a);
  return stream;
}

const ENCRYPTED: readonly Unread[] = [
  file('archives/aes.zip', '1', 'encrypted'),
  file('archives/zipcrypto.zip', '1', 'encrypted'),
  file('archives/mixed.zip', '2', 'encrypted'),
  file('archives/encrypted.7z', '1', 'encrypted'),
  file('archives/headers.7z', '', 'encrypted'),
  file('archives/rar4-files-encrypted.rar', '2', 'encrypted'),
  file('archives/rar4-headers-encrypted.rar', '', 'encrypted'),
  ['rar5-headers.rar', Buffer.concat([RAR_5, rarBlock(4, 0, 0, 0, 15, ...bytes(16))]), '', 'encrypted'],
  file('pdf/user-password.pdf', '', 'encrypted'),
  file('formats/user-password.pdf', '', 'encrypted'),
  file('formats/user-password-256.pdf', '', 'encrypted'),
  // Standard encryption of Office 2007; the later, agile one has the same streams and another description.
  file('office/letter-encrypted.docx', '', 'encrypted'),
  file('office/list-encrypted.xlsx', '', 'encrypted'),
  file('office/slides-encrypted.pptx', '', 'encrypted'),
  [
    'agile.docx',
    compound({
      EncryptionInfo: Buffer.concat([
        Buffer.from([4, 0, 4, 0, 64, 0, 0, 0]),
        Buffer.from('<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption"/>'),
      ]),
      EncryptedPackage: Buffer.alloc(5000, 3),
    }),
    '',
    'encrypted',
  ],
  file('office/letter-encrypted.odt', '', 'encrypted'),
  file('office/list-encrypted.ods', '', 'encrypted'),
  file('office/slides-encrypted.odp', '', 'encrypted'),
  // RC4 with CryptoAPI, and XOR.
  file('office/letter-encrypted.doc', '', 'encrypted'),
  file('office/list-encrypted.xls', '', 'encrypted'),
  ['xor.xls', compound({ Workbook: obfuscated() }), '', 'encrypted'],
  ['xor.doc', compound({ WordDocument: obfuscatedWord(), '1Table': Buffer.alloc(4096, 1) }), '', 'encrypted'],
];

const UNSUPPORTED: readonly Unread[] = [
  file('formats/words.heic', '', 'unsupported'),
  file('formats/words.avif', '', 'unsupported'),
  file('formats/sound.wav', '', 'unsupported'),
  file('formats/page.ps', '', 'unsupported'),
  file('formats/page.xps', '', 'unsupported'),
  file('formats/picture.dcm', '1', 'unsupported'),
  file('images/explicit.dcm', '1', 'unsupported'),
  file('archives/split.zip', '', 'unsupported'),
  [
    'clip.mp4',
    Buffer.from('\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41\0\0\0\x08free', 'latin1'),
    '',
    'unsupported',
  ],
  [
    'song.mp3',
    Buffer.from('ID3\x04\0\0\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0\xff\xfb\x90\x64\0\0', 'latin1'),
    '',
    'unsupported',
  ],
  [
    'setup.exe',
    Buffer.from('MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8\0\0\0', 'latin1'),
    '',
    'unsupported',
  ],
  ['drawing.vsd', compound({ VisioDocument: Buffer.from([...bytes(5000), 0, 1, 2]) }), '1', 'unsupported'],
  ['flyer.pub', compound({ Contents: Buffer.from([...bytes(5000), 0, 1, 2]) }), '1', 'unsupported'],
  [
    'notes.one',
    Buffer.concat([Buffer.from('e4525c7b8cd8a74daeb15378d02996d3', 'hex'), Buffer.alloc(200, 0)]),
    '',
    'unsupported',
  ],
  [
    'letter.pages',
    Buffer.from(zipSync({ 'Index/Document.iwa': Buffer.from([0, 9, 0, 0, 1, 2, 3, 200]) })),
    '1',
    'unsupported',
  ],
];

describe.each([...ENCRYPTED, ...UNSUPPORTED])('%s', (name, content, path, status) => {
  const ocr = seeing('words');

  it('has its status', async () => {
    const { statuses } = await readAttached(content, { name, ocr });
    expect(statuses).toMatchObject({ [path]: status });
  });

  it('has it in an archive', async () => {
    const archive = Buffer.from(zipSync({ [name]: content }));
    const { statuses } = await readAttached(archive, { name: 'archive.zip', ocr });
    expect(statuses).toMatchObject({ [path === '' ? '1' : `1.${path}`]: status });
  });

  it('has it under another name', async () => {
    for (const disguise of [
      { name: 'x.jpg', type: 'image/jpeg' },
      { name: 'x', type: 'application/octet-stream' },
    ]) {
      const { statuses } = await readAttached(content, { ...disguise, ocr });
      expect(statuses).toMatchObject({ [path]: status });
    }
  });

  it('is never read, declared as text', async () => {
    const reading = await readAttached(content, { name: 'x.txt', type: 'text/plain', ocr });
    expect(reading).not.toSatisfy(isUnderstood);
  });

  it('is not read by half', async () => {
    for (const share of [0.4, 0.8]) {
      const cut = content.subarray(0, Math.floor(content.length * share));
      expect(await readAttached(cut, { name, ocr }), `${share}`).not.toSatisfy(isUnderstood);
    }
  });
});
