import { closeSync, cpSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dice } from './harness/dice.js';
import { makeWorld, type World } from './harness/world.js';
import { judgeRun } from './oracle/judge.js';

/*
 * A page of a database was damaged while the relay stood still. It refuses to start, or defers and ends with status 1 when
 * it comes across it, saying which file it is; nothing is sent weaker. A page that it has no need to read it does not
 * find: damage in old events of the log is what `sallyport audit verify` finds.
 */

const PAGE = 4096;
const SEED = 20_261_122;

let world: World;
let good: string;

beforeAll(async () => {
  world = await makeWorld({ name: 'pages' });
  const first = await world.start();
  // What is for servers without TLS stays in the queue.
  world.clear.behave({ closeAt: 'connect' });
  world.write(50);
  await world.send(first);
  while (world.secure.messages.length < 10) await delay(50);
  await first.kill('SIGTERM');
  await world.ended('stopped');
  world.clear.behave({ startTls: 'none' });
  good = join(world.home.folder, 'good');
  cpSync(world.home.dataDir, good, { recursive: true });
});

afterAll(() => world?.close());

function putBack(): void {
  rmSync(world.home.dataDir, { recursive: true });
  cpSync(good, world.home.dataDir, { recursive: true });
}

const rows: readonly (readonly [string, 'relay.db' | 'audit', (pages: number) => number])[] = [
  ['the first page of the queue', 'relay.db', () => 0],
  ['the last page of the queue', 'relay.db', (pages) => pages - 1],
  ['some page of the queue', 'relay.db', (pages) => 1 + Math.floor(dice(SEED)() * (pages - 1))],
  ['another page of the queue', 'relay.db', (pages) => 1 + Math.floor(dice(SEED + 1)() * (pages - 1))],
  ['the first page of the log', 'audit', () => 0],
  ['the last page of the log', 'audit', (pages) => pages - 1],
  ['some page of the log', 'audit', (pages) => 1 + Math.floor(dice(SEED + 2)() * (pages - 1))],
];

it.for(rows)('%s', async ([, what, pick]) => {
  putBack();
  const month = readdirSync(join(good, 'audit')).find((name) => name.endsWith('.db')) ?? '';
  const name = what === 'audit' ? `audit/${month}` : what;
  const page = pick(statSync(join(good, name)).size / PAGE);
  const roll = dice(SEED + page);
  const file = openSync(join(world.home.dataDir, name), 'r+');
  writeSync(
    file,
    Buffer.from(Array.from({ length: PAGE }, () => Math.floor(roll() * 256))),
    0,
    PAGE,
    page * PAGE,
  );
  closeSync(file);

  const place = what === 'audit' ? /\/audit|in the audit log/ : /relay\.db/;
  let said: string;
  let ended: unknown = 1;
  try {
    const relay = await world.start();
    world.write(10);
    await world.send(relay);
    const enough = new AbortController();
    ended = await Promise.race([relay.ended, delay(3000, 'runs', { signal: enough.signal })]);
    enough.abort();
    if (ended === 'runs') await relay.kill('SIGTERM');
    said = relay.output();
  } catch (error) {
    said = String(error);
  }
  if (ended !== 'runs') {
    expect(ended).toBe(1);
    expect(said).toMatch(place);
  } else if (what === 'audit') {
    const verified = await world.home.run(['audit', 'verify']);
    expect(verified.status).toBe(1);
    expect(verified.stdout + verified.stderr).toContain(month);
  }
});

it('nothing was sent weaker, and what is restored goes on', async () => {
  putBack();
  const relay = await world.start();
  await world.send(relay);
  await world.settle();
  await expect(relay.kill('SIGTERM')).resolves.toBe(0);
  await world.ended('stopped');
  // A backup knows nothing of what was accepted or sent since: those checks are not for this run.
  const asked = ['weaker', 'in-the-clear', 'leak', 'chain'];
  expect(judgeRun(world.run()).filter((one) => asked.includes(one.check))).toEqual([]);
});
