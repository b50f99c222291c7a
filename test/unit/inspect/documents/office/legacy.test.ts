import { utils, write } from 'cfb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OTHER_COMPOUND } from '../../../../../src/inspect/documents/kinds.js';
import { kindOf } from '../../../../../src/inspect/documents/kinds-sniff.js';
import { asCompoundFile } from '../../../../../src/inspect/documents/office/compound/compound.js';
import { fixture, LIMITS, readFixture, readOffice, view, viewsOf } from './reading.js';

const CANARIES: readonly (readonly [string, string, string])[] = [
  ['letter.doc', 'number 212-55-0187 is split', 'text'],
  ['letter.doc', 'Grüße an Zoë, 日本語', 'text'],
  ['letter.doc', 'canary-inserted', 'text'],
  ['letter.doc', 'canary-textbox', 'text'],
  ['letter.doc', 'Seen  again: 447-81', 'text'],
  ['letter.doc', 'canary-header', 'headers'],
  ['letter.doc', 'canary-footer', 'headers'],
  ['letter.doc', 'canary-footnote', 'notes'],
  ['letter.doc', 'canary-endnote', 'notes'],
  ['letter.doc', 'canary-comment', 'comments'],
  ['letter.doc', 'canary-deleted', 'deleted'],
  ['letter.doc', 'number 212-587 is split', 'styled'],
  ['letter.doc', 'canary-hidden', 'hidden'],
  ['letter.doc', 'canary-link', 'fields'],
  ['letter.doc', 'Patient: canary-property', 'metadata'],
  ['letter.doc', 'canary-keyword', 'metadata'],
  ['letter.doc', 'Name: Wilma; MRN: 00-771-204', 'table'],
  ['list.xls', 'Wilma\t212-55-0187\t1975-03-02', 'text'],
  ['list.xls', 'canary-sheet', 'text'],
  ['list.xls', 'Name: Wilma; SSN: 212-55-0187; Born: 1975-03-02', 'table'],
  ['list.xls', 'canary-hidden-column', 'hidden'],
  ['list.xls', 'canary-hidden-row', 'hidden'],
  ['list.xls', 'canary-on-hidden-sheet', 'hidden'],
  ['list.xls', 'canary-named', 'formulas'],
  ['list.xls', '-formula', 'formulas'],
  ['list.xls', 'canary-comment', 'comments'],
  ['list.xls', 'canary-link', 'links'],
  ['list.xls', 'canary-property', 'metadata'],
  ['slides.ppt', 'Patient 212-55-0187 on slide one', 'text'],
  ['slides.ppt', 'canary-hidden-slide', 'hidden'],
  ['slides.ppt', 'canary-speaker-note', 'notes'],
  ['slides.ppt', 'canary-master', 'masters'],
  ['slides.ppt', 'canary-comment', 'comments'],
  ['slides.ppt', 'canary-property', 'metadata'],
  ['slides.ppt', 'canary-link', 'other'],
];

describe('documents of LibreOffice in older formats', () => {
  it.each(CANARIES)('%s: %s is in %s', async (file, words, where) => {
    const result = await readFixture(file);
    expect(result).toMatchObject({ status: 'read', oddities: [] });
    expect(viewsOf(result, words)).toContain(where);
  });

  it.each([
    ['letter.doc', 'canary-deleted'],
    ['letter.doc', 'canary-hidden'],
    ['list.xls', 'canary-hidden'],
    ['slides.ppt', 'canary-hidden'],
  ])('%s: %s is not shown', async (file, words) => {
    expect(viewsOf(await readFixture(file), words)).not.toContain('text');
  });

  it('gives pictures to be read', async () => {
    for (const file of ['letter.doc', 'slides.ppt']) {
      const { children } = await readFixture(file);
      expect(children.map(({ bytes }) => kindOf(bytes ?? Buffer.of()))).toContain('image/png');
    }
  });

  it.each(['letter-encrypted.doc', 'list-encrypted.xls'])('%s is encrypted', async (file) => {
    expect(await readFixture(file)).toMatchObject({ status: 'encrypted', texts: [] });
  });

  it('stops at the limit of text', async () => {
    for (const file of ['letter.doc', 'list.xls', 'slides.ppt']) {
      expect((await readOffice(fixture(file), { ...LIMITS, maxText: 100 })).status).toBe('too-large');
    }
  });
});

