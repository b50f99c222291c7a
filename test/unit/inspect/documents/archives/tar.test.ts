import { describe, expect, it } from 'vitest';
import { contents, isClean, listed, names, readAs } from './reading.js';
import { members, pax, tar } from './tar-bytes.js';

const NOTE = { name: 'note.txt', content: 'Patient: Jane Sample' };
const CARD = { name: 'card.txt', content: 'Hello' };

describe('a tar that two programs could read differently', () => {
  it('is told from one that is plain', async () => {
    const result = await readAs('tar', tar([NOTE, CARD]));
    expect(isClean(result)).toBe(true);
    expect(listed(result)).toEqual([`note.txt: ${NOTE.content}`, `card.txt: ${CARD.content}`]);
  });

  it.each([
    ['two archives one after the other', Buffer.concat([tar([CARD]), tar([NOTE])])],
    [
      'members behind one block of zeros',
      Buffer.concat([members([CARD]), Buffer.alloc(512), members([NOTE])]),
    ],
  ])('%s: all members are read', async (_, bytes) => {
    const result = await readAs('tar', bytes);
    expect(result.oddities).toContain('tar-data-after-end');
    expect(contents(result)).toEqual([CARD.content, NOTE.content]);
  });

  it('other data behind the end', async () => {
    const result = await readAs('tar', Buffer.concat([tar([CARD]), Buffer.from('words behind')]));
    expect(result.oddities).toContain('tar-data-after-end');
    expect(contents(result)).toEqual([CARD.content, 'words behind']);
  });

  it('two sizes of one member', async () => {
    const result = await readAs('tar', tar([pax({ size: '20' }), { ...NOTE, size: 5 }]));
    expect(result.oddities).toContain('tar-size-mismatch');
    expect(contents(result)).toEqual([NOTE.content]);
  });

  it('a link with content', async () => {
    const result = await readAs('tar', tar([{ ...NOTE, type: '2', link: 'elsewhere' }]));
    expect(result.oddities).toContain('tar-link-with-content');
    expect(contents(result)).toEqual([NOTE.content]);
  });
});

describe('names and kinds in a tar', () => {
  it('every name of a member is text', async () => {
    const file = tar([pax({ path: 'Jane Sample.txt' }), NOTE]);
    expect(names(await readAs('tar', file))).toEqual(['Jane Sample.txt', 'note.txt']);
  });

  it('owners and comments are text, once', async () => {
    const records = { uname: 'Jane Sample', gname: 'ward-canary', comment: 'bed-canary' };
    const result = await readAs('tar', tar([pax(records), NOTE, pax(records), CARD]));
    expect(
      result.texts
        .find(({ view }) => view === 'comments')
        ?.text.split('\n')
        .sort(),
    ).toEqual(['Jane Sample', 'bed-canary', 'ward-canary']);
  });

  it('devices, pipes and links have no content', async () => {
    const kinds = ['1', '2', '3', '4', '5', '6'].map((type) => ({
      name: `kind-${type}`,
      type,
      link: '/etc/passwd',
    }));
    const result = await readAs('tar', tar(kinds));
    expect(result.children).toEqual([]);
    expect(names(result)).toContain('kind-2 -> /etc/passwd');
    expect(isClean(result)).toBe(true);
  });

  it('an unknown kind is read as a file', async () => {
    expect(contents(await readAs('tar', tar([{ ...NOTE, type: 'Q' }])))).toEqual([NOTE.content]);
  });
});

describe('a broken tar is never read in full', () => {
  it.each([
    ['a size that is no number', (bytes: Buffer) => bytes.write('9x', 124)],
    ['a wrong checksum', (bytes: Buffer) => bytes.write('777777', 148)],
  ])('%s', async (_, change) => {
    const bytes = tar([NOTE]);
    change(bytes);
    expect((await readAs('tar', bytes)).status).toBe('corrupt');
  });

  it.each([
    ['a pax header that lies about its length', tar([{ name: 'p', type: 'x', content: '99 a=b\n' }, NOTE])],
    ['a pax header for nothing', members([pax({ path: 'x' })])],
    [
      'a sparse file that ends before its data',
      tar([pax({ 'GNU.sparse.size': '5', 'GNU.sparse.map': '0,20' }), NOTE]),
    ],
    ['a member that is cut short', members([{ ...NOTE, size: 5000 }])],
  ])('%s', async (_, bytes) => {
    expect((await readAs('tar', bytes)).status).toBe('corrupt');
  });

  it('holes larger than the budget are not filled', async () => {
    const map = { 'GNU.sparse.size': `${2 ** 43}`, 'GNU.sparse.map': '0,20' };
    const result = await readAs('tar', tar([pax(map), NOTE, CARD]));
    expect(result.status).toBe('too-large');
    expect(listed(result)).toEqual(['note.txt: (too-large)', `card.txt: ${CARD.content}`]);
  });
});
