import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CommandResult, type RelayHome, relayHome, runCommand } from '../support/relay-process.js';
import { CANARY, LAB_RESULT } from '../support/submit.js';

/*
 * What an administrator runs before a change reaches the relay: policy tests, check, scan and explain. No mail is sent,
 * nothing is written, and no matched value is shown.
 */

const SHIPPED = resolve('policies');
const MESSAGE = [
  'From: Ward 3 <ward3@clinic.example>',
  'To: sam@lab.example',
  'Subject: Befund Jane Roe',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  LAB_RESULT.replaceAll('\n', '\r\n'),
  '--b',
  'Content-Type: application/pdf; name="roe-jane-212-55-0187.pdf"',
  'Content-Disposition: attachment; filename="roe-jane-212-55-0187.pdf"',
  'Content-Transfer-Encoding: base64',
  '',
  // A program, whatever it is called.
  'TVqQAAMAAAAEAAAA//8AALgAAAAAAAAA',
  '--b--',
  '',
].join('\r\n');
/** Values of the message that no output may hold. */
const MATCHED = [
  CANARY,
  '212550187',
  '00482913',
  'Roe',
  'Jane',
  '02/11/1961',
  'diabetes',
  'E11.65',
  'Befund',
  'roe-jane',
];

let home: RelayHome;
let sample: string;

beforeAll(async () => {
  home = await relayHome();
  sample = join(home.folder, 'sample.eml');
  writeFileSync(sample, MESSAGE);
});

afterAll(() => home?.remove());

