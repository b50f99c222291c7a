import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BackupPlan, draftBackup, nameBackup } from '../../../src/backup/make.js';
import { backupKeys, MANIFEST } from '../../../src/backup/manifest.js';
import { CONFIG_FOLDER, openedBackups, restoreBackup, verifyBackup } from '../../../src/backup/restore.js';
import { loadMasterKey, openStore, type Store } from '../../../src/store/index.js';
import { openReadOnly } from '../../../src/store/read-only.js';
import { accepted, newMessage, temporaryFolder } from '../store/fixtures.js';

const NOW = 1_800_000_000_000;
const LARGE = 'made-up text '.repeat(20_000);

const home = mkdtempSync(join(tmpdir(), 'sallyport-backup-'));
const dataDir = join(home, 'data');
const backup = join(home, 'backup');
let store: Store;

function keyOf(dir: string) {
  return loadMasterKey({ file: 'master.key' }, dir, { createIfMissing: true });
}

function open(dir: string, key = keyOf(dataDir)): Promise<Store> {
  return openStore({
    dataDir: dir,
    masterKey: key,
    clock: { now: () => NOW },
    log: pino({ level: 'silent' }),
    audit: { checkpointEveryEvents: 1, checkpointEveryMs: 60_000 },
  });
}

async function contentOf(from: Store, id: string): Promise<string> {
  const message = await from.queue.message(id);
  if (message?.body === undefined) throw new Error('no content');
  const chunks: Buffer[] = [];
  for await (const chunk of from.bodies.open(message.body)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function planFor(to: string): BackupPlan {
  const work = join(dataDir, '.backup-0123456789abcdef');
  mkdirSync(work);
  return {
    dataDir,
    work,
    to,
    draft: `${to}.partial`,
    configFile: join(home, 'config.yaml'),
    policyDir: join(home, 'policies'),
    beside: {
      taken: [
        { name: 'tls/chain.pem', path: join(home, 'tls', 'chain.pem') },
        { name: 'policies/rules.yaml', path: join(home, 'policies', 'rules.yaml') },
      ],
      leftOut: ['/etc/elsewhere.pem'],
    },
    keys: backupKeys(keyOf(dataDir)),
    version: '0.0.0',
    madeAt: NOW,
  };
}

async function make(to: string) {
  const plan = planFor(to);
  const drafted = await draftBackup(plan);
  await nameBackup(plan);
  rmSync(plan.work, { recursive: true });
  return drafted;
}

/** A copy of the backup to damage. */
function copied(name: string): string {
  const to = join(home, name);
  mkdirSync(to);
  for (const file of files(backup)) {
    mkdirSync(join(to, file, '..'), { recursive: true });
    writeFileSync(join(to, file), readFileSync(join(backup, file)));
  }
  return to;
}

function files(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(dir.length + 1))
    .sort();
}

beforeAll(async () => {
  writeFileSync(join(home, 'config.yaml'), 'hostname: relay.clinic.example\n');
  mkdirSync(join(home, 'policies', 'lists'), { recursive: true });
  mkdirSync(join(home, 'tls'));
  writeFileSync(join(home, 'tls', 'chain.pem'), 'made-up chain\n');
  writeFileSync(join(home, 'policies', 'rules.yaml'), 'version: 1\n');
  writeFileSync(join(home, 'policies', 'lists', 'names (ñ & so).txt'), 'made-up\n');
  store = await open(dataDir);
  for (const [id, text] of [
    ['small', 'made-up text'],
    ['large', LARGE],
  ] as const) {
    const body = await store.bodies.seal(Buffer.from(text));
    await store.queue.insert(newMessage(id, undefined, { body }), [accepted(id)]);
  }
  // Somebody's own copy of the master key must not get in.
  writeFileSync(join(dataDir, 'master.key.bak'), readFileSync(join(dataDir, 'master.key')));
});

afterAll(async () => {
  await store.close();
  rmSync(home, { recursive: true });
});

describe('a backup of a running store', () => {
  it('has everything but the master key, sealed', async () => {
    const made = await make(backup);
    expect(made.leftOut).toEqual(['/etc/elsewhere.pem']);
    expect(made).toMatchObject({ messages: 2, recipients: { received: 2 }, portalItems: 0 });
    const names = files(backup);
    expect(names.filter((name) => !name.startsWith('audit/2') && !name.startsWith('bodies/'))).toEqual([
      'audit/checkpoints.log.sealed',
      'audit/public-key.pem.sealed',
      'audit/signing-key.pem.sealed',
      'config/config.yaml.sealed',
      'config/policies/lists/names (ñ & so).txt.sealed',
      'config/policies/rules.yaml.sealed',
      'config/tls/chain.pem.sealed',
      'manifest.json',
      'relay.db.sealed',
    ]);
    const key = readFileSync(join(dataDir, 'master.key'), 'utf8').trim();
    for (const name of names) {
      const bytes = readFileSync(join(backup, name));
      for (const secret of [key, Buffer.from(key, 'base64'), 'made-up', 'clinic.example', 'SQLite format'])
        expect(
          bytes.includes(secret),
          `${name} shows ${typeof secret === 'string' ? secret : 'the key'}`,
        ).toBe(false);
    }
    const { audit, ...manifest } = await verifyBackup(backup, keyOf(dataDir), home);
    expect(manifest).toMatchObject({
      leftOut: ['/etc/elsewhere.pem'],
      messages: 2,
      masterKey: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
    expect(audit).toMatchObject({ seq: 2, checkpoint: expect.stringContaining('2') });
    expect(readdirSync(home).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('never takes a name that is there', async () => {
    await expect(nameBackup({ draft: join(home, 'none'), to: backup })).rejects.toThrow('somebody else');
  });

  it('keeps files that were destroyed meanwhile until it is made', async () => {
    const message = await store.queue.message('large');
    if (message?.body?.content.kind !== 'file') throw new Error('no file');
    const path = join(dataDir, 'bodies', message.body.content.name);
    const bytes = readFileSync(path);
    const first = store.bodies.keepFiles();
    const second = store.bodies.keepFiles();
    await store.bodies.remove(message.body.content.name);
    await first();
    await first();
    expect(existsSync(path)).toBe(true);
    await second();
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, bytes);
  });
});

describe('restoring', () => {
  it('gives the store back, holds what waited, and says so in the log that goes on', async () => {
    const to = join(home, 'restored');
    const report = await restoreBackup(backup, to, keyOf(dataDir), { resume: false, now: NOW + 1000 });
    expect(report.held).toBe(2);
    expect(readFileSync(join(to, CONFIG_FOLDER, 'policies', 'lists', 'names (ñ & so).txt'), 'utf8')).toBe(
      'made-up\n',
    );
    expect(existsSync(join(to, 'master.key'))).toBe(false);
    const restored = await open(to);
    try {
      expect(await restored.queue.undecided(5)).toEqual([]);
      expect(await restored.queue.counts()).toMatchObject({ held: 2, received: 0 });
      const [one] = await restored.queue.recipients('large');
      expect(one).toMatchObject({
        state: 'held',
        lastReason: expect.stringContaining('may have been sent since'),
      });
      expect(await contentOf(restored, 'large')).toBe(LARGE);
      expect(await contentOf(restored, 'small')).toBe('made-up text');
      expect((await restored.auditHead()).seq).toBe(3);
    } finally {
      await restored.close();
    }
    const again = await open(to);
    expect((await again.auditHead()).seq).toBe(3);
    await again.close();
  });

  it('goes on by itself where somebody chose so', async () => {
    const to = join(home, 'resumed');
    mkdirSync(to);
    const report = await restoreBackup(backup, to, keyOf(dataDir), { resume: true, now: NOW });
    expect(report.held).toBe(0);
    expect(openReadOnly(to, (read) => read.counts())).toMatchObject({ received: 2 });
  });

  it('finds what was left of it by a kill, and leaves nothing itself', async () => {
    const folder = temporaryFolder();
    expect(await openedBackups(folder)).toEqual([]);
    const left = ['data.restoring-0123456789abcdef', '.sallyport-verify-fedcba9876543210'];
    for (const name of [...left, 'data', 'data.restoring-by-hand', '0123456789abcdef'])
      mkdirSync(join(folder, name));
    expect((await openedBackups(folder)).toSorted()).toEqual(
      left.map((name) => join(folder, name)).toSorted(),
    );
    expect(await openedBackups(join(folder, 'missing'))).toEqual([]);
    await verifyBackup(backup, keyOf(dataDir), home);
    await restoreBackup(backup, join(home, 'another'), keyOf(dataDir), { resume: false, now: NOW });
    expect(await openedBackups(home)).toEqual([]);
  });

  it('puts nothing over anything', async () => {
    await expect(restoreBackup(backup, dataDir, keyOf(dataDir), { resume: false, now: NOW })).rejects.toThrow(
      'exists and is not empty',
    );
  });
});

describe('a backup that somebody touched', () => {
  const refused = async (dir: string, reason: RegExp) => {
    const to = `${dir}-restored`;
    const key = keyOf(dataDir);
    await expect(restoreBackup(dir, to, key, { resume: false, now: NOW })).rejects.toThrow(reason);
    expect(
      readdirSync(home).filter((name) => name.startsWith(`${dir.slice(home.length + 1)}-restored`)),
    ).toEqual([]);
    rmSync(dir, { recursive: true });
  };

  it('is refused whichever file was changed, cut, lengthened or is missing', async () => {
    for (const [index, name] of files(backup).entries()) {
      const wrong = name === MANIFEST ? /changed|damaged/ : /changed or damaged/;
      const flipped = copied(`flipped-${index}`);
      const bytes = readFileSync(join(flipped, name));
      const at = Math.floor(bytes.length / 2);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(join(flipped, name), bytes);
      await refused(flipped, wrong);
      const missing = copied(`missing-${index}`);
      rmSync(join(missing, name));
      await refused(
        missing,
        name === MANIFEST ? /no finished backup/ : /is missing: the backup is not whole/,
      );
      if (name === MANIFEST) continue;
      const longer = copied(`longer-${index}`);
      appendFileSync(join(longer, name), 'x');
      await refused(longer, wrong);
    }
  });

  it('is refused with a file too many, one of another backup, or another master key', async () => {
    const extra = copied('extra');
    writeFileSync(join(extra, 'bodies', 'extra.txt'), 'x');
    await refused(extra, /doesn't belong to the backup/);
    const other = join(home, 'other');
    await make(other);
    const mixed = copied('mixed');
    writeFileSync(join(mixed, 'relay.db.sealed'), readFileSync(join(other, 'relay.db.sealed')));
    await refused(mixed, /relay\.db\.sealed was changed/);
    const stranger = keyOf(temporaryFolder());
    await expect(verifyBackup(backup, stranger, home)).rejects.toThrow('another master key');
  });
});
