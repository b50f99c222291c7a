import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.js';
import { withPolicies } from '../../src/ops/in-force.js';
import { createReloadable, type Reloadable } from '../../src/reloadable.js';
import { type KeyStage, keyStage } from './ops/acts/key-stage.js';
import { MASTER_KEY } from './roster/fixtures.js';
import { temporaryFolder } from './store/fixtures.js';

const CONFIG = `hostname: relay.clinic.test
data_dir: data
policies: policies
organisation:
  name: Example Clinic
  domains: [clinic.example]
  postmaster: postmaster@clinic.example
first_account: { name: clinic, senders: [clinic.example] }
listeners:
  - { name: submission, address: 127.0.0.1:0, mode: submission, accounts: true }
`;
const HOLD = `version: 1
rules:
  - id: hold-orders
    description: Orders wait for a person.
    when: { subject: Order }
    demand: { disposition: hold, hold_reason: it is an order }
`;

let stage: KeyStage;
let folder: string;
/** What happened, in order: events that were recorded, and what was asked of the parts. */
let happened: string[];
/** As recorded. */
let why: string;
/** Warnings and errors in the log. */
let logged: string[];
let reloadable: Reloadable;

function write(config: string, policy: string): void {
  writeFileSync(join(folder, 'config.yaml'), config);
  writeFileSync(join(folder, 'policies', 'site.yaml'), policy);
}

/** Puts what the files say in force. */
async function begin() {
  reloadable = await createReloadable(await withPolicies(await loadConfig(join(folder, 'config.yaml'))), {
    masterKey: MASTER_KEY,
    store: {
      keys: stage.store.keys,
      audit: {
        async record(events) {
          happened.push(...events.map((one) => one.type));
          why = JSON.stringify(events);
        },
      },
    },
    dkimKeys: {
      privateKey: async () => {
        throw new Error('no such key');
      },
    },
    clock: { now: () => 1 },
    log: pino({ level: 'warn' }, { write: (line: string) => void logged.push(JSON.parse(line).msg) }),
  });
}

beforeEach(async () => {
  stage = await keyStage();
  folder = temporaryFolder();
  happened = [];
  logged = [];
  mkdirSync(join(folder, 'policies'));
  mkdirSync(join(folder, 'data'));
  write(CONFIG, 'version: 1\nrules: []\n');
  await begin();
});
afterEach(() => stage.store.close());

const reload = (prepare: () => void = () => undefined) =>
  reloadable.reload({
    prepare: async () => {
      prepare();
      return () => happened.push('taken');
    },
    replaced: async () => void happened.push(`replaced by ${reloadable.judgedBy().policy.rules.length}`),
  });

describe('a reload', () => {
  it('records what is in force before any part takes it', async () => {
    const before = reloadable.judgedBy();
    write(`${CONFIG}enforcement: shadow\n`, HOLD);
    expect(await reload()).toBe(true);
    expect(happened).toEqual(['config.loaded', 'policy.loaded', 'taken', 'replaced by 1']);
    expect(reloadable.loaded().config.enforcement).toBe('shadow');
    // Whoever judges a message goes on with what it began with.
    expect(before.policy.rules).toEqual([]);
    expect(before.loaded.config.enforcement).toBe('enforce');
  });

  it.for([
    ['a policy that is wrong', 'policy.rejected', /subjekt/, CONFIG, HOLD.replace('subject', 'subjekt')],
    ['a configuration that is wrong', 'config.rejected', /enforcment/, `${CONFIG}enforcment: shadow\n`, HOLD],
    [
      'what needs a restart',
      'config.rejected',
      /`data_dir` changed/,
      CONFIG.replace('data_dir: data', 'data_dir: other'),
      HOLD,
    ],
    [
      'a DKIM key that is missing',
      'config.rejected',
      /no such key/,
      `${CONFIG}dkim: [{ domain: clinic.example, selector: s2026 }]\n`,
      HOLD,
    ],
  ] as const)('keeps all that was in force for %s', async ([, event, reason, config, policy]) => {
    const { loaded, policy: kept, detection } = reloadable.judgedBy();
    write(config, policy);
    expect(await reload()).toBe(false);
    expect(happened).toEqual([event]);
    expect(why).toMatch(reason);
    expect(reloadable.judgedBy()).toEqual({ loaded, policy: kept, detection });
    expect(reloadable.loaded()).toBe(loaded);
  });

  it('keeps it, too, where a part can’t use the next one', async () => {
    const { loaded } = reloadable.judgedBy();
    write(`${CONFIG}enforcement: shadow\n`, HOLD);
    const taken = await reload(() => {
      throw new Error('the certificate is missing');
    });
    expect(taken).toBe(false);
    expect(happened).toEqual(['config.rejected']);
    expect(reloadable.loaded()).toBe(loaded);
  });
});

describe('warnings of policies', () => {
  const LISTED = `version: 1
lists:
  partners: { file: partners.txt }
rules:
  - id: partners
    when: { recipient: { list: partners } }
    demand: { require: tls }
`;
  const UNREAD = expect.stringMatching(
    /^policy: .*site\.yaml:\d+:\d+: the list `partners` cannot be read \(.*rules that ask for it match/,
  );

  it('are in the log at the start, and after each reload that puts them in force', async () => {
    expect(logged).toEqual([]);
    write(CONFIG, LISTED);
    expect(await reload()).toBe(true);
    expect(logged).toEqual([UNREAD]);
    logged = [];
    await begin();
    expect(logged).toEqual([UNREAD]);
  });

  it('of policies that are not taken are not', async () => {
    write(`${CONFIG}enforcment: shadow\n`, LISTED);
    expect(await reload()).toBe(false);
    expect(logged).toEqual(['reload refused: the configuration and policies in force stay']);
  });

  it('are cut short, and say that there are more', async () => {
    const lists = Array.from({ length: 60 }, (_, at) => `  l${at}: { file: l${at}.txt }`).join('\n');
    write(CONFIG, `version: 1\nlists:\n${lists}\nrules: []\n`);
    expect(await reload()).toBe(true);
    expect(logged).toHaveLength(51);
    expect(logged.at(-1)).toMatch(/^policy: 10 more warnings; `sallyport check` lists them all/);
  });
});
