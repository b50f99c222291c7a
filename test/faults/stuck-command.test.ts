import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { relayHome } from '../support/relay-process.js';
import { withFaultPoints } from './points/names.js';

/*
 * A command that opens the store itself, on a disk that hangs when it is closed: the thread that waits for the disk can't be
 * ended, and an exit would wait for it.
 */

it('ends all the same, and says what is not known', async () => {
  const home = await relayHome();
  try {
    const relay = await home.start();
    await relay.kill('SIGTERM');
    // Nobody ever writes to it.
    const never = join(home.folder, 'never');
    expect(spawnSync('mkfifo', [never]).status).toBe(0);
    const { nodeArgs, env } = withFaultPoints(undefined, [
      {
        file: 'store/writer-thread.js',
        from: 'const problem = closeBoth(',
        to: `process.getBuiltinModule('fs').openSync(${JSON.stringify(never)}); const problem = closeBoth(`,
      },
      { file: 'store/end-in-time.js', from: 'ENDS_WITHIN = 20_000', to: 'ENDS_WITHIN = 100' },
    ]);
    const { status, stderr } = await home.run(
      ['suppress', 'add', 'nobody@shop.example', '--reason', 'a test'],
      '',
      {
        ...env,
        NODE_OPTIONS: nodeArgs.join(' '),
      },
    );
    expect(stderr).toContain('the writer thread of the store did not end within');
    expect(status).toBeNull();
  } finally {
    await home.remove();
  }
});
