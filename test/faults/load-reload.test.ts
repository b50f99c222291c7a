import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { LOAD_TIMEOUT, many } from './harness/load.js';
import { makeWorld, type World } from './harness/world.js';
import { memberOf, textOf } from './oracle/events.js';
import { judgeRun } from './oracle/judge.js';
import type { LogEvent, Run } from './oracle/run.js';

/*
 * Policies and routes change under mail that flows: each message is judged by one version of the policies, for all of its
 * recipients, and each attempt goes by one version of the configuration.
 */

const MESSAGES = many(150);
/** Odd, so that the last of them gives moving.example its server with TLS: pickup notices wait for what was seen there. */
const RELOADS = 7;

/** Two versions of the policies, of which each message matches one rule. */
const VERSIONS = ['sent-as-it-is', 'sent-by-tls'].map(
  (id) => `version: 1
rules:
  - id: ${id}
    when: always
    demand: { require: ${id === 'sent-by-tls' ? 'tls' : 'any'} }
`,
);

it(`${RELOADS} reloads in the middle of ${MESSAGES} messages`, { timeout: LOAD_TIMEOUT }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-policies-'));
  const policies = join(folder, 'policies');
  mkdirSync(policies);
  const choose = (version: number) => writeFileSync(join(policies, 'site.yaml'), VERSIONS[version % 2] ?? '');
  choose(0);
  const world = await makeWorld({ name: 'reload', config: { policies } });
  try {
    const relay = await world.start();
    // Mail comes faster than it goes: all of it would be here before the first reload.
    const sendSome = (until: number) => {
      for (let n = world.accepted.length; n < until; n++) world.put(mailFor(n));
      return world.send(relay, 20);
    };
    const step = MESSAGES / (RELOADS + 1);
    await sendSome(Math.ceil(step));
    await until(() => tookMoving(world));
    for (let reload = 1; reload <= RELOADS; reload++) {
      const before = world.accepted.length;
      const sending = sendSome(Math.ceil(step * (reload + 1)));
      await until(() => world.accepted.length >= before + step / 2);
      choose(reload);
      world.home.configure({ delivery: { routes: routesOf(world, reload) } });
      relay.kill('SIGHUP');
      await relay.until(reloaded(reload));
      await sending;
    }
    expect(world.accepted).toHaveLength(MESSAGES);
    await world.settle();
    await expect(relay.kill('SIGTERM')).resolves.toBe(0);
    await world.ended('stopped');
    const run = world.run();
    expect(relay.output()).not.toContain('reload refused');
    expect(judgeRun(run)).toEqual([]);
    checkVersions(run);
    checkRoutes(run, world);
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((done) => setTimeout(done, 2));
}

/** Whether the server in the clear has had any mail for the domain that is moved. */
const tookMoving = ({ clear }: World) =>
  clear.messages.some(({ rcpts }) => rcpts.some((line) => line.includes('@moving.example')));

/** Matches output that says so often that it took a reload, or at all that it refused one. */
function reloaded(times: number): RegExp {
  return new RegExp(`(?:policies reloaded\\b[^\\n]*\\n[^]*?){${times}}|reload refused`);
}

function mailFor(n: number) {
  const messageId = `<v${n}@client.example>`;
  return {
    sender: 'ward3@clinic.example',
    recipients: [`a${n}@hospital.example`, `b${n}@moving.example`, `c${n}@hospital.example`],
    messageId,
    content: `From: ward3@clinic.example\r\nSubject: Lunch\r\nMessage-ID: ${messageId}\r\n\r\nLunch on Thursday?\r\n`,
  };
}

/** Mail for moving.example goes to one server with one version, to the other with the other. */
function routesOf({ secure, clear }: World, version: number) {
  const route = (name: string, domains: readonly string[], { host, port }: World['secure']) => ({
    name,
    domains,
    host,
    port,
    kind: 'recipient-server',
    tls_name: 'mx.hospital.example',
    ca: 'ca.pem',
  });
  const moved = version % 2 === 1;
  return [
    route('secure', ['hospital.example', ...(moved ? ['moving.example'] : [])], secure),
    route('clear', ['*'], clear),
  ];
}

function checkVersions({ events, accepted }: Run): void {
  const loaded = new Set(
    events.filter((one) => one.type === 'policy.loaded').map((one) => textOf(one, 'policyHash')),
  );
  expect(loaded.size).toBe(2);
  const used = new Map<string, Set<string>>();
  for (const { id, recipients } of accepted) {
    const decided = events.filter(
      (one) => one.type === 'recipient.decided' && textOf(one, 'messageId') === id,
    );
    expect(decided).toHaveLength(recipients.length);
    const versions = new Set(decided.map(versionOf));
    expect(versions.size).toBe(1);
    for (const version of versions) {
      const [hash = '', rules = ''] = version.split(' ');
      expect(loaded).toContain(hash);
      used.set(hash, (used.get(hash) ?? new Set()).add(rules));
    }
  }
  // Both were in force, each with its own rule and no other.
  expect([...used.values()].map((rules) => [...rules]).sort()).toEqual([['sent-as-it-is'], ['sent-by-tls']]);
}

/** Hash of the policies, and the rules that matched. */
function versionOf({ data }: LogEvent): string {
  const decision = memberOf(data, 'decision');
  const rules = memberOf(decision, 'rules');
  const ids = Array.isArray(rules) ? rules.map((one) => memberOf(one, 'rule')) : [];
  return `${memberOf(decision, 'policyHash')} ${ids.join()}`;
}

/** What took a copy is the server of the route on record for it. */
function checkRoutes({ events, copies }: Run, { secure, clear }: World): void {
  expect(copies.length).toBe(secure.messages.length + clear.messages.length);
  const servers = new Map([
    ['secure', secure],
    ['clear', clear],
  ]);
  const seen = new Set<string>();
  for (const event of events) {
    if (event.type !== 'recipient.delivered' || !textOf(event, 'recipient').endsWith('@moving.example'))
      continue;
    const name = textOf(event, 'route');
    const took = servers
      .get(name)
      ?.messages.filter((one) => one.rcpts.some((line) => line.includes(textOf(event, 'recipient'))));
    expect(took).toHaveLength(1);
    seen.add(name);
  }
  expect([...seen].sort()).toEqual(['clear', 'secure']);
}
