import { copyFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { eventPager, openAuditReader } from '../../../src/audit/reader.js';
import type { SealedBody } from '../../../src/model/message.js';
import { openStore, type Store } from '../../../src/store/index.js';
import { deriveKey, loadMasterKey, type MasterKey } from '../../../src/store/master-key.js';
import { openRelayDb } from '../../../src/store/relay-db.js';
import { beginRotation, finishRotation, isRotating, type RotationDeps } from '../../../src/store/rotation.js';
import { accepted, newMessage, temporaryFolder } from './fixtures.js';

const LARGE = 'made-up text '.repeat(10_000);
const opened: Store[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});

const load = (dataDir: string) => loadMasterKey({ file: 'master.key' }, dataDir, { createIfMissing: true });

async function open(
  dataDir: string,
  masterKey = load(dataDir),
): Promise<{ store: Store; masterKey: MasterKey }> {
  const store = await openStore({
    dataDir,
    masterKey,
    clock: { now: () => 1_800_000_000_000 },
    log: pino({ level: 'silent' }),
    audit: { checkpointEveryEvents: 1000, checkpointEveryMs: 60_000 },
  });
  opened.push(store);
  return { store, masterKey };
}

async function close(store: Store): Promise<void> {
  opened.splice(opened.indexOf(store), 1);
  await store.close();
}

function depsOf(
  dataDir: string,
  store: Store,
  masterKey: MasterKey,
  more: Partial<RotationDeps> = {},
): RotationDeps {
  return {
    masterKey,
    file: join(dataDir, 'master.key'),
    store: store.masterKeys,
    resealRest: async () => ({ resealed: 0, damaged: [] }),
    alone: (task) => task(),
    stopped: () => false,
    ...more,
  };
}

async function insert(store: Store, id: string, text: string, body?: SealedBody): Promise<void> {
  const sealed = body ?? (await store.bodies.seal(Buffer.from(text)));
  await store.queue.insert(newMessage(id, undefined, { body: sealed }), [accepted(id)]);
}

async function read(store: Store, id: string): Promise<string> {
  const message = await store.queue.message(id);
  if (message?.body === undefined) throw new Error('no content');
  return textOf(store, message.body);
}

async function textOf(store: Store, body: SealedBody): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of store.bodies.open(body)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

async function numberOf(store: Store, id: string): Promise<number> {
  const wrapped = (await store.queue.message(id))?.body?.wrappedKey;
  if (wrapped === undefined) throw new Error('no content');
  return wrapped[0] === 1 ? 1 : Buffer.from(wrapped).readUInt32BE(1);
}

const keyText = (dataDir: string) => readFileSync(join(dataDir, 'master.key'), 'utf8');