describe('documents of Word', () => {
  /** The header of the text, which begins the first sector of its stream. */
  const header = (file: Buffer): Buffer => file.subarray(file.indexOf(Buffer.from('eca5', 'hex')));
  const changed = (change: (header: Buffer, file: Buffer) => void): Buffer => {
    const file = Buffer.from(fixture('letter.doc'));
    change(header(file), file);
    return file;
  };

  it('are read alike where a build of Word 97 writes another number', async () => {
    const result = await readOffice(
      changed((info) => {
        info.writeUInt16LE(0xc0, 2);
        // Where the text was in earlier versions.
        info.writeUInt32LE(0, 0x18);
        info.writeUInt32LE(0, 0x1c);
      }),
    );
    expect(result.status).toBe('read');
    expect(viewsOf(result, '212-55-0187')).toContain('text');
  });

  it('are corrupt where two versions are named, or the table of pieces is cut short', async () => {
    expect((await readOffice(changed((info) => void info.writeUInt16LE(101, 2)))).status).toBe('corrupt');
    const short = changed((info) => void info.writeUInt32LE(info.readUInt32LE(0x1a6) - 4, 0x1a6));
    expect((await readOffice(short)).status).toBe('corrupt');
  });

  it('are read with what earlier versions left in them', async () => {
    const left = changed((info) => void info.write('canary-of-an-earlier-version', 0x500, 'latin1'));
    const before = header(fixture('letter.doc')).subarray(0x500, 0x520);
    const result = await readOffice(left);
    expect(before.some((byte) => byte !== 0)).toBe(false);
    expect(viewsOf(result, 'canary-of-an-earlier-version')).toEqual(['strings']);
  });

  it('of Word 6 are read, and say that their pictures are not', async () => {
    const of = (text: string) => {
      const stream = Buffer.alloc(0x400);
      stream.writeUInt16LE(0xa5dc);
      stream.writeUInt16LE(101, 2);
      stream.writeUInt32LE(0x300, 0x18);
      stream.writeUInt32LE(text.length, 0x34);
      stream.writeUInt32LE(0x300 + stream.write(text, 0x300, 'latin1'), 0x1c);
      return readOffice(asCompoundFile([{ path: ['WordDocument'], bytes: stream }]));
    };
    expect(await of('canary words')).toMatchObject({ status: 'read' });
    const pictured = await of('canary\x01 words');
    expect(pictured.status).toBe('unsupported');
    expect(view(pictured, 'text')).toBe('canary words');
  });

  it('give pictures as Word 6 kept them', async () => {
    const metafile = Buffer.from('0100090000030000', 'hex');
    const file = changed((_, whole) => {
      // How long a picture's header is, and that drawings follow.
      const at = whole.indexOf(Buffer.from('44006400', 'hex'));
      whole.writeUInt16LE(8, at + 2);
      metafile.copy(whole, at - 4 + 0x44);
    });
    const { children } = await readOffice(file);
    expect(children.map(({ bytes }) => kindOf(bytes ?? Buffer.of()))).toContain('image/wmf');
  });
});

describe('objects in compound files', () => {
  const native = (name: string, content: string): Buffer => {
    const zero = (text: string) => Buffer.from(`${text}\0`, 'latin1');
    const size = (length: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(length);
      return bytes;
    };
    const path = zero(`C:\\${name}`);
    const body = Buffer.concat([
      Buffer.from([2, 0]),
      zero(name),
      path,
      Buffer.from([0, 0, 3, 0]),
      size(path.length),
      path,
      size(content.length),
      Buffer.from(content),
    ]);
    return Buffer.concat([size(body.length), body]);
  };

  it('gives what the packager put in, and what is in streams that nobody knows', async () => {
    const file = asCompoundFile([
      { path: ['\x01Ole10Native'], bytes: native('note.txt', 'canary-packed') },
      { path: ['CONTENTS'], bytes: Buffer.from('%PDF-1.7 canary') },
      { path: ['\x01CompObj'], bytes: Buffer.from('a kind of object') },
      { path: ['inner', 'WordDocument'], bytes: Buffer.from('not one') },
    ]);
    const result = await readOffice(file);
    expect(result.status).toBe('read');
    expect(result.children.map(({ fileName, bytes }) => [fileName, kindOf(bytes ?? Buffer.of())])).toEqual([
      ['CONTENTS', 'application/pdf'],
      ['note.txt', 'text/plain'],
      ['inner', 'application/msword'],
    ]);
    expect(result.children[1]?.bytes?.toString()).toBe('canary-packed');
  });

  it('gives macros to be read, and what is none to be called so', async () => {
    const file = utils.cfb_new();
    utils.cfb_add(file, '/Workbook', Buffer.alloc(4));
    utils.cfb_add(file, '/_VBA_PROJECT_CUR/VBA/Module1', Buffer.from('canary_macro'));
    const result = await readOffice(write(file, { type: 'buffer', fileType: 'cfb' }));
    expect(result.children).toMatchObject([{ fileName: '_VBA_PROJECT_CUR' }]);
    const inner = await readOffice(result.children[0]?.bytes ?? Buffer.of());
    expect(inner.children.map(({ bytes }) => kindOf(bytes ?? Buffer.of()))).toEqual([OTHER_COMPOUND]);
  });
});

describe('damage', () => {
  it.each(['letter.doc', 'list.xls', 'slides.ppt'])('of %s is told', async (file) => {
    const whole = fixture(file);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: whole.length - 600 }), async (length) => {
        const bytes = whole.subarray(0, length);
        if (!/ms-?(?:word|excel|powerpoint)|ole/.test(kindOf(bytes) ?? '')) return;
        expect((await readOffice(bytes)).status).not.toBe('read');
      }),
      { numRuns: 40 },
    );
  });

  it.each(['letter.doc', 'list.xls', 'slides.ppt'])('of %s throws nothing', async (file) => {
    const whole = fixture(file);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(Math.min(40_000, whole.length - 1)), fc.nat(255)), {
          minLength: 1,
          maxLength: 8,
        }),
        async (changes) => {
          const bytes = Buffer.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          if (/ms-?(?:word|excel|powerpoint)|ole/.test(kindOf(bytes) ?? '')) await readOffice(bytes);
        },
      ),
      { numRuns: 60 },
    );
  });
});
