import { read, utils, write } from 'cfb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../../../src/inspect/documents/kinds-sniff.js';
import { decompressVba } from '../../../../../src/inspect/documents/office/vba/decompress.js';
import { fixture as anyFixture } from '../formats/whole-message.js';
import { readOffice, view } from './reading.js';

const fixture = (name: string) => anyFixture(`formats/${name}`);
const nothing = () => undefined;

describe('decompressVba', () => {
  it('repeats what it writes', () => {
    // [MS-OVBA] 3.2.3.
    expect(decompressVba(Buffer.from('0103b002614500', 'hex'), nothing).toString()).toBe('a'.repeat(73));
  });

  it.each([
    ['no signature', '0003b002614500'],
    ['a piece cut short', '0103b0026145'],
    ['a wrong mark of a piece', '010340026145'],
    ['a reference to before the beginning', '0103b00161450000'],
    ['half a header', '0103b00261450001'],
  ])('refuses %s', (_, hex) => {
    expect(() => decompressVba(Buffer.from(hex, 'hex'), nothing)).toThrow();
  });

  it('ends with bytes or an error, whatever it is given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        let taken = 0;
        try {
          const out = decompressVba(Buffer.from([1, ...bytes]), (more) => {
            taken += more;
          });
          expect(out.length).toBe(taken);
        } catch (error) {
          expect(error).toMatchObject({ name: 'CorruptDocument' });
        }
      }),
      { numRuns: 200 },
    );
  });
});

/** The macros that LibreOffice wrote, with their streams changed. */
async function macros(
  change: (path: string, bytes: Buffer) => Buffer | undefined,
  more: Record<string, Buffer> = {},
) {
  const { children } = await readOffice(fixture('macro.xlsm'));
  const before = read(children[0]?.bytes ?? Buffer.of(), { type: 'buffer' });
  const file = utils.cfb_new();
  before.FileIndex.forEach((entry, index) => {
    const path = (before.FullPaths[index] ?? '').split('/').slice(1).join('/');
    const bytes = entry.type === 2 ? change(path, Buffer.from(entry.content)) : undefined;
    if (bytes !== undefined) utils.cfb_add(file, `/${path}`, bytes, { unsafe: true });
  });
  for (const [path, bytes] of Object.entries(more)) utils.cfb_add(file, `/${path}`, bytes, { unsafe: true });
  const written: Buffer = write(file, { type: 'buffer', fileType: 'cfb' });
  expect(kindOf(written)).toBe('application/vnd.ms-office.vbaproject');
  return readOffice(written);
}

const same = (_: string, bytes: Buffer) => bytes;

describe('macros', () => {
  it('are read with their comments', async () => {
    const result = await macros(same);
    expect(result).toMatchObject({ status: 'read', children: [], oddities: [] });
    expect(view(result, 'macros')).toContain("' Patient: Wilma Testperson, SSN 212-55-0187");
    expect(view(result, 'macros')).toContain('End Sub');
  });

  it('are not read where a module is damaged or gone, or one is there that nothing names', async () => {
    const damaged = (path: string, bytes: Buffer) =>
      path.endsWith('Module1') ? bytes.subarray(0, 300) : bytes;
    expect((await macros(damaged)).status).toBe('corrupt');
    expect((await macros((path, bytes) => (path.endsWith('Module1') ? undefined : bytes))).status).toBe(
      'corrupt',
    );
    const more = await macros(same, { 'VBA/Module9': Buffer.from([1, 2, 3]) });
    expect(more.children).toHaveLength(1);
    expect((await macros((path, bytes) => (path.endsWith('dir') ? undefined : bytes))).status).toBe(
      'corrupt',
    );
  });

  it('have forms, whose words are read, but not their pictures', async () => {
    const form = { 'Form1/f': Buffer.from('\0\0canary-form\0'), 'Form1/o': Buffer.from('canary-button\0') };
    const result = await macros(same, form);
    expect(result).toMatchObject({ status: 'read', children: [] });
    expect(view(result, 'strings')).toContain('canary-form\ncanary-button');
    const picture = Buffer.from('0452e30b918fce119de300aa004bb851ffff', 'hex');
    expect((await macros(same, { ...form, 'Form1/o': picture })).status).toBe('unsupported');
  });

  it('may have been compiled from another source', async () => {
    const compiled = (path: string, bytes: Buffer) =>
      path.endsWith('__SRP_0') ? Buffer.from('canary-compiled') : bytes;
    const result = await macros(compiled, { 'VBA/__SRP_0': Buffer.from('\0canary-compiled\0') });
    expect(view(result, 'strings')).toContain('canary-compiled');
    expect(result.status).toBe('read');
  });
});
