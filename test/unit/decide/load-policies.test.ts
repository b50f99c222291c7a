import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decide } from '../../../src/decide/decide.js';
import { messageFacts, recipientFacts } from '../../../src/decide/facts.js';
import { loadPolicies } from '../../../src/decide/load-policies.js';
import { statedAvailability, statedInspection } from '../../../src/decide/policy-test-facts.js';

const root = mkdtempSync(join(tmpdir(), 'sallyport-policies-'));
afterAll(() => rmSync(root, { recursive: true }));

const NOW = Date.parse('2026-11-02T10:00:00Z');
let count = 0;

function folder(files: Record<string, string | Buffer>): string {
  const dir = join(root, String(count++));
  mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

async function load(files: Record<string, string | Buffer>) {
  const dir = folder(files);
  const result = await loadPolicies(dir, { now: NOW });
  const where = (one: { file: string; line: number; column: number; message: string }) =>
    `${one.file}:${one.line}:${one.column}: ${one.message}`.replaceAll(`${dir}/`, '').replaceAll(dir, 'DIR');
  return result.ok
    ? { policy: result.policy, problems: [], warnings: result.warnings.map(where) }
    : { policy: undefined, problems: result.problems.map(where), warnings: [] };
}

const RULE = (id: string, rest: string) => `version: 1\nrules:\n  - id: ${id}\n    ${rest}\n`;

describe('a folder of policies', () => {
  it('is one set: lists, rules, preference and default of all files', async () => {
    const { policy, warnings } = await load({
      'a.yaml': 'version: 1\nlists: { partners: [lab.example] }\nprefer: [tls, portal]\n',
      'b.yaml': `${RULE('to-partners', 'when: { recipient: { list: partners } }\n    demand: { require: tls }')}default: { tls: verified }\n`,
      'b.test.yaml': 'not even: [a test',
      'notes.txt': 'x',
      '.#a.yaml': 'x',
    });
    expect(warnings).toEqual([]);
    expect(policy?.prefer).toEqual(['tls', 'portal']);
    expect(policy?.rules.map((one) => [one.id, one.at])).toEqual([
      ['default', 'b.yaml:6'],
      ['to-partners', 'b.yaml:3'],
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'nothing in it',
      {},
      'DIR:1:1: holds no policy files (*.yaml): without any, all mail would go out as plain',
    ],
    [
      'a file that would be passed over',
      { 'a.yaml': 'version: 1\n', 'b.yml': 'version: 1\n' },
      'b.yml:1:1: is not read: policy files end in .yaml; rename it, or move it elsewhere',
    ],
    [
      'a rule id in two files',
      {
        'a.yaml': RULE('x', 'when: always\n    tags: [a]'),
        'b.yaml': RULE('x', 'when: always\n    tags: [a]'),
      },
      'b.yaml:3:9: rules.0.id: the rule `x` may be defined once; it is already at a.yaml:3',
    ],
    [
      'two preferences',
      { 'a.yaml': 'version: 1\nprefer: [tls]\n', 'b.yaml': 'version: 1\nprefer: [tls]\n' },
      'b.yaml:2:1: `prefer` may be given once; it is already at a.yaml:2',
    ],
    [
      'two preferences for a domain',
      {
        'a.yaml': 'version: 1\nprefer_by_domain: { lab.example: [tls] }\n',
        'b.yaml': 'version: 1\nprefer_by_domain: { LAB.example: [tls] }\n',
      },
      'b.yaml:2:21: prefer_by_domain: lab.example may be given once; it is already at a.yaml:2',
    ],
    [
      'two defaults',
      {
        'a.yaml': 'version: 1\ndefault: { require: tls }\n',
        'b.yaml': 'version: 1\ndefault: { require: tls }\n',
      },
      'b.yaml:2:1: `default` may be given once; it is already at a.yaml:2',
    ],
    [
      'a list in two files',
      { 'a.yaml': 'version: 1\nlists: { p: [] }\n', 'b.yaml': 'version: 1\nlists: { p: [] }\n' },
      'b.yaml:2:10: lists: the list `p` is already defined at a.yaml:2',
    ],
    [
      'a wrong line in a list file',
      {
        'a.yaml': 'version: 1\nlists: { p: { file: p.txt } }\n',
        'p.txt': '# partners\nlab.example\n  lab example # x\n',
      },
      'p.txt:3:3: `lab example` is not an address, a domain or `*.domain`',
    ],
  ])('is refused with %s', async (_name, files, expected) => {
    expect((await load(files)).problems).toEqual([expected]);
  });

  it('is refused when it is not there', async () => {
    const result = await loadPolicies(join(root, 'nowhere'));
    expect(result).toMatchObject({ ok: false, problems: [{ line: 1, column: 1 }] });
  });
});

describe('the hash of a policy', () => {
  const hash = async (files: Record<string, string>) => (await load(files)).policy?.hash;
  const base = { 'a.yaml': RULE('x', 'when: always\n    demand: { require: tls, tls: encrypted }') };

  it('does not change with comments, layout and tests', async () => {
    const other = `# comment\nrules: [{ demand: { tls: encrypted, require: tls }, when: always, id: x }]\nversion: 1\n`;
    expect(await hash({ 'a.yaml': other, 'a.test.yaml': 'x' })).toBe(await hash(base));
  });

  it('changes with the content, the name of a file, and the content of a list file', async () => {
    const list = { 'b.yaml': 'version: 1\nlists: { p: { file: p.txt } }\n' };
    const hashes = await Promise.all([
      hash(base),
      hash({ 'a.yaml': base['a.yaml'].replace('encrypted', 'verified') }),
      hash({ 'b.yaml': base['a.yaml'] }),
      hash({ ...base, ...list }),
      hash({ ...base, ...list, 'p.txt': '' }),
      hash({ ...base, ...list, 'p.txt': 'lab.example' }),
    ]);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('a file that is no UTF-8', () => {
  const latin = (text: string) => Buffer.from(text, 'latin1');

  it('is refused where its first such byte stands: its words would fit no mail', async () => {
    const policy = RULE('a', 'when: { subject: résultat }\n    demand: { require: sealed }');
    const { problems } = await load({ 'a.yaml': latin(policy) });
    expect(problems).toEqual(['a.yaml:4:23: a byte here is no UTF-8 text: save the file as UTF-8']);
    const wide = await load({ 'a.yaml': Buffer.from(`\ufeff${policy}`, 'utf16le') });
    expect(wide.problems).toEqual(['a.yaml:1:1: a byte here is no UTF-8 text: save the file as UTF-8']);
    expect((await load({ 'a.yaml': policy })).problems).toEqual([]);
    expect((await load({ 'a.yaml': `\ufeff${policy}` })).problems).toEqual([]);
  });

  it('is refused as a list, too', async () => {
    const { problems } = await load({
      'a.yaml': `${RULE('a', 'when: { recipient: { list: p } }\n    demand: { require: sealed }')}lists: { p: { file: p.txt } }\n`,
      'p.txt': latin('jo@lab.example\njürgen@lab.example\n'),
    });
    expect(problems).toEqual(['p.txt:2:2: a byte here is no UTF-8 text: save the file as UTF-8']);
  });
});

describe('a list that cannot be read', () => {
  const files = {
    'a.yaml': `version: 1
lists: { p: { file: p.txt } }
rules:
  - id: partners
    when: { recipient: { list: p } }
    demand: { require: tls, disposition: reject, reject_text: No. }
  - id: others
    when: { recipient: external }
    unless: [{ when: { recipient: { list: p } }, owner: J. Roe, expires: 2030-01-01 }]
    demand: { require: sealed }
`,
  };

  it('is a warning, makes its rule match with a hold, and excepts nobody', async () => {
    const { policy, warnings } = await load(files);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^a\.yaml:2:21: the list `p` cannot be read/);
    const decision = decide(
      policy!,
      messageFacts(statedInspection({ sender: 's@clinic.example', identity: 'x' }), {
        sender: 's@clinic.example',
        identity: 'x',
        receivedAt: NOW,
      }),
      recipientFacts('sam@lab.example', ['clinic.example'], statedAvailability(['plain', 'tls', 'portal'])),
    );
    expect(decision.demand).toEqual({
      methods: ['pgp', 'smime', 'portal'],
      tls: 'verified',
      portal: 'code',
      disposition: 'hold',
      keys: { sources: ['imported', 'ldap', 'wkd'], revocation: 'required' },
    });
    expect(decision.holdReason).toBe('rule partners could not be decided (list p)');
    expect(decision.rules.map((one) => [one.rule, one.outcome])).toEqual([
      ['others', 'true'],
      ['partners', 'unknown'],
    ]);
  });
});

describe('a list file without entries', () => {
  it('names attachments that are called like an ending', async () => {
    const { warnings } = await load({
      'a.yaml': RULE(
        'a',
        "when: { any: [{ attachment: { name: [.xls, '*.csv', env, '.x?'] } }, { not: { attachment: { name: .xls } } }] }\n    demand: { require: sealed }",
      ),
    });
    expect(warnings).toEqual([
      'a.yaml:3:9: rule `a` names attachments that are called `.xls` as a whole; those that end so are `*.xls`',
    ]);
  });

  it('is a warning: a rule that asks for it would never match again', async () => {
    const policy = `version: 1\nlists: { p: { file: p.txt }, q: [] }\nrules: []\n`;
    const expected = ['a.yaml:2:21: the list `p` holds no entries: nobody is in it'];
    for (const text of ['', '# nobody yet\n\n'])
      expect((await load({ 'a.yaml': policy, 'p.txt': text })).warnings).toEqual(expected);
    expect((await load({ 'a.yaml': policy, 'p.txt': 'lab.example\n' })).warnings).toEqual([]);
  });
});

describe('check warns', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'of rules that can meet so that nothing is allowed',
      `version: 1
rules:
  - { id: a, when: always, demand: { require: [portal] } }
  - { id: b, when: { recipient: external }, demand: { require: [smime, pgp] } }
`,
      [
        'a.yaml:3:11: rules `a` (require portal) and `b` (require smime or pgp) can meet, and then no method is allowed: the message is held',
      ],
    ],
    [
      'of three that have nothing in common although any two have',
      `version: 1
rules:
  - { id: a, when: always, demand: { require: [portal, pgp] } }
  - { id: b, when: always, demand: { require: [smime, pgp] } }
  - { id: c, when: always, demand: { require: [portal, smime] } }
`,
      [
        'a.yaml:3:11: rules `a` (require portal or pgp), `b` (require smime or pgp) and `c` (require portal or smime) can meet, and then no method is allowed: the message is held',
      ],
    ],
    [
      'not of rules that never meet',
      `version: 1
rules:
  - { id: a, when: { recipient: internal, size: { over: 1KB } }, demand: { require: [portal] } }
  - { id: b, when: { recipient: external }, demand: { require: [smime, pgp] } }
`,
      [],
    ],
    [
      'of exceptions that have expired',
      `version: 1
rules:
  - id: a
    when: always
    unless:
      - { when: { recipient: lab.example }, owner: J. Roe, expires: 2026-11-01 }
      - { when: { recipient: lab.example }, owner: J. Roe, expires: 2026-11-02 }
    demand: { require: tls }
`,
      [
        'a.yaml:3:9: the exception of rule `a` (owner: J. Roe) expired after 2026-11-01 and does not apply; renew or remove it',
      ],
    ],
    [
      'of rules that say what a method must reach and require none',
      `version: 1
default: { portal: account }
rules:
  - { id: a, when: { recipient: lab.example }, demand: { tls: encrypted } }
  - { id: b, when: { recipient: lab.example }, demand: { portal: account, require: tls, tls: verified } }
`,
      [
        'a.yaml:4:11: rule `a` says only what a method must reach (tls at least encrypted), and no `require`: where no other rule has one, mail leaves as plain',
      ],
    ],
    [
      'of rules that mask what identifies patients where nothing protects mail about them',
      `version: 1
rules:
  - { id: a, when: { recipient: external }, demand: { redact: [us-ssn] } }
  - { id: b, when: { findings: { classification: phi } }, demand: { redact: [payment-card] } }
  - { id: c, when: { recipient: external }, demand: { redact: [payment-card] } }
  - { id: d, when: { recipient: external }, demand: { redact: [mrn], require: tls } , unless: [{ when: { recipient: lab.example }, owner: J. Roe, expires: 2030-01-01 }] }
  - { id: e, when: { findings: { classification: phi, confidence: high } }, demand: { require: tls } }
  - { id: f, when: { not: { findings: { classification: phi } } }, demand: { redact: [iban] } }
`,
      [
        ['a', 3],
        ['b', 4],
      ].map(
        ([id, line]) =>
          `a.yaml:${line}:11: rule \`${id}\` masks findings, and no rule protects mail that is \`phi\`: what makes it that is often no finding (a name on no list, words about somebody's health) and stays readable; add \`require\` for \`findings: { classification: phi }\``,
      ),
    ],
    [
      'of none of these where another rule does',
      `version: 1
rules:
  - { id: a, when: { findings: { classification: phi } }, demand: { redact: [us-ssn] } }
  - id: b
    when: { recipient: external, findings: { classification: [phi, pii] } }
    demand: { require: tls }
`,
      [],
    ],
    [
      'of exceptions for which an unread part is as good as one in which nothing is',
      `version: 1
rules:
  - id: a
    when: { recipient: external }
    unless:
      - { when: { not: { findings: { classification: phi } } }, owner: J. Roe, expires: 2030-01-01 }
      - when: { not: { any: [{ findings: { classification: phi } }, { part_status: unread }] } }
        owner: A. Poe
        expires: 2030-01-01
      - { when: { findings: { classification: pci } }, owner: B. Loe, expires: 2030-01-01 }
    demand: { require: tls }
`,
      [
        'a.yaml:3:9: an exception of rule `a` (owner: J. Roe) holds where nothing is found, also in what could not be read; add `not: { part_status: unread }`',
      ],
    ],
    [
      'of methods that are not preferred, and of nothing that the portal can ask',
      `version: 1
prefer: [tls, portal]
rules:
  - { id: a, when: always, demand: { require: sealed, portal: account } }
  - { id: b, when: always, demand: { require: [smime] } }
`,
      [
        'a.yaml:5:11: rule `b` allows only methods that `prefer` leaves out: where it matches, the message is held',
      ],
    ],
  ])('%s', async (_name, text, expected) => {
    const { warnings, problems } = await load({ 'a.yaml': text });
    expect(problems).toEqual([]);
    expect(warnings).toEqual(expected);
  });
});
