import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/*
 * The flag is one of the engine's own, which a later one may no longer know: then it would say so on the standard error
 * output of every start, and the heap would not grow.
 */
it('is understood by this version of Node.js, without a word', () => {
  const script = fileURLToPath(new URL('../../../src/shared/let-heap-grow.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      `(await import(${JSON.stringify(script)})).letHeapGrow()`,
    ],
    { encoding: 'utf8' },
  );
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
