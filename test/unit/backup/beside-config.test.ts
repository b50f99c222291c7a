import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { besideConfig } from '../../../src/backup/beside-config.js';
import { temporaryFolder } from '../store/fixtures.js';

describe('files that the configuration names', () => {
  it('go into the backup from below its folder, and are listed from elsewhere', async () => {
    const root = temporaryFolder();
    const folder = join(root, 'etc');
    for (const one of ['tls', '.hidden', 'data']) mkdirSync(join(folder, one), { recursive: true });
    const file = (...parts: readonly string[]) => {
      const path = join(root, ...parts);
      writeFileSync(path, 'made-up\n');
      return path;
    };
    const chain = file('etc', 'tls', 'chain.pem');
    const secret = file('etc', 'tenant.secret');
    const hidden = file('etc', '.hidden', 'a.pem');
    const outside = file('outside.pem');
    const masterKey = file('etc', 'data', 'master.key');
    const linked = join(folder, 'linked.pem');
    symlinkSync(outside, linked);
    const disguised = join(folder, 'disguised.pem');
    symlinkSync(masterKey, disguised);
    const missing = join(folder, 'missing.pem');
    expect(
      await besideConfig(
        join(folder, 'config.yaml'),
        [chain, secret, hidden, outside, masterKey, linked, disguised, missing, join(folder, 'tls')],
        [masterKey],
      ),
    ).toEqual({
      taken: [
        { name: 'tls/chain.pem', path: chain },
        { name: 'tenant.secret', path: secret },
        { name: 'linked.pem', path: linked },
      ],
      leftOut: [hidden, outside, masterKey, disguised, missing, join(folder, 'tls')],
    });
  });
});
