import { generate } from 'otplib';
import { type Agent, portalAgent, tokenOf } from './portal-agent.js';
import { freePort, type RelayHome, type RunningRelay, relayHome } from './relay-process.js';
import { type Sink, startSink } from './sink.js';
import { type Mail, submit } from './submit.js';
import { untilState } from './until-state.js';

export const REVIEW_HOST = 'review.clinic.example';

/** In every message that is held, and nowhere else. */
export const CANARY_TEXT = 'canary-body-of-zebedee-quux';
export const CANARY_SUBJECT = 'canary-subject-of-zebedee-quux';

const POLICY = `version: 1
rules:
  - id: research-data
    when: { subject: { contains: [research] } }
    demand: { disposition: hold, hold_reason: research data leaves the house, release: two-person }
  - id: figures
    when: { subject: { contains: [figures] } }
    demand: { disposition: hold, hold_reason: figures leave the house }
`;

/** An operator, with what only they know. */
export interface Person {
  readonly name: string;
  readonly token: string;
  readonly secret: string;
}

export interface AuditRow {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A relay with a review page, operators, and mail that is held. All people are made up. */
export interface ReviewStage {
  readonly home: RelayHome;
  readonly relay: RunningRelay;
  readonly sink: Sink;
  readonly port: number;
  /** A browser in a network of its own, which follows no rule but its own. */
  agent(): Agent;
  person(name: string): Person;
  /** Adds an operator, by the administrator. */
  add(name: string, ...roles: readonly string[]): Promise<Person>;
  /** What somebody types to sign in, with a code that was not used yet. */
  fields(name: string): Promise<Record<'name' | 'secret' | 'code', string>>;
  /** The environment of an operator's commands. */
  as(name: string): Promise<Record<string, string>>;
  /** Signs in; the same browser each time, in a new network. */
  signedIn(name: string): Promise<Agent>;
  /** Sends a message that is held; gives its ID. */
  hold(mail: Mail): Promise<string>;
  /** Oldest first. */
  events(type: string, id?: string): Promise<readonly AuditRow[]>;
  close(): Promise<void>;
}

/** @param url left out: `https://review.clinic.example`, which only an agent can ask for */
export async function startReviewStage(
  options: { readonly url?: (port: number) => string } = {},
): Promise<ReviewStage> {
  const sink = await startSink({});
  const port = await freePort();
  const home = await relayHome(
    {
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
      },
      review: { address: `127.0.0.1:${port}`, url: options.url?.(port) ?? `https://${REVIEW_HOST}` },
    },
    { policies: { 'rules.yaml': POLICY } },
  );
  const relay = await home.start();
  const { account } = relay;
  const people = new Map<string, Person>();
  const browsers = new Map<string, Agent>();
  const steps = new Map<string, number>();
  const remembered = new Set<string>();

  const person: ReviewStage['person'] = (name) => {
    const found = people.get(name);
    if (found === undefined) throw new Error(`nobody is named ${name}`);
    return found;
  };
  const code = async (name: string) => {
    const now = Math.floor(Date.now() / 30_000);
    // A code works once: the one of the next half minute is taken early.
    const step = Math.max(now, (steps.get(name) ?? 0) + 1);
    if (step > now + 1) throw new Error(`${name} has no code left in this half minute`);
    steps.set(name, step);
    return generate({ secret: person(name).secret, epoch: step * 30 });
  };
  const made = async (name: string, roles: readonly string[], env: Record<string, string>) => {
    const { status, stdout, stderr } = await home.run(
      ['operators', 'add', name, '--role', ...roles],
      '',
      env,
    );
    const token = /token \(shown once\): (\S+)/.exec(stdout)?.[1];
    const uri = /otpauth:\/\/\S+/.exec(stdout)?.[0];
    const secret = uri === undefined ? null : new URL(uri).searchParams.get('secret');
    if (status !== 0 || token === undefined || secret === null) throw new Error(`no operator: ${stderr}`);
    const one = { name, token, secret };
    people.set(name, one);
    return one;
  };

  const stage: ReviewStage = {
    home,
    relay,
    sink,
    port,
    person,
    agent: () => portalAgent(port, REVIEW_HOST),
    as: async (name) => {
      const env = { SALLYPORT_OPERATOR: name, SALLYPORT_OPERATOR_TOKEN: person(name).token };
      if (remembered.has(name)) return env;
      remembered.add(name);
      return { ...env, SALLYPORT_OPERATOR_CODE: await code(name) };
    },
    add: async (name, ...roles) => made(name, roles, await stage.as('ada')),
    fields: async (name) => ({ name, secret: person(name).token, code: await code(name) }),
    signedIn: async (name) => {
      const known = browsers.get(name);
      if (known !== undefined) return known.moved();
      const agent = stage.agent();
      const answer = await agent.fill('/sign-in', '/sign-in', await stage.fields(name));
      if (answer.headers.location !== '/held')
        throw new Error(`${name} is not signed in: ${answer.status}\n${answer.text}`);
      browsers.set(name, agent);
      return agent;
    },
    hold: async (mail) => {
      const id = await submit(relay, mail, account);
      for (const to of mail.to) await untilState(home, id, to, 'held');
      return id;
    },
    events: async (type, id) => {
      const about = id === undefined ? [] : ['--id', id];
      const found = await home.run([
        'audit',
        'search',
        '--type',
        type,
        ...about,
        '--json',
        '--limit',
        '10000',
      ]);
      const rows: AuditRow[] = JSON.parse(found.stdout);
      return rows;
    },
    close: async () => {
      await home.remove();
      await sink.close();
    },
  };
  await made('ada', ['administrator'], {});
  return stage;
}

export { tokenOf };
