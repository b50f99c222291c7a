import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SealingKey } from '../../../src/keys/types.js';
import type { SealedBody } from '../../../src/model/message.js';
import type { SealTask } from '../../../src/protect/seal-task.js';
import type { CopyAccess } from '../../../src/store/copies.js';
import { figure, median } from '../compare.js';
import { textMessage } from '../messages.js';
import { openCopies, PRODUCT_URLS } from '../product.js';
import type { BenchTable } from '../subject.js';
import type { BenchKeys } from './keys.js';

/** Each run starts a process. */
const MOST_ROUNDS = 3;
const MB = 1024 * 1024;
/** As intake may give it to the store. */
const CHUNK = 64 * 1024;

/** What `stored-child.mjs` says. */
interface StoredRun {
  /** Of each copy but the first. */
  readonly seconds: readonly number[];
  /** Resident bytes before the first, and the most that there ever were. */
  readonly before: number;
  readonly peak: number;
}

/**
 * A stored message as the relay's sealing thread takes it: opened from its sealed file, sealed for the recipient, written to
 * a sealed file. In a process of its own, which says how much memory it had at most.
 */
export async function storedMessages(
  folder: string,
  keys: BenchKeys,
  message: Buffer,
  rounds: number,
): Promise<BenchTable> {
  const access: CopyAccess = { folder: join(folder, 'bodies'), wrappingKey: randomBytes(32) };
  mkdirSync(access.folder);
  const body = await stored(access, message);
  const first = await stored(access, textMessage(10 * 1024));
  const cases: readonly [string, SealingKey, Partial<SealTask>][] = [
    ['S/MIME, CBC', keys.rsa2048.sealing, { cipher: 'aes-256-cbc' }],
    ['S/MIME, GCM', keys.rsa2048.sealing, { cipher: 'aes-256-gcm' }],
    ['PGP, version 1', keys.cv25519.sealing, {}],
    ['PGP, version 2', keys.version6.sealing, {}],
  ];
  const runs = new Map(cases.map(([what]) => [what, [] as StoredRun[]]));
  for (let round = 0; round < Math.min(rounds, MOST_ROUNDS); round++) {
    for (const [what, key, changed] of cases) {
      const task = { ...TASK, keys: [key], ...changed };
      runs.get(what)?.push(await inChild(access, { ...task, body: first }, { ...task, body }));
    }
  }
  return {
    title: `A stored message of ${Math.round(message.length / MB)} MB through a sealing thread, from file to file`,
    head: ['what', 'MB/s', 'MB before', 'MB at most', 'MB more', 'of the message', 'asked'],
    rows: [...runs].map(([what, all]) => {
      const more = median(all.map(({ peak, before }) => peak - before));
      return [
        what,
        figure(median(all.flatMap(({ seconds }) => seconds.map((each) => message.length / MB / each)))),
        figure(median(all.map(({ before }) => before / MB))),
        figure(median(all.map(({ peak }) => peak / MB))),
        figure(more / MB),
        (more / message.length).toFixed(2),
        '< 2 (no several copies)',
      ];
    }),
    notes: [
      'Resident memory of the whole process: before, and the most that there was during the copies, one after another.',
    ],
  };
}

const TASK = {
  subject: '[...]',
  legacyDisplay: false,
  hiddenKeyIds: false,
  cipher: 'aes-256-cbc',
  keyTransport: 'rsa-pkcs1',
  now: Date.now(),
} as const;

async function stored(access: CopyAccess, message: Buffer): Promise<SealedBody> {
  const writer = openCopies(access).create();
  for (let at = 0; at < message.length; at += CHUNK) await writer.write(message.subarray(at, at + CHUNK));
  return writer.finish();
}

/** @param warmUp what the process seals before its memory is looked at */
async function inChild(access: CopyAccess, warmUp: SealTask, task: SealTask): Promise<StoredRun> {
  const child = fork(fileURLToPath(new URL('stored-child.mjs', import.meta.url)), {
    serialization: 'advanced',
    // tsx would be in its memory, and isn't needed there.
    execArgv: [],
  });
  const said = new Promise<StoredRun>((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`the sealing process ended early (${code})`)));
  });
  const exited = once(child, 'exit');
  child.send({ sealer: PRODUCT_URLS.sealer, access, warmUp, task });
  const run = await said;
  await exited;
  return run;
}
