import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMail } from '../support/portal-visitor.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, startSink } from '../support/sink.js';
import { submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * Mail that a rule holds for two people: who learns of it, how two operators release it on the command line, and what
 * doesn't count as two. All people are made up.
 */

const POLICIES = (figures: string) => `version: 1
rules:
  - id: research-data
    when: { subject: { contains: [research] } }
    demand: { disposition: hold, hold_reason: research data leaves the house, release: two-person }
  - id: figures
    when: { subject: { contains: [figures] } }
    demand: ${figures}
`;

const SENDER = 'ward3@clinic.example';
const REVIEWER = 'privacy@clinic.example';

interface Person {
  readonly name: string;
  token: string;
  secret?: string;
}

let home: RelayHome;
let relay: RunningRelay;
let account: RunningRelay['account'];
let sink: Sink;
const people = new Map<string, Person>();

beforeAll(async () => {
  sink = await startSink({});
  home = await relayHome(
    {
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
      },
    },
    { policies: { 'rules.yaml': POLICIES('{ disposition: hold, hold_reason: figures leave the house }') } },
  );
  relay = await home.start();
  account = relay.account;
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

describe('operators', () => {
  it('begin with an administrator, whom only the local user can make', async () => {
    const early = await home.run(['operators', 'add', 'rita', '--role', 'reviewer']);
    expect([early.status, early.stderr]).toEqual([
      2,
      expect.stringContaining('the first operator must be an administrator'),
    ]);
    await add('ada', ['administrator'], undefined);
    const second = await home.run(['operators', 'add', 'eve', '--role', 'administrator']);
    expect([second.status, second.stderr]).toEqual([1, expect.stringContaining('SALLYPORT_OPERATOR')]);
  });

  it('are added by an administrator, whose code counts for further commands', async () => {
    await add('rita', ['reviewer'], 'ada');
    await add('rob', ['reviewer'], 'ada');
    await add('oscar', ['auditor'], 'ada', ['--without-second-factor']);
    const list = await home.run(['operators', 'list', '--json']);
    expect(JSON.parse(list.stdout)).toMatchObject([
      { name: 'ada', roles: ['administrator'], secondFactor: true, disabled: false },
      { name: 'oscar', roles: ['auditor'], secondFactor: false },
      { name: 'rita', roles: ['reviewer'], secondFactor: true },
      { name: 'rob', roles: ['reviewer'], secondFactor: true },
    ]);
    for (const { token, secret } of people.values()) {
      expect(list.stdout).not.toContain(token);
      if (secret !== undefined) expect(list.stdout).not.toContain(secret);
    }
  });

  it('are refused with a wrong token, without a code, and with a file that others can read', async () => {
    const wrong = { SALLYPORT_OPERATOR: 'rita', SALLYPORT_OPERATOR_TOKEN: 'sallyport-made-up' };
    expect(await home.run(['held', 'redecide', '--all'], '', wrong)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('no operator has this name and token'),
    });
    const { token } = person('rita');
    const noCode = { SALLYPORT_OPERATOR: 'rita', SALLYPORT_OPERATOR_TOKEN: token };
    expect(await home.run(['held', 'redecide', '--all'], '', noCode)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('a code of your authenticator app is needed'),
    });
    const file = join(home.folder, 'token');
    writeFileSync(file, token, { mode: 0o644 });
    const open = { SALLYPORT_OPERATOR: 'rita', SALLYPORT_OPERATOR_TOKEN_FILE: file };
    expect(await home.run(['held', 'redecide', '--all'], '', open)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('chmod 600'),
    });
    expect(await home.run(['operators', 'disable', 'rob'], '', await as('oscar'))).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('oscar has the role auditor, and it takes administrator'),
    });
    expect(await events('operator.refused')).toMatchObject([
      { data: { actor: 'local, unverified', act: 'operators add' } },
      { data: { actor: 'oscar', act: 'operators disable' } },
    ]);
    expect(await events('operator.login-failed')).toMatchObject([
      { data: { operator: 'rita', reason: 'wrong token' } },
    ]);
  });
});

