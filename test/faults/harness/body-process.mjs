/*
 * Large bodies that come and go, eight at a time, until it is killed. Says in lines of JSON what was stored, before a body is removed
 * that it is, and of files that are written anew how many. `node body-process.mjs FOLDER KEY`, the key in hexadecimal digits.
 */
import { createBodyStore } from '../../../dist/store/body-store.js';
import { systemFiles } from '../../../dist/store/file-ops.js';
import { spareFiles } from '../../../dist/store/spare-files.js';

const [folder = '', key = ''] = process.argv.slice(2);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const files = {
  ...systemFiles,
  rewrite(path, size) {
    say({ rewritten: path });
    return systemFiles.rewrite(path, size);
  },
};
const bodies = createBodyStore({
  folder,
  wrappingKey: Buffer.from(key, 'hex'),
  files,
  spares: spareFiles(files),
  onSyncFailure: (error) => say({ failed: error.message }),
});

/** Each body is of one byte's value, and of a size that changes all the time. */
async function lane(nth) {
  const there = [];
  for (let n = nth; ; n += 8) {
    const size = 65_537 + ((n * 7919) % 300_000);
    const body = await bodies.seal(Buffer.alloc(size, n));
    say({
      stored: n,
      wrappedKey: Buffer.from(body.wrappedKey).toString('hex'),
      size,
      name: body.content.name,
    });
    there.push({ n, name: body.content.name });
    if (there.length < 3) continue;
    const { n: old, name } = there.shift();
    say({ removed: old });
    await bodies.remove(name);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, nth) => lane(nth)));
