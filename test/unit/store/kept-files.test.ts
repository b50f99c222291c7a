import { expect, it } from 'vitest';
import { keepingFiles } from '../../../src/store/kept-files.js';
import type { BodyStore } from '../../../src/store/ports.js';

it('removes what was to be removed when the last who copied is done, whatever becomes of one of the files', async () => {
  const removed: string[] = [];
  const never = () => {
    throw new Error('not asked here');
  };
  const bodies: BodyStore = {
    create: never,
    open: never,
    seal: never,
    async remove(file) {
      if (file === 'stuck') throw new Error('EIO: made up');
      removed.push(file);
    },
  };
  const kept = keepingFiles(bodies);
  const [first, second] = [kept.keepFiles(), kept.keepFiles()];
  for (const file of ['a', 'stuck', 'b']) await kept.remove(file);
  await first();
  await first();
  expect(removed).toEqual([]);
  await second();
  expect(removed).toEqual(['a', 'b']);
  await kept.remove('c');
  expect(removed).toEqual(['a', 'b', 'c']);
  await expect(kept.remove('stuck')).rejects.toThrow('EIO');
});