describe('mail that a rule holds for two people', () => {
  const recipient = 'sam@institute.example';
  let id: string;

  it('is told to sender and reviewers; the latter learn that it takes two', async () => {
    id = await submit(relay, { to: [recipient], subject: 'research results of Jane Roe' }, account);
    await untilState(home, id, recipient, 'held');
    for (const reader of [SENDER, REVIEWER]) {
      const notice = await sink.next((one) => one.recipients.includes(reader) && one.text.includes(id));
      const text = (await readMail(notice)).text ?? '';
      expect(text).toContain('research data leaves the house');
      // Three letters that stand by themselves: the marks and boundaries of mail have them by chance.
      expect(notice.text).not.toMatch(/Jane|(?<![A-Za-z0-9])Roe(?![A-Za-z0-9])/);
      expect(text.includes('Two operators must release it')).toBe(reader === REVIEWER);
    }
    expect(await home.run(['held', 'list'])).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringContaining('two operators'),
    });
  });

  it.each([
    ['the local user, without a name', undefined, /two operators release it: say who you are/],
    ['an administrator', 'ada', /ada has the role administrator, and it takes reviewer/],
    ['an auditor', 'oscar', /oscar has the role auditor, and it takes reviewer/],
  ])('is not released by %s', async (_, who, complaint) => {
    const env = who === undefined ? {} : await as(who);
    const result = await home.run(['held', 'release', id], '', env);
    expect([result.status, result.stderr]).toEqual([1, expect.stringMatching(complaint)]);
    await untilState(home, id, recipient, 'held');
  });

  it('waits after the first word, also when it is said twice', async () => {
    const first = await home.run(['held', 'release', id, '--method', 'plain'], '', await as('rita'));
    expect(first).toMatchObject({ status: 0, stdout: expect.stringContaining(`approved ${id}: another`) });
    const again = await home.run(['held', 'release', id], '', await as('rita'));
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('you approved it already')]);
    await untilState(home, id, recipient, 'held');
    const show = JSON.parse((await home.run(['held', 'show', id, '--json'])).stdout);
    expect(show).toMatchObject({
      approvals: [{ recipient, operator: 'rita', method: 'plain' }],
      recipients: [{ decision: { release: 'two-person' } }],
    });
  });

  it('needs two anew for another method, and after it was decided again', async () => {
    const other = await home.run(['held', 'release', id, '--method', 'portal'], '', await as('rob'));
    expect(other.stdout).toContain('approved');
    const redecided = await home.run(['held', 'redecide', id], '', await as('rob'));
    expect(redecided).toMatchObject({ status: 0, stdout: 'deciding again: 1 recipient of 1 message\n' });
    await untilState(home, id, recipient, 'held');
    const show = JSON.parse((await home.run(['held', 'show', id, '--json'])).stdout);
    expect(show.approvals).toEqual([]);
    // Held for the same reason, so nobody is told a second time.
    expect(await events('notice.queued', id)).toHaveLength(2);
    expect(await events('recipient.held', id)).toHaveLength(2);
  });

  it('loses the word of an operator who was disabled since, also where they are enabled again', async () => {
    await home.run(['held', 'release', id, '--method', 'plain'], '', await as('rob'));
    expect(await home.run(['operators', 'disable', 'rob'], '', await as('ada'))).toMatchObject({ status: 0 });
    const renewed = await home.run(['operators', 'token', 'rob'], '', await as('ada'));
    person('rob').token = tokenIn(renewed.stdout) ?? '';
    const show = JSON.parse((await home.run(['held', 'show', id, '--json'])).stdout);
    expect(show.approvals).toEqual([]);
    const result = await home.run(['held', 'release', id, '--method', 'plain'], '', await as('rita'));
    expect(result.stdout).toContain('approved');
    await untilState(home, id, recipient, 'held');
  });

  it('goes when a second operator agrees, with both names on record', async () => {
    const second = await home.run(['held', 'release', id], '', await as('rob'));
    expect(second).toMatchObject({ status: 0, stdout: `released ${id}\n` });
    await untilState(home, id, recipient, 'delivered');
    await sink.next((one) => one.recipients.includes(recipient));
    expect(await events('recipient.released', id)).toMatchObject([
      { data: { actor: 'rob', approvedBy: 'rita', method: 'plain' } },
    ]);
    expect((await events('held.approved', id)).map(({ data }) => [data.actor, data.method])).toEqual([
      ['rita', 'plain'],
      ['rob', 'portal'],
      ['rob', 'plain'],
      ['rita', 'plain'],
    ]);
    const story = await home.run(['audit', 'show', id]);
    expect(story.stdout).toContain('by rob and rita');
  });
});

