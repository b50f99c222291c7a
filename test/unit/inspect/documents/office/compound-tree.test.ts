import { describe, expect, it } from 'vitest';
import { directoryTree } from '../../../../../src/inspect/documents/office/compound/tree.js';

const [FOLDER, STREAM, ROOT] = [1, 2, 5];
const entry = (name: string, type: number, links: { L?: number; R?: number; C?: number } = {}) => ({
  name,
  type,
  L: -1,
  R: -1,
  C: -1,
  ...links,
});

describe('the tree of a compound file', () => {
  it('has streams of one name in folders of several', () => {
    const tree = directoryTree([
      entry('Root', ROOT, { C: 1 }),
      entry('a', FOLDER, { R: 2, C: 3 }),
      entry('b', FOLDER, { C: 4 }),
      entry('x', STREAM),
      entry('X', STREAM),
    ]);
    expect(tree).toEqual({ sound: true, paths: [['lost', 'Root'], ['a'], ['b'], ['a', 'x'], ['b', 'X']] });
  });

  it.each([
    [
      'two streams of one name',
      [entry('Root', ROOT, { C: 1 }), entry('x', STREAM, { R: 2 }), entry('X', STREAM)],
    ],
    [
      'two streams of one name in two folders of one name',
      [
        entry('Root', ROOT, { C: 1 }),
        entry('a', FOLDER, { R: 2, C: 3 }),
        entry('A', FOLDER, { C: 4 }),
        entry('x', STREAM),
        entry('x', STREAM),
      ],
    ],
    [
      'a name that is a path',
      [
        entry('Root', ROOT, { C: 1 }),
        entry('a', FOLDER, { R: 2, C: 3 }),
        entry('a/x', STREAM),
        entry('x', STREAM),
      ],
    ],
  ])('is not sound with %s', (_name, entries) => {
    expect(directoryTree(entries).sound).toBe(false);
  });

  it('takes little memory, however deep it is', () => {
    const entries = Array.from({ length: 20_000 }, (_, at) => {
      if (at === 0) return entry('Root', ROOT, { C: 1 });
      if (at < 250) return entry('ä'.repeat(31), FOLDER, { C: at + 1 });
      return entry(`${'β'.repeat(25)}${at}`, STREAM, { R: at === 19_999 ? -1 : at + 1 });
    });
    const before = process.memoryUsage().heapUsed;
    expect(directoryTree(entries).sound).toBe(true);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(150_000_000);
  });
});
