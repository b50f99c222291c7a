import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { KINDS, MESSAGE, TEXT } from '../../../../src/inspect/documents/kinds.js';
import { isMismatch } from '../../../../src/inspect/documents/kinds-declared.js';
import { kindOf } from '../../../../src/inspect/documents/kinds-sniff.js';

const FIXTURES = new URL('../../../fixtures/documents/', import.meta.url);

function zip(...names: readonly string[]): Buffer {
  return Buffer.from(zipSync(Object.fromEntries(names.map((name) => [name, Buffer.from('x')]))));
}

function openDocument(type: string): Buffer {
  return Buffer.from(
    zipSync({ mimetype: [Buffer.from(type), { level: 0 }], 'content.xml': Buffer.from('x') }),
  );
}

describe('what bytes are', () => {
  it.each([
    ['archives/plain.zip', KINDS.zip],
    ['archives/streamed.zip', KINDS.zip],
    ['archives/encrypted.7z', KINDS.sevenZip],
    ['archives/rar4.rar', KINDS.rar],
    ['archives/rar5.rar', KINDS.rar],
    ['archives/gnu.tar', KINDS.tar],
    ['archives/v7.tar', KINDS.tar],
    ['archives/plain.tar.gz', KINDS.gzip],
    ['archives/streams.bz2', KINDS.bzip2],
    ['archives/streams.xz', KINDS.xz],
    ['pdf/text.pdf', KINDS.pdf],
    ['pdf/user-password.pdf', KINDS.pdf],
    ['images/words.png', KINDS.png],
    ['images/words.jpg', KINDS.jpeg],
    ['images/words.gif', KINDS.gif],
    ['images/words-g4.tif', KINDS.tiff],
    ['images/words.webp', KINDS.webp],
    ['images/words.bmp', KINDS.bmp],
    ['images/explicit.dcm', KINDS.dicom],
  ])('of %s', (file, kind) => {
    expect(kindOf(readFileSync(new URL(file, FIXTURES)))).toBe(kind);
  });

  it.each([
    ['a document of Word', zip('[Content_Types].xml', 'word/document.xml'), KINDS.docx],
    ['a workbook', zip('[Content_Types].xml', 'xl/workbook.xml'), KINDS.xlsx],
    ['slides', zip('[Content_Types].xml', 'ppt/presentation.xml'), KINDS.pptx],
    ['a zip with a folder named word', zip('word/document.xml'), KINDS.zip],
    ['OpenDocument text', openDocument('application/vnd.oasis.opendocument.text'), KINDS.odt],
    ['a template of it', openDocument('application/vnd.oasis.opendocument.text-template'), KINDS.odt],
    ['an OpenDocument sheet', openDocument('application/vnd.oasis.opendocument.spreadsheet'), KINDS.ods],
    ['a book', openDocument('application/epub+zip'), KINDS.zip],
    ['RTF', Buffer.from('{\\rtf1 x}'), KINDS.rtf],
    [
      'OpenDocument as one file',
      Buffer.from(
        `<?xml version="1.0"?><!-- ${'x'.repeat(9000)} --><o:document a=">" xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>`,
      ),
      KINDS.flatOdf,
    ],
    [
      'the same in UTF-16',
      Buffer.from(
        '\ufeff<o:document xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
        'utf16le',
      ),
      KINDS.flatOdf,
    ],
    [
      'Word as one file',
      Buffer.from('<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"/>'),
      KINDS.wordXml,
    ],
    [
      'a package as one file',
      Buffer.from('<p:package xmlns:p="http://schemas.microsoft.com/office/2006/xmlPackage"/>'),
      KINDS.wordXml,
    ],
    ['some other document', Buffer.from('<document>urn:oasis</document>'), TEXT],
    ['PDF behind junk', Buffer.from(`junk\n%PDF-1.4\n1 0 obj\n<<>>\nendobj\n`), KINDS.pdf],
    ['text about PDF', Buffer.from('A file begins with %PDF-1.4, they say.'), TEXT],
    ['text', Buffer.from('BZh, he said, and II was tired'), TEXT],
    ['text like a bitmap', Buffer.from('BM is short for a name'), TEXT],
    ['mail', Buffer.from('Received: x\nFrom: a@b.example\nSubject: y\n\nz'), MESSAGE],
    ['a letter', Buffer.from('From: me\nTo: you\nDear you'), TEXT],
    [
      'a mailbox',
      Buffer.from('From a@b.example Thu Jan 1 00:00:00 2026\nFrom: a@b.example\n\nz'),
      KINDS.mbox,
    ],
  ])('of %s', (_, bytes, kind) => {
    expect(kindOf(bytes)).toBe(kind);
  });

  it.each([
    ['nothing at all', Buffer.alloc(0)],
    ['a program', Buffer.from('MZ\x90\x00\x03\x00\x00\x00', 'latin1')],
    ['noise', Buffer.from([0, 1, 2, 3, 255, 254])],
  ])('is not known of %s', (_, bytes) => {
    expect([undefined, TEXT]).toContain(kindOf(bytes));
  });
});

describe('a name or type that disagrees with the bytes', () => {
  it.each([
    ['report.pdf', 'application/pdf', KINDS.pdf, false],
    ['report.pdf', 'application/octet-stream', KINDS.pdf, false],
    ['report.pdf', 'application/octet-stream', KINDS.zip, true],
    ['report.PDF ', '', KINDS.zip, true],
    ['report', 'application/pdf', KINDS.zip, true],
    ['report', 'application/x-zip-compressed', KINDS.zip, false],
    ['report.docx', 'application/zip', KINDS.docx, true],
    ['notes.txt', 'text/plain', TEXT, false],
    ['notes.txt', 'text/plain', KINDS.pdf, true],
    ['notes.txt', 'text/plain', undefined, true],
    ['notes', 'text/plain', MESSAGE, false],
    ['picture.jpg', 'image/jpeg', KINDS.png, true],
    ['constructor', 'toString', KINDS.png, false],
    ['x.constructor', '', KINDS.png, false],
    [undefined, undefined, undefined, false],
  ])('%s, %s with the bytes of %s: %s', (fileName, mediaType, kind, expected) => {
    expect(isMismatch({ fileName, mediaType, kind })).toBe(expected);
  });
});