describe('after the policy changed', () => {
  it('what is held is decided again, by ID or all of it', async () => {
    const recipients = ['one@institute.example', 'two@institute.example'];
    const ids: string[] = [];
    for (const to of recipients) {
      const id = await submit(relay, { to: [to], subject: 'figures' }, account);
      await untilState(home, id, to, 'held');
      ids.push(id);
    }
    writeFileSync(
      join(home.folder, 'policies', 'rules.yaml'),
      POLICIES('{ require: any }\n    tags: [figures]'),
    );
    process.kill(relay.pid, 'SIGHUP');
    await relay.until(/configuration and policies reloaded/);
    const all = await home.run(['held', 'redecide', '--all'], '', await as('rita'));
    expect(all).toMatchObject({ status: 0, stdout: 'deciding again: 2 recipients of 2 messages\n' });
    for (const [i, to] of recipients.entries()) {
      await untilState(home, ids[i] ?? '', to, 'delivered');
      await sink.next((one) => one.recipients.includes(to));
    }
    expect(await events('held.decide-again', ids[0])).toMatchObject([{ data: { actor: 'rita' } }]);
  });
});

describe('where operators are required', () => {
  it('nobody without a name changes anything', async () => {
    home.configure({ operators: { required: true } });
    process.kill(relay.pid, 'SIGHUP');
    await relay.until(/configuration and policies reloaded[\s\S]*configuration and policies reloaded/);
    expect(await home.run(['users', 'disable', 'clinic'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('`operators.required` is set'),
    });
    expect(await home.run(['operators', 'recover', 'ada'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('only while the relay is stopped'),
    });
    expect(await home.run(['users', 'disable', 'clinic'], '', await as('ada'))).toMatchObject({ status: 0 });
  });

  it('lets an administrator who lost everything in again, with the relay stopped', async () => {
    await relay.kill('SIGTERM');
    const recovered = await home.run(['operators', 'recover', 'ada']);
    expect(recovered.status).toBe(0);
    person('ada').token = tokenIn(recovered.stdout) ?? '';
    person('ada').secret = secretIn(recovered.stdout) ?? '';
    expect(await home.run(['operators', 'disable', 'oscar'], '', await as('ada'))).toMatchObject({
      status: 0,
    });
    expect(await events('operator.changed')).toMatchObject([
      { data: { operator: 'rob', change: 'enabled', actor: 'ada' } },
      { data: { operator: 'ada', change: 'recovered', actor: 'local, unverified' } },
    ]);
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });
});

function person(name: string): Person {
  const found = people.get(name);
  if (found === undefined) throw new Error(`nobody is named ${name}`);
  return found;
}

const lastSteps = new Map<string, number>();

/** The environment of an operator's commands; a code only where the one before is older than its half minute. */
async function as(name: string): Promise<Record<string, string>> {
  const { token, secret } = person(name);
  const env = { SALLYPORT_OPERATOR: name, SALLYPORT_OPERATOR_TOKEN: token };
  if (secret === undefined) return env;
  const key = `${token} ${secret}`;
  if (lastSteps.has(key)) return env;
  const epoch = Math.floor(Date.now() / 1000);
  const before = lastSteps.get(secret);
  // A token that was renewed needs a code of its own: the one of the next half minute is taken early.
  const step = Math.max(Math.floor(epoch / 30), before === undefined ? 0 : before + 1);
  lastSteps.set(key, step);
  lastSteps.set(secret, step);
  return { ...env, SALLYPORT_OPERATOR_CODE: await generate({ secret, epoch: step * 30 }) };
}

async function add(
  name: string,
  roles: readonly string[],
  by: string | undefined,
  more: readonly string[] = [],
): Promise<void> {
  const env = by === undefined ? {} : await as(by);
  const added = await home.run(['operators', 'add', name, '--role', ...roles, ...more], '', env);
  expect([added.status, added.stderr]).toEqual([0, '']);
  const token = tokenIn(added.stdout);
  const secret = secretIn(added.stdout);
  if (token === undefined) throw new Error('no token');
  people.set(name, { name, token, ...(secret === undefined ? {} : { secret }) });
}

function tokenIn(output: string): string | undefined {
  return /token \(shown once\): (\S+)/.exec(output)?.[1];
}

function secretIn(output: string): string | undefined {
  const uri = /otpauth:\/\/\S+/.exec(output)?.[0];
  return uri === undefined ? undefined : (new URL(uri).searchParams.get('secret') ?? undefined);
}

async function events(
  type: string,
  id?: string,
): Promise<readonly { readonly data: Readonly<Record<string, unknown>> }[]> {
  const about = id === undefined ? [] : ['--id', id];
  return JSON.parse((await home.run(['audit', 'search', '--type', type, ...about, '--json'])).stdout);
}