describe('a rotation of the master key', () => {
  it('lets an attempt that was under way all the time open what it is to send', async () => {
    const dataDir = temporaryFolder();
    const { store, masterKey } = await open(dataDir);
    const ids = ['small', 'large'];
    await insert(store, 'small', 'made-up text');
    await insert(store, 'large', LARGE);
    const before = await Promise.all(ids.map(async (id) => (await store.queue.message(id))?.body));
    const deps = depsOf(dataDir, store, masterKey);
    for (let n = 0; n < 2; n++) {
      await beginRotation(deps, 'grace');
      await finishRotation(deps);
    }
    expect(await numberOf(store, 'large')).toBe(3);
    const texts = before.map((body) => (body === undefined ? '' : textOf(store, body)));
    expect(await Promise.all(texts)).toEqual(['made-up text', LARGE]);
    await close(store);
  });

  it('seals everything anew, and what names things stays', async () => {
    const dataDir = temporaryFolder();
    const { store, masterKey } = await open(dataDir);
    for (let i = 0; i < 120; i++) await insert(store, `m${i}`, `made-up text ${i}`);
    await insert(store, 'large', LARGE);
    const names = (['fingerprint', 'portal-code', 'loop', 'rosters'] as const).map((one) =>
      deriveKey(masterKey, one),
    );
    const first = keyText(dataDir);
    for (const to of [2, 3]) {
      const deps = depsOf(dataDir, store, masterKey);
      await beginRotation(deps, 'grace');
      expect(isRotating(masterKey)).toBe(true);
      await insert(store, `during-${to}`, 'made-up text');
      expect(await numberOf(store, `during-${to}`)).toBe(to);
      expect(await finishRotation(deps)).toMatchObject({ from: to - 1, to, resealed: to === 2 ? 121 : 122 });
      expect(await numberOf(store, 'm7')).toBe(to);
      expect(await read(store, 'm7')).toBe('made-up text 7');
      expect(await read(store, 'large')).toBe(LARGE);
      expect(isRotating(masterKey)).toBe(false);
    }
    expect(keyText(dataDir)).not.toBe(first);
    expect(statSync(join(dataDir, 'master.key')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(dataDir, 'master.key.next'))).toBe(false);
    await close(store);
    const again = await open(dataDir);
    expect(await read(again.store, 'large')).toBe(LARGE);
    await insert(again.store, 'after', 'made-up text');
    expect(await numberOf(again.store, 'after')).toBe(3);
    expect(
      (['fingerprint', 'portal-code', 'loop', 'rosters'] as const).map((one) =>
        deriveKey(again.masterKey, one),
      ),
    ).toEqual(names);
  });

  it('goes on after a crash at any step', async () => {
    const dataDir = temporaryFolder();
    const first = await open(dataDir);
    for (let i = 0; i < 130; i++) await insert(first.store, `m${i}`, `made-up text ${i}`);
    await beginRotation(depsOf(dataDir, first.store, first.masterKey), 'grace');
    await close(first.store);

    // In the middle of sealing anew.
    const second = await open(dataDir);
    expect(isRotating(second.masterKey)).toBe(true);
    expect(await read(second.store, 'm9')).toBe('made-up text 9');
    let asked = 0;
    const stopping = depsOf(dataDir, second.store, second.masterKey, { stopped: () => ++asked > 2 });
    await expect(finishRotation(stopping)).rejects.toThrow('goes on at its next start');
    expect([await numberOf(second.store, 'm0'), await numberOf(second.store, 'm129')].sort()).toEqual([1, 2]);
    await close(second.store);

    // Between the transaction that ends it and the file.
    const third = await open(dataDir);
    const old = join(dataDir, 'old.key');
    const next = join(dataDir, 'new.key');
    copyFileSync(join(dataDir, 'master.key'), old);
    copyFileSync(join(dataDir, 'master.key.next'), next);
    await finishRotation(depsOf(dataDir, third.store, third.masterKey));
    await close(third.store);
    copyFileSync(old, join(dataDir, 'master.key'));
    copyFileSync(next, join(dataDir, 'master.key.next'));
    const fourth = await open(dataDir);
    expect(isRotating(fourth.masterKey)).toBe(false);
    expect(await read(fourth.store, 'm129')).toBe('made-up text 129');
    expect(keyText(dataDir)).toBe(readFileSync(next, 'utf8'));
    expect(existsSync(join(dataDir, 'master.key.next'))).toBe(false);
    await close(fourth.store);

    // The old key opens nothing any more.
    copyFileSync(old, join(dataDir, 'master.key'));
    await expect(open(dataDir)).rejects.toThrow('is not the one that');
  });

  it('does not start without the new key once it is in use', async () => {
    const dataDir = temporaryFolder();
    const { store, masterKey } = await open(dataDir);
    await beginRotation(depsOf(dataDir, store, masterKey), 'grace');
    await expect(beginRotation(depsOf(dataDir, store, masterKey), 'grace')).rejects.toThrow(
      'wait for its end',
    );
    await close(store);
    const next = join(dataDir, 'master.key.next');
    copyFileSync(join(dataDir, 'master.key'), next);
    expect(() => load(dataDir)).toThrow(`put ${next} back`);
  });

  it('replaces a new key that was made and never used', async () => {
    const dataDir = temporaryFolder();
    const { store, masterKey } = await open(dataDir);
    copyFileSync(join(dataDir, 'master.key'), join(dataDir, 'master.key.next'));
    const deps = depsOf(dataDir, store, masterKey);
    await beginRotation(deps, 'grace');
    await finishRotation(deps);
    await insert(store, 'm1', 'made-up text');
    expect(await numberOf(store, 'm1')).toBe(2);
  });

  it('ends where the keys of single messages are damaged, names them, and opens everything else', async () => {
    const dataDir = temporaryFolder();
    const { store, masterKey } = await open(dataDir);
    for (const id of ['good', 'cut', 'flipped', 'other', 'last']) await insert(store, id, `made-up ${id}`);
    const damage = openRelayDb(join(dataDir, 'relay.db'));
    const change = (id: string, to: string) =>
      damage.run(`UPDATE bodies SET wrapped_key = ${to} WHERE message_id = ?`, id);
    change('cut', 'substr(wrapped_key, 1, 40)');
    change('flipped', "CAST(substr(wrapped_key, 1, 76) || x'00' AS BLOB)");
    change('other', "CAST(x'02ffffffff' || substr(wrapped_key, 2) AS BLOB)");
    damage.close();
    const deps = depsOf(dataDir, store, masterKey);
    await beginRotation(deps, 'grace');
    const damaged = ['cut', 'flipped', 'other'].map((id) => ({ kind: 'message', id }));
    const rotated = { from: 1, to: 2, resealed: 2, damaged };
    expect(await finishRotation(deps)).toEqual(rotated);
    expect(isRotating(masterKey)).toBe(false);
    for (const id of ['good', 'last']) expect(await read(store, id)).toBe(`made-up ${id}`);
    for (const { id } of damaged) await expect(read(store, id)).rejects.toThrow('the key of the content');
    // The next one, too.
    await beginRotation(deps, 'grace');
    expect(await finishRotation(deps)).toEqual({ ...rotated, from: 2, to: 3 });
    await close(store);
    const { months } = openAuditReader(join(dataDir, 'audit'));
    const events = months.flatMap((month) => eventPager(month, 100)(0));
    for (const { db } of months) db.close();
    expect(
      events
        .filter(({ type }) => type === 'master-key.rotation-finished')
        .map(({ data }) => JSON.parse(data)),
    ).toMatchObject([rotated, { damaged }]);
  });

  it('keeps the old key where so much opens with neither that something else must be wrong', async () => {
    const dataDir = temporaryFolder();
    const { store, masterKey } = await open(dataDir);
    for (let i = 0; i < 101; i++) await insert(store, `m${i}`, 'made-up text');
    const damage = openRelayDb(join(dataDir, 'relay.db'));
    damage.run('UPDATE bodies SET size = size + 1');
    damage.close();
    const deps = depsOf(dataDir, store, masterKey);
    await beginRotation(deps, 'grace');
    const before = keyText(dataDir);
    await expect(finishRotation(deps)).rejects.toThrow('keep both keys and restore the newest backup');
    expect(isRotating(masterKey)).toBe(true);
    expect(keyText(dataDir)).toBe(before);
  });

  it('takes what was sealed with the old key and comes late', async () => {
    const dataDir = temporaryFolder();
    const { store, masterKey } = await open(dataDir);
    const before = await store.bodies.seal(Buffer.from('a moment before'));
    const late = await store.bodies.seal(Buffer.from('comes late'));
    const lateFile = await store.bodies.seal(Buffer.from(LARGE));
    const deps = depsOf(dataDir, store, masterKey);
    // On its way to the database while the new key comes into use.
    const begun = beginRotation(deps, 'grace');
    await Promise.all([begun, insert(store, 'before', '', before)]);
    await finishRotation(deps);
    expect(await numberOf(store, 'before')).toBe(2);
    expect(await read(store, 'before')).toBe('a moment before');
    await insert(store, 'late', '', late);
    expect(await numberOf(store, 'late')).toBe(2);
    expect(await read(store, 'late')).toBe('comes late');
    await insert(store, 'late-file', '', lateFile);
    expect(await read(store, 'late-file')).toBe(LARGE);
    await close(store);
    // Whoever has only the new key takes nothing that it could not open.
    const again = await open(dataDir);
    await expect(insert(again.store, 'too-late', '', { ...late })).rejects.toThrow('gone');
    expect(await again.store.queue.message('too-late')).toBeUndefined();
    expect(await read(again.store, 'late')).toBe('comes late');
  });
});
