import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '../support/find-tool.js';
import { type Gpg, openGpg } from '../support/gpg.js';
import { compare } from './compare.js';
import { attachmentMessage, entityOf, textMessage } from './messages.js';
import { holdToOneCore } from './one-core.js';
import { makeBenchKeys } from './sealing/keys.js';
import { largeMessages } from './sealing/large.js';
import type { Programs } from './sealing/programs.js';
import { smallMessages } from './sealing/small.js';
import { storedMessages } from './sealing/stored.js';
import { startThread } from './sealing/thread.js';
import type { BenchOptions, BenchTable, Subject } from './subject.js';

/** What PGP and S/MIME cost, beside what other programs and the bare primitives take for the same. */
export const sealing: Subject = { name: 'sealing', run };

const MB = 1024 * 1024;

async function* run({ rounds }: BenchOptions): AsyncGenerator<BenchTable> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const gpgPath = findTool('gpg');
  const gpg = gpgPath === undefined ? undefined : openGpg({ gpg: gpgPath });
  const core = holdToOneCore();
  const small = textMessage(10 * 1024);
  const large = attachmentMessage(20 * MB);
  const thread = startThread({ small, large });
  try {
    const keys = await makeBenchKeys();
    for (const key of [keys.cv25519, keys.rsa3072]) gpg?.import(key.judge.material);
    const programs: Programs = {
      folder,
      gpg: gpg && gpgCommand(gpg, gpgPath ?? 'gpg'),
      openssl: findTool('openssl'),
    };
    const bench = { programs, keys, thread, megabytes: large.length / MB };
    const notes = [core.note];
    const written = async (name: string, message: Buffer) => {
      const file = join(folder, name);
      writeFileSync(file, await entityOf(message));
      return file;
    };
    for (const table of [
      ...smallMessages({ ...bench, entityFile: await written('small.eml', small) }),
      ...largeMessages({ ...bench, entityFile: await written('large.eml', large) }),
    ])
      yield { ...(await compare(table, rounds)), notes };
    yield await storedMessages(folder, keys, attachmentMessage(50 * MB), rounds);
  } finally {
    await thread.close();
    core.release();
    gpg?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function gpgCommand({ folder }: Gpg, path: string): readonly string[] {
  return [path, '--homedir', folder, '--batch', '--no-tty', '--quiet'];
}
