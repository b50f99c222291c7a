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
let reloadable: Reloadable;

function write(config: string, policy: string): void {
  writeFileSync(join(folder, 'config.yaml'), config);
  writeFileSync(join(folder, 'policies', 'site.yaml'), policy);
}

beforeEach(async () => {
  stage = await keyStage();
  folder = temporaryFolder();
  happened = [];
  mkdirSync(join(folder, 'policies'));
  mkdirSync(join(folder, 'data'));
  write(CONFIG, 'version: 1\nrules: []\n');
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
    log: pino({ level: 'silent' }),
  });
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
