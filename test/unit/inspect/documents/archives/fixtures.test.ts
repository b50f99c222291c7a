import { describe, expect, it } from 'vitest';
import { contents, isClean, listed, names, readFixture } from './reading.js';

const NOTE = 'Patient: Jane Sample, MRN 00123456\n';
const OTHER = 'Nothing to see here.\n';
const NUMBERS = Array.from({ length: 2000 }, (_, index) => `${index + 1}\n`).join('');
const MANY_NUMBERS = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\n`).join('');
const BOTH = [`note.txt: ${NOTE}`, `other.txt: ${OTHER}`];

describe('archives made by real programs', () => {
  it.each([
    ['stored.zip', BOTH],
    ['streamed.zip', BOTH],
    ['zip64.zip', [`note.txt: ${NOTE}`]],
    ['comment.zip', [`note.txt: ${NOTE}`]],
    ['bzip2.zip', [`numbers.txt: ${NUMBERS}`]],
    ['lzma.zip', [`numbers.txt: ${NUMBERS}`]],
    ['xz.zip', [`numbers.txt: ${NUMBERS}`]],
    ['ppmd.zip', [`numbers.txt: ${NUMBERS}`]],
    ['lzma.7z', BOTH],
    ['lzma2.7z', BOTH],
    ['bzip2.7z', BOTH],
    ['ppmd.7z', BOTH],
    ['deflate.7z', BOTH],
    ['copy.7z', BOTH],
    ['v7.tar', [...BOTH, `folder/inner.txt: ${NOTE}`]],
    ['ustar.tar', [...BOTH, `folder/inner.txt: ${NOTE}`]],
    ['gnu.tar', [...BOTH, `folder/inner.txt: ${NOTE}`]],
    ['posix.tar', [...BOTH, `folder/inner.txt: ${NOTE}`]],
    ['note.txt.gz', [`note.txt: ${NOTE}`]],
    ['unnamed.gz', [`unnamed: ${NOTE}`]],
    ['members.gz', [`note.txt: ${NOTE}${OTHER}`]],
    ['note.txt.bz2', [`note.txt: ${NOTE}`]],
    ['streams.bz2', [`streams: ${NOTE}${OTHER}`]],
    ['blocks.bz2', [`blocks: ${MANY_NUMBERS}`]],
    ['note.txt.xz', [`note.txt: ${NOTE}`]],
    ['streams.xz', [`streams: ${NOTE}${OTHER}`]],
    ['blocks.xz', [`blocks: ${MANY_NUMBERS}`]],
  ])('%s is read in full, with nothing odd', async (name, expected) => {
    const result = await readFixture(name);
    expect(listed(result)).toEqual(expected);
    expect(isClean(result)).toBe(true);
  });

  it.each(['plain.zip', 'names.7z', 'bsd-pax.tar'])('%s: names, empty files and folders', async (name) => {
    const result = await readFixture(name);
    // A link in a 7z may hold more than can be had of it.
    const links = result.children.filter(({ status }) => status === 'unsupported');
    expect(links.map(({ fileName }) => fileName)).toEqual(name === 'names.7z' ? ['link'] : []);
    const files = { ...result, children: result.children.filter((child) => !links.includes(child)) };
    expect(isClean(files)).toBe(true);
    expect(listed(files).sort()).toEqual([
      'Jörg Müller 日本.txt: Befund\n',
      'empty.txt: ',
      `folder/inner.txt: ${NOTE}`,
      `note.txt: ${NOTE}`,
      `other.txt: ${OTHER}`,
    ]);
    expect(names(result)).toContain('Jörg Müller 日本.txt');
  });

  it.each(['symlink.zip', 'names.7z', 'gnu.tar', 'v7.tar'])(
    '%s: a link is a name without content',
    async (name) => {
      const result = await readFixture(name);
      expect(result.children.some(({ fileName, bytes }) => fileName === 'link' && bytes !== undefined)).toBe(
        false,
      );
      expect(result.texts.map(({ text }) => text).join('\n')).toMatch(/link( -> |[\s\S]*)note\.txt/);
    },
  );

  it.each(['long-gnu.tar', 'long-posix.tar'])('%s: a long name is whole', async (name) => {
    const result = await readFixture(name);
    expect(result.children[0]?.fileName).toBe(`${'long-name-'.repeat(20)}.txt`);
    expect(isClean(result)).toBe(true);
  });

  it.each(['sparse-gnu.tar', 'sparse-0.0.tar', 'sparse-0.1.tar', 'sparse-1.0.tar'])(
    '%s: a sparse file is filled',
    async (name) => {
      const result = await readFixture(name);
      expect(isClean(result)).toBe(true);
      expect(result.children).toHaveLength(1);
      const [child] = result.children;
      expect(child?.fileName).toBe('sparse.bin');
      expect(child?.bytes).toHaveLength(200_000);
      expect(child?.bytes?.toString('latin1', 100_000, 100_020)).toBe('Patient: Jane Sample');
    },
  );

  it('reads comments as text', async () => {
    const zip = await readFixture('comment.zip');
    expect(zip.texts).toContainEqual({ view: 'comments', text: 'For Jane Sample' });
    const rar = await readFixture('rar4-comment.rar');
    expect(rar.texts.find(({ view }) => view === 'comments')?.text).toContain('Test Comments');
  });

  it('reads RAR 4 and 5', async () => {
    for (const name of ['rar4.rar', 'rar5.rar']) {
      const result = await readFixture(name);
      expect(isClean(result)).toBe(true);
      expect(result.children.map(({ fileName }) => fileName)).toContain('example/README.md');
      expect(contents(result).join()).toContain('# example');
    }
  });

  it('gives the tar within a .tar.gz its name', async () => {
    const result = await readFixture('plain.tar.gz');
    expect(result.children.map(({ fileName }) => fileName)).toEqual(['plain.tar']);
  });

  it('an archive without entries is empty', async () => {
    expect((await readFixture('none.zip')).status).toBe('empty');
  });
});

describe('what is encrypted is told from what is not', () => {
  it.each([
    ['zipcrypto.zip', ['note.txt: (encrypted)']],
    ['aes.zip', ['note.txt: (encrypted)']],
    ['mixed.zip', [`other.txt: ${OTHER}`, 'note.txt: (encrypted)']],
    ['encrypted.7z', ['note.txt: (encrypted)', 'other.txt: (encrypted)']],
    ['rar4-files-encrypted.rar', ['1File.txt: 1File', '2中文.txt: (encrypted)', '3Sec.txt: (encrypted)']],
  ])('%s: entries', async (name, expected) => {
    const result = await readFixture(name);
    expect(result.status).toBe('read');
    expect(listed(result)).toEqual(expected);
  });

  it.each(['headers.7z', 'rar4-headers-encrypted.rar'])('%s: everything', async (name) => {
    expect(await readFixture(name)).toMatchObject({ status: 'encrypted', children: [] });
  });
});

describe('what cannot be read is said to be unsupported', () => {
  it.each([
    ['deflate64.zip', 'read', ['numbers.txt: (unsupported)']],
    ['deflate64.7z', 'read', ['note.txt: (unsupported)', 'other.txt: (unsupported)']],
  ])('%s', async (name, status, expected) => {
    const result = await readFixture(name);
    expect(result.status).toBe(status);
    expect(listed(result)).toEqual(expected);
  });

  it('one disk of several', async () => {
    const result = await readFixture('split.zip');
    expect(result.status).toBe('unsupported');
    expect(listed(result)).toContain('noise.bin: (unsupported)');
  });
});