describe('policy test', () => {
  it('passes on the shipped policies', async () => {
    const result = await runCommand(['policy', 'test', SHIPPED]);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toMatch(/\n\d+ passed, 0 failed\n$/);
    expect(result.stdout).not.toContain('FAIL');

    const json = JSON.parse((await runCommand(['policy', 'test', SHIPPED, '--json'])).stdout);
    expect(json).toMatchObject({ ok: true, failed: 0 });
    expect(json.passed).toBeGreaterThan(30);
    expect(json.results).toHaveLength(json.passed);
  });

  it('fails with 1, and says what was expected, what came, and where the test stands', async () => {
    const folder = copyOfPolicies('failing');
    const file = join(folder, 'mine.test.yaml');
    writeFileSync(
      file,
      `version: 1
tests:
  - name: a lab result goes as it is
    message: { classifications: [phi] }
    recipients:
      - to: sam@lab.example
        expect: { method: plain, rules: [] }
`,
    );
    const result = await runCommand(['policy', 'test', folder]);
    expect(result.status).toBe(1);
    expect(result.stdout).toContain(`FAIL ${file}:6  a lab result goes as it is → sam@lab.example: tls`);
    expect(result.stdout).toContain('expected method plain, but it is tls');
    expect(result.stdout).toContain('expected rules none, but it is hipaa-phi-outside');
    expect(result.stdout).toMatch(/\d+ passed, 1 failed/);
    const one = JSON.parse((await runCommand(['policy', 'test', file, '--json'])).stdout);
    expect(one).toMatchObject({
      ok: false,
      passed: 0,
      failed: 1,
      results: [
        {
          file,
          line: 6,
          passed: false,
          differences: [{ what: 'method', expected: 'plain', actual: 'tls' }, {}],
        },
      ],
    });
  });

  it('finds a shipped rule that somebody made weaker', async () => {
    const folder = copyOfPolicies('weakened');
    const file = join(folder, 'hipaa.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('demand: { require: tls, tls: verified }', 'demand: { require: any }'));
    const result = await runCommand(['policy', 'test', folder]);
    expect(result.status).toBe(1);
    expect(result.stdout).toMatch(/FAIL .*hipaa\.test\.yaml:\d+ /);
  });

  it.each([
    ['an unknown key', 'rules:\n  - id: a\n    wen: always\n', /bad\.yaml:4:5: .*`wen`/],
    [
      'an unknown detector',
      'rules:\n  - id: a\n    when: { findings: { detector: us-snn } }\n    demand: { require: tls }\n',
      /bad\.yaml:4:35: .*did you mean `us-ssn`\?/,
    ],
    ['no YAML', 'rules: [\n', /bad\.yaml:\d+:\d+: /],
  ])('ends with 2 and file:line:column for %s', async (_name, rules, complaint) => {
    const folder = copyOfPolicies('bad');
    writeFileSync(join(folder, 'bad.yaml'), `version: 1\n${rules}`);
    const result = await runCommand(['policy', 'test', folder]);
    expect([result.status, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toMatch(complaint);
  });

  it.each([
    [['policy', 'test', '/nonexistent'], /cannot read \/nonexistent/],
    [['policy', 'test', '--frob'], /unknown option/],
    [['policy', 'frob'], /unknown command/],
  ])('%j ends with 2', async (args, complaint) => {
    const result = await runCommand(args);
    expect([result.status, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toMatch(complaint);
  });
});

describe('check', () => {
  it('is fine with the shipped policies, before and without a first start, and makes nothing', async () => {
    const result = await home.run(['check']);
    expect(result).toMatchObject({ status: 0, stderr: '' });
    expect(result.stdout).toMatch(/^ok: \d+ rules, 2 listeners$/m);
    expect(result.stdout).toMatch(/^warning: .*`dns\.allow_private_targets` is on/m);
    expect(JSON.parse((await home.run(['check', '--json'])).stdout)).toEqual({
      ok: true,
      problems: [],
      warnings: [
        expect.stringContaining('no DKIM key signs mail of clinic.example'),
        // The relays of these tests deliver on loopback.
        expect.stringContaining('`dns.allow_private_targets` is on'),
      ],
    });
    expect(existsSync(home.dataDir)).toBe(false);
  });

  it.each<[name: string, change: Record<string, unknown>, complaint: RegExp]>([
    ['an unknown key', { frob: 1 }, /config\.yaml:\d+:\d+: unknown key `frob`/],
    ['a hostname that is none', { hostname: 'relay' }, /config\.yaml:\d+:\d+: hostname: must be a host name/],
    [
      'a size without a unit',
      { intake: { min_free_space: 'much' } },
      /config\.yaml:\d+:\d+: intake\.min_free_space: /,
    ],
    [
      'a missing certificate',
      { delivery: { ca: 'nowhere.pem' } },
      /config\.yaml:\d+:\d+: delivery\.ca: .*nowhere\.pem: is not there; put the file there/,
    ],
    ['a certificate that is none', { delivery: { ca: 'config.yaml' } }, /delivery\.ca: .*config\.yaml: /],
    [
      'a policy folder that is not there',
      { policies: 'nowhere' },
      /nowhere:1:1: there is no such folder; .*`policies`/,
    ],
    [
      'a network of everybody',
      { identities: [{ name: 'all', senders: ['clinic.example'], networks: ['0.0.0.0/0'] }] },
      /config\.yaml:\d+:\d+: identities\.0\.networks\.0: .*too much of the Internet/,
    ],
    [
      'a portal for others over plain http',
      { portal: { url: 'http://pickup.example' } },
      /config\.yaml:\d+:\d+: `portal\.url` is plain http/,
    ],
    [
      'a cipher that is none',
      {
        listeners: [
          { name: 'a', address: '127.0.0.1:0', mode: 'submission', accounts: true, tls: { ciphers: 'blah' } },
        ],
      },
      /config\.yaml.*cipher/i,
    ],
    [
      'two listeners on one port',
      {
        listeners: [
          { name: 'a', address: '127.0.0.1:2587', mode: 'submission', accounts: true },
          { name: 'b', address: '127.0.0.1:2587', mode: 'submission', accounts: true },
        ],
      },
      /config\.yaml:\d+:\d+: listeners\.1\.address: listener a listens on port 2587 already/,
    ],
    [
      'a master key in a variable that is not set',
      { master_key: { env: 'SALLYPORT_TEST_NOPE' } },
      /master_key: .*SALLYPORT_TEST_NOPE is not set/,
    ],
    [
      'a credential that was not loaded',
      { master_key: { credential: 'NOPE' } },
      /master_key: .*systemd credential NOPE/,
    ],
    ['a master key that is none', { master_key: { file: '../config.yaml' } }, /master_key: /],
  ])('ends with 2 for %s', async (_name, change, complaint) => {
    const other = await relayHome(change);
    try {
      for (const args of [['check'], ['check', '--json']]) {
        const result = await other.run(args);
        expect(result.status).toBe(2);
        expect(result.stdout + result.stderr).toMatch(complaint);
        expect(result.stdout + result.stderr).not.toMatch(/\n +at /);
      }
      expect(existsSync(other.dataDir)).toBe(false);
    } finally {
      await other.remove();
    }
  });

  it('ends with 2 for a bad policy, with its place, in words and as JSON', async () => {
    const other = await relayHome(
      {},
      { policies: { 'site.yaml': 'version: 1\nrules:\n  - id: a\n    wen: always\n' } },
    );
    try {
      const words = await other.run(['check']);
      expect([words.status, words.stderr]).toEqual([2, '']);
      expect(words.stdout).toMatch(/site\.yaml:4:5: /);
      expect(words.stdout).not.toMatch(/^ok/m);
      const json = await other.run(['check', '--json']);
      expect(json.status).toBe(2);
      expect(JSON.parse(json.stdout)).toMatchObject({
        ok: false,
        problems: expect.arrayContaining([expect.stringMatching(/site\.yaml:4:5: /)]),
      });
    } finally {
      await other.remove();
    }
  });

  it('ends with 2 when the master key of a store is gone or another one, and changes nothing', async () => {
    const other = await relayHome({ master_key: { file: '../keys/master.key' } });
    const key = join(other.folder, 'keys', 'master.key');
    try {
      await (await other.start()).kill('SIGTERM');
      expect((await other.run(['check'])).status).toBe(0);
      const before = readdirSync(other.dataDir, { recursive: true }).map(String).sort();

      writeFileSync(key, `${Buffer.alloc(32, 7).toString('base64')}\n`);
      const wrong = await other.run(['check']);
      expect([wrong.status, wrong.stderr]).toEqual([2, '']);
      expect(wrong.stdout).toMatch(/master_key: .*is not the one that .*relay\.db was made with/);

      rmSync(key);
      const gone = await other.run(['check']);
      expect([gone.status, gone.stderr]).toEqual([2, '']);
      expect(gone.stdout).toMatch(/master key .* is missing/);

      expect(existsSync(key)).toBe(false);
      expect(readdirSync(other.dataDir, { recursive: true }).map(String).sort()).toEqual(before);
    } finally {
      await other.remove();
    }
  });

  it('ends with 2 when the key of the audit log is gone', async () => {
    const other = await relayHome();
    try {
      await (await other.start()).kill('SIGTERM');
      rmSync(join(other.dataDir, 'audit', 'signing-key.pem'));
      const result = await other.run(['check']);
      expect(result.status).toBe(2);
      expect(result.stdout).toMatch(/audit signing key .* is missing/);
    } finally {
      await other.remove();
    }
  });

  it('ends with 2, and says how to get one, when there is no configuration', async () => {
    const result = await runCommand(['check', '--config', join(home.folder, 'none.yaml')]);
    expect(result.status).toBe(2);
    expect(result.stderr).toContain('`sallyport init` makes one, or name another with --config');
  });
});

describe('scan', () => {
  it('names parts and findings, masked, in words and as JSON', async () => {
    const words = await runCommand(['scan', sample]);
    expect(words).toMatchObject({ status: 0, stderr: '' });
    expect(words.stdout).toMatch(/us-ssn +identifier +high/);
    expect(words.stdout).toMatch(/application\/pdf +\*\.pdf +unsupported/);
    expect(words.stdout).toMatch(/classification: phi \(high\)/);

    const json = await runCommand(['scan', sample, '--json']);
    expect(json).toMatchObject({ status: 0, stderr: '' });
    const report = JSON.parse(json.stdout);
    expect(report).toMatchObject({
      size: Buffer.byteLength(MESSAGE),
      lineEndsConverted: false,
      classifications: expect.arrayContaining([expect.objectContaining({ classification: 'phi' })]),
    });
    expect(report.findings.map((one: { detector: string }) => one.detector)).toEqual(
      expect.arrayContaining(['us-ssn', 'mrn', 'health-term']),
    );
    showsNothing(words, json);
  });

  it('reads standard input, and mail with bare line feeds', async () => {
    const result = await runCommand(['scan', '-'], MESSAGE.replaceAll('\r\n', '\n'));
    expect(result.status).toBe(0);
    expect(result.stdout).toContain('note: the file had bare line feeds');
    showsNothing(result);
  });

  it.each([
    [['scan', '/nonexistent.eml'], /cannot read \/nonexistent\.eml: ENOENT/],
    [['scan', '/'], /cannot read \/: EISDIR/],
    [['scan'], /missing required argument/],
  ])('%j ends with 2', async (args, complaint) => {
    const result = await runCommand(args);
    expect([result.status, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toMatch(complaint);
  });
});

describe('explain', () => {
  it('tells each recipient’s decision and why, in words and as JSON', async () => {
    const args = [
      'explain',
      sample,
      '--from',
      'ward3@clinic.example',
      '--to',
      'sam@LAB.example',
      'jo@clinic.example',
    ];
    const words = await home.run(args);
    expect(words).toMatchObject({ status: 0, stderr: '' });
    expect(words.stdout).toMatch(/^sam@lab\.example: goes by TLS \(at least verified\)/m);
    expect(words.stdout).toMatch(
      /hipaa-phi-outside \(hipaa\.yaml:\d+\): require tls \(verified\); because of .*us-ssn/,
    );
    expect(words.stdout).toMatch(/plain: refused; not allowed by rule/);
    expect(words.stdout).toMatch(/^jo@clinic\.example: goes by plain mail/m);

    const json = await home.run([...args, '--json']);
    const { decisions } = JSON.parse(json.stdout);
    expect(decisions).toMatchObject([
      {
        recipient: 'sam@lab.example',
        protected: true,
        order: ['tls', 'portal'],
        demand: { methods: ['tls', 'pgp', 'smime', 'portal'], tls: 'verified', disposition: 'send' },
        policyHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        enforcement: 'enforce',
      },
      { recipient: 'jo@clinic.example', protected: false, order: ['plain'] },
    ]);
    expect(decisions[0].rules.map((one: { rule: string }) => one.rule)).toEqual([
      'hipaa-phi-outside',
      'unread-outside',
    ]);
    showsNothing(words, json);
  });

  it.each([
    [
      ['explain', 'SAMPLE', '--from', 'a(c)@clinic.example', '--to', 'sam@lab.example'],
      /--from must be a mail address/,
    ],
    [['explain', 'SAMPLE', '--from', '<>', '--to', '<a;b@lab.example>'], /--to must be a mail address/],
    [['explain', 'SAMPLE', '--from', '<>'], /--to/],
    [['explain', '/nonexistent.eml', '--from', '<>', '--to', 'sam@lab.example'], /cannot read/],
  ])('%j ends with 2', async (args, complaint) => {
    const result = await home.run(args.map((one) => (one === 'SAMPLE' ? sample : one)));
    expect([result.status, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toMatch(complaint);
  });
});

function showsNothing(...results: readonly CommandResult[]): void {
  for (const { stdout, stderr } of results)
    for (const value of MATCHED) expect(stdout + stderr).not.toContain(value);
}

/** A folder of its own with the shipped policies. */
function copyOfPolicies(name: string): string {
  const folder = join(home.folder, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  cpSync(SHIPPED, folder, { recursive: true });
  return folder;
}
