import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runDetectorTests } from '../../../src/decide/detector-tests.js';
import { loadPolicies } from '../../../src/decide/load-policies.js';
import { DETECTORS } from '../../../src/inspect/detect/registry.js';
import { watchProcessor } from '../../support/processor-time.js';

const root = mkdtempSync(join(tmpdir(), 'sallyport-detectors-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

async function load(files: Readonly<Record<string, string | Uint8Array>>) {
  const dir = join(root, String(count++));
  mkdirSync(dir);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const result = await loadPolicies(dir, { detectors: DETECTORS.map((one) => one.name) });
  const lines = (list: readonly { file: string; line: number; column: number; message: string }[]) =>
    list.map((one) => `${one.file}:${one.line}:${one.column}: ${one.message}`.replaceAll(`${dir}/`, ''));
  return result.ok
    ? { ...result, problems: [], warnings: lines(result.warnings) }
    : { policy: undefined, detectorTests: [], problems: lines(result.problems), warnings: [] };
}

/** A policy file with one definition; the keys given begin at line 6. */
const DEFINITION = (...keys: string[]) => `version: 1
detectors:
  - name: clinic-study
    description: Participants of our studies
    class: identifier
${keys.map((key) => `    ${key}\n`).join('')}`;
const PATTERN = (pattern: string) => DEFINITION(`pattern: '${pattern}'`);
const REPEATS =
  'can repeat without end, which takes quadratic time; give each repeat an upper bound, such as {0,20} for * and {1,20} for +';
const WHOLE_TEXT =
  '^, $, \\A and \\z mean the whole text of a part here; for a line write (?m) in front, for a word (?-u:\\b)';

describe('a definition is refused at its place', () => {
  it.each<[string, string, string]>([
    [
      'look-around',
      PATTERN('(?=STU)[0-9]{6}'),
      'cannot be used: look-around, including look-ahead and look-behind, is not supported; put what must stand around it into `context`, or match it and name what counts: (?<value>…) (at character 1)',
    ],
    [
      'a look-behind',
      PATTERN('STU-(?<!x)[0-9]{6}'),
      'cannot be used: look-around, including look-ahead and look-behind, is not supported; put what must stand around it into `context`, or match it and name what counts: (?<value>…) (at character 5)',
    ],
    [
      'a back-reference',
      PATTERN('(STU)-\\1'),
      'cannot be used: backreferences are not supported; write out what may be repeated, or use a `validator` (at character 7)',
    ],
    ['a repeat without end', PATTERN('STU[*]-[0-9]+'), `cannot be used: ${REPEATS} (at character 13)`],
    ['a least count only', PATTERN('STU-[0-9]{6,}'), `cannot be used: ${REPEATS} (at character 10)`],
    ['a starred group', PATTERN('STU(?:-[0-9]{2})*'), `cannot be used: ${REPEATS} (at character 17)`],
    [
      'a letter with a mark',
      PATTERN('(?i)numéro [0-9]{6}'),
      'cannot be used: has the character é; patterns see ASCII only, so write e (at character 8)',
    ],
    [
      'another script',
      PATTERN('номер [0-9]{6}'),
      'cannot be used: has the character н; patterns see ASCII only, and words of other scripts belong into a `dictionary` (at character 1)',
    ],
    [
      'a class of another script',
      PATTERN('\\p{Greek}{3}[0-9]{6}'),
      'cannot be used: can match no ASCII character at some place; patterns see letters without their marks, and words of other scripts belong into a `dictionary`',
    ],
    ['the beginning of a text', PATTERN('^STU-[0-9]{6}'), `cannot be used: ${WHOLE_TEXT} (at character 1)`],
    ['the end of a text', PATTERN('STU-[0-9]{6}\\z'), `cannot be used: ${WHOLE_TEXT} (at character 13)`],
    [
      'matches that are too short',
      PATTERN('[0-9]{1,6}'),
      'cannot be used: can match fewer than 3 characters; let it match more of what it means',
    ],
    [
      'matches that are too long',
      PATTERN('STU(?s:.){3,500}'),
      'cannot be used: can match 503 characters, but only 448 are surely found whole; lower its repeats',
    ],
    [
      'an atomic group',
      PATTERN('(?>STU)-[0-9]{6}'),
      'cannot be used: unrecognized flag; flags are i, m, s and x; there are no atomic groups, conditions, recursion or comments (at character 3)',
    ],
    [
      'an escape of another dialect',
      PATTERN('STU-[0-9]{6}\\Z'),
      'cannot be used: unrecognized escape sequence; escapes are those of Rust’s regular expressions, such as \\d, \\s, \\w, \\. and (?-u:\\b) (at character 13)',
    ],
    ['an unclosed group', PATTERN('STU-([0-9]{6}'), 'cannot be used: unclosed group (at character 5)'],
    [
      'the value twice',
      PATTERN('(?<value>STU[0-9])|(?<value>ABC)'),
      'cannot be used: duplicate capture group name (at character 4)',
    ],
    [
      'a pattern the engine has no room for',
      PATTERN('(?:\\w{100}){100}abc'),
      'cannot be used: Compiled regex exceeds size limit of 10485760 bytes; lower its repeats, and write [0-9] for \\d and [A-Za-z0-9_] for \\w',
    ],
  ])('for a pattern with %s', async (_what, file, message) => {
    expect((await load({ 'a.yaml': file })).problems).toEqual([
      `a.yaml:6:14: detectors.0.pattern: ${message}`,
    ]);
  });

  const GOOD = 'pattern: STU-[0-9]{6}';

  it.each<[string, string, string]>([
    [
      'a later pattern',
      DEFINITION("pattern: ['STU-[0-9]{6}', 'x*']"),
      `6:31: detectors.0.pattern.1: cannot be used: ${REPEATS} (at character 2)`,
    ],
    [
      'nothing to find',
      DEFINITION('context: [study]'),
      '3:11: detectors.0.name: detector `clinic-study` finds nothing: give it a `pattern` or a `dictionary`',
    ],
    [
      'a validator that there isn’t',
      DEFINITION(GOOD, 'validator: lunh'),
      '7:16: detectors.0.validator: no validator is named `lunh`, did you mean `luhn`?',
    ],
    [
      'a validator without a pattern',
      DEFINITION('dictionary: [Heron]', 'validator: luhn'),
      '7:16: detectors.0.validator: `validator` goes with `pattern`; entries of a dictionary are taken as they are',
    ],
    [
      'a class that there isn’t',
      DEFINITION(GOOD).replace('class: identifier', 'class: identifer'),
      '5:12: detectors.0.class: must be one of identifier, health, financial, credential, did you mean `identifier`?',
    ],
    [
      'a category that there isn’t',
      DEFINITION(GOOD, 'safe_harbor: R'),
      '7:18: detectors.0.safe_harbor: must be one of A-names, B-geographic, C-dates, D-telephone, E-fax, F-email, G-ssn, H-medical-record, I-health-plan, J-account, K-certificate-licence, L-vehicle, M-device, N-url, O-ip, P-biometric, Q-photograph, R-other',
    ],
    [
      'health words that identify somebody',
      DEFINITION('dictionary: [Heron]', 'identifies: person').replace('class: identifier', 'class: health'),
      '7:17: detectors.0.identifies: `identifies` goes with `class: identifier` or `financial`',
    ],
    [
      'care of nobody',
      DEFINITION(GOOD, 'shows_health: true'),
      '7:19: detectors.0.shows_health: `shows_health` needs `identifies`: a number that shows whose care it is',
    ],
    [
      'one confidence beside a context',
      DEFINITION(GOOD, 'context: study', 'confidence: high'),
      '8:17: detectors.0.confidence: with `context` it is two: { alone: …, with_context: … }; otherwise the context says nothing',
    ],
    [
      'two confidences without a context',
      DEFINITION(GOOD, 'confidence: { alone: low }'),
      '7:17: detectors.0.confidence: `alone` and `with_context` go with `context`',
    ],
    [
      'a context that speaks against it',
      DEFINITION(GOOD, 'context: study', 'confidence: { alone: high, with_context: medium }'),
      '8:17: detectors.0.confidence: `with_context` must be higher than `alone`',
    ],
    [
      'a context of one letter',
      DEFINITION(GOOD, 'context: [study, "#a"]'),
      '7:22: detectors.0.context.1: this entry needs two letters or digits at least',
    ],
    [
      'a suppressing sentence',
      DEFINITION(GOOD, 'suppress: a b c d e f g h i j k l m'),
      '7:15: detectors.0.suppress: this entry has more than 12 words',
    ],
    ['a window too wide', DEFINITION(GOOD, 'within: 501'), '7:13: detectors.0.within: must be at most 500'],
    [
      'empty tests',
      DEFINITION(GOOD, 'tests: {}'),
      '7:12: detectors.0.tests: tests nothing: give `finds` or `ignores`',
    ],
    [
      'an unknown key',
      DEFINITION(GOOD, 'supress: x'),
      '7:5: detectors.0: unknown key `supress`, did you mean `suppress`?',
    ],
    [
      'an unknown key of a test',
      DEFINITION(GOOD, 'tests: { finds: [{ txt: x }] }'),
      '7:22: detectors.0.tests.finds.0.text: `text` is missing|7:24: detectors.0.tests.finds.0: unknown key `txt`, did you mean `text`?',
    ],
    [
      'a name with capitals',
      DEFINITION(GOOD).replace('clinic-study', 'Clinic'),
      '3:11: detectors.0.name: must be a short name of a-z, 0-9 and - that begins with a letter',
    ],
    [
      'the name of a shipped one',
      DEFINITION(GOOD).replace('clinic-study', 'mrn'),
      '3:11: detectors.0.name: `mrn` is a name of Sallyport’s own; put a word of yours in front, such as `clinic-mrn`',
    ],
    [
      'the name of a classification',
      DEFINITION(GOOD).replace('clinic-study', 'phi'),
      '3:11: detectors.0.name: `phi` is a name of Sallyport’s own; put a word of yours in front, such as `clinic-phi`',
    ],
    [
      'the name of roster findings',
      DEFINITION(GOOD).replace('clinic-study', 'roster'),
      '3:11: detectors.0.name: `roster` is a name of Sallyport’s own; put a word of yours in front, such as `clinic-roster`',
    ],
    [
      'an empty dictionary',
      DEFINITION('dictionary: []'),
      '6:17: detectors.0.dictionary: must hold at least one entry',
    ],
    [
      'an entry without blanks between words',
      DEFINITION('dictionary: [Heron, 患者番号]'),
      '6:25: detectors.0.dictionary.1: this entry is in a script that puts no blanks between words, and only whole words are found',
    ],
    [
      'an entry of rare letters',
      DEFINITION('dictionary: [Heron, "\\U00010480\\U00010481"]'),
      '6:25: detectors.0.dictionary.1: this entry has letters beyond U+FFFF, which are not looked for',
    ],
    [
      'an entry that is endless',
      DEFINITION(`dictionary: [${'x'.repeat(201)}]`),
      '6:18: detectors.0.dictionary.0: this entry is longer than 200 characters',
    ],
    [
      'a dictionary elsewhere',
      DEFINITION('dictionary: { file: ../names.txt }'),
      '6:25: detectors.0.dictionary.file: must be the name of a file beside this one',
    ],
    [
      'a dictionary that is not there',
      DEFINITION('dictionary: { file: names.txt }'),
      "6:25: detectors.0.dictionary.file: `names.txt` cannot be used: ENOENT: no such file or directory, stat 'names.txt'",
    ],
  ])('for %s', async (_what, file, expected) => {
    expect((await load({ 'a.yaml': file })).problems).toEqual(
      expected.split('|').map((line) => `a.yaml:${line}`),
    );
  });

  it.each<[string, string | Uint8Array, string[]]>([
    [
      'no entries',
      '# none\n\n',
      ['a.yaml:6:25: detectors.0.dictionary.file: `n.txt` cannot be used: it holds no entries'],
    ],
    [
      'another encoding',
      Buffer.from('H\xe9ron\n', 'latin1'),
      ['a.yaml:6:25: detectors.0.dictionary.file: `n.txt` cannot be used: it is not UTF-8 text'],
    ],
    [
      'wrong entries',
      'Heron\n  - # x\nКит 1\n?',
      [
        'n.txt:2:3: this entry needs two letters or digits at least',
        'n.txt:4:1: this entry needs two letters or digits at least',
      ],
    ],
    [
      'many wrong entries',
      '-\n'.repeat(1000),
      [
        ...Array.from(
          { length: 20 },
          (_, i) => `n.txt:${i + 1}:1: this entry needs two letters or digits at least`,
        ),
        'n.txt:21:1: more entries are wrong from here on',
      ],
    ],
  ])('for a dictionary file with %s', async (_what, text, expected) => {
    const files = { 'a.yaml': DEFINITION('dictionary: { file: n.txt }'), 'n.txt': text };
    expect((await load(files)).problems).toEqual(expected);
  });

  it('for a name in two files', async () => {
    const files = { 'a.yaml': DEFINITION(GOOD), 'b.yaml': DEFINITION(GOOD) };
    expect((await load(files)).problems).toEqual([
      'b.yaml:3:11: detectors.0.name: the detector `clinic-study` may be defined once; it is already at a.yaml:3',
    ]);
  });

  it('for patterns that are too large together', async () => {
    const patterns = Array.from({ length: 2 }, (_, i) => `'${i}ab\\w{250}x'`).join(', ');
    const { problems } = await load({ 'a.yaml': DEFINITION(`pattern: [${patterns}]`) });
    expect(problems).toEqual([
      expect.stringMatching(
        /^a\.yaml:2:1: the patterns of all detectors together cannot be compiled \(.*\); lower their repeats, and write \[0-9\] for \\d/,
      ),
    ]);
  });
});

const RULE = 'rules: [{ id: a, when: { findings: { detector: clinic-study } }, demand: { require: tls } }]\n';
const TESTS = "tests: { finds: ['STU-123456'] }";

describe('a definition', () => {
  it('makes a name that the conditions of every file can use', async () => {
    const files = { 'b.yaml': DEFINITION('pattern: STU-[0-9]{6}', TESTS), 'a.yaml': `version: 1\n${RULE}` };
    const { policy, warnings } = await load(files);
    expect(warnings).toEqual([]);
    expect(policy?.detectors).toEqual([
      {
        name: 'clinic-study',
        class: 'identifier',
        description: 'Participants of our studies',
        showsHealth: false,
        patterns: ['STU-[0-9]{6}'],
        dictionary: '',
        context: [],
        suppress: [],
        window: 80,
        confidence: { alone: 'medium', withContext: 'medium' },
        mask: 'all',
      },
    ]);
    const misspelt = { ...files, 'a.yaml': `version: 1\n${RULE.replace('clinic-study', 'clinic-studi')}` };
    expect((await load(misspelt)).problems).toEqual([
      'a.yaml:2:48: rules.0.when.findings.detector: no detector is named `clinic-studi`, did you mean `clinic-study`?',
    ]);
  });

  it('has a dictionary of a file, folded, each entry once; comments are none', async () => {
    const { policy } = await load({
      'a.yaml': DEFINITION('dictionary: { file: n.txt }', TESTS, 'context: Straße').concat(RULE),
      'n.txt': '\ufeff# projects\r\nBlue Héron  # the first\r\n\r\nblue-heron\r\nC#\u00a0Łódź\r\n',
    });
    expect(policy?.detectors[0]).toMatchObject({
      dictionary: 'blue heron\nc lodz\n',
      context: ['strase', 'strasse'],
      confidence: { alone: 'low', withContext: 'high' },
    });
  });

  it('hides the length of a credential, unless told otherwise', async () => {
    const mask = async (...keys: string[]) =>
      (
        await load({
          'a.yaml': DEFINITION('pattern: tok_[0-9]{6}', ...keys).replace('identifier', 'credential'),
        })
      ).policy?.detectors[0]?.mask;
    expect(await mask()).toBe('hidden');
    expect(await mask('mask: all')).toBe('all');
  });

  it('is warned of without tests, and where no rule looks at what it finds', async () => {
    const { warnings } = await load({ 'a.yaml': DEFINITION('pattern: STU-[0-9]{6}') });
    expect(warnings).toEqual([
      'a.yaml:3:11: detector `clinic-study` has no `tests`: give it texts that it finds and texts that it ignores',
      'a.yaml:3:11: no rule looks at what detector `clinic-study` finds',
    ]);
  });

  it.each<[string, string, string, boolean]>([
    ['its name', '', '{ detector: [mrn, clinic-study] }', true],
    ['its class', '', '{ class: identifier }', true],
    ['another class', '', '{ class: health }', false],
    ['a classification in which it counts', 'identifies: person', '{ classification: pii }', true],
    ['a classification in which it doesn’t', 'identifies: date', '{ classification: pii }', false],
    ['phi, as a name', 'identifies: name', '{ classification: phi }', true],
    ['phi, without saying whom it identifies', '', '{ classification: phi }', false],
    ['phi, as a provider’s number', 'identifies: professional', '{ classification: phi }', false],
  ])('is looked at by a rule for %s', async (_what, key, findings, isUsed) => {
    const rule = `rules: [{ id: a, when: { not: { any: [{ findings: ${findings} }] } }, demand: { require: tls } }]\n`;
    const keys = ['pattern: STU-[0-9]{6}', TESTS, ...(key === '' ? [] : [key])];
    const { warnings } = await load({ 'a.yaml': DEFINITION(...keys).concat(rule) });
    expect(warnings).toHaveLength(isUsed ? 0 : 1);
  });

  it('counts in the hash of the policy with its dictionary file, and without its tests', async () => {
    const hash = async (definition: string, names = 'Heron\n') =>
      (await load({ 'a.yaml': definition, 'n.txt': names })).policy?.hash;
    const base = DEFINITION('dictionary: { file: n.txt }');
    const hashes = [
      await hash(base),
      await hash(base, 'Heron\nKestrel\n'),
      await hash(base.replace('Participants', 'People')),
      await hash(base.concat('    within: 81\n')),
    ];
    expect(hashes).not.toContain(undefined);
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(await hash(base.concat("    tests: { finds: ['the Heron'] }\n"), '# ours\n\nHeron\n')).toBe(
      hashes[0],
    );
  });

  it('loads a dictionary of a hundred thousand phrases within five seconds', async () => {
    const names = Array.from(
      { length: 100_000 },
      (_, i) => `Project ${i.toString(36)} ${(i * 7919) % 99_991}`,
    );
    const files = {
      'a.yaml': DEFINITION('dictionary: { file: n.txt }', TESTS).concat(RULE),
      'n.txt': names.join('\n'),
    };
    const work = watchProcessor();
    const { policy } = await load(files);
    work.expectBelow(5_000);
    expect(policy?.detectors[0]?.dictionary.length).toBeGreaterThan(1_500_000);
  });
});

describe('the tests of a definition', () => {
  it('say what came of each text, at its place and without it', async () => {
    const { policy, detectorTests } = await load({
      'a.yaml': DEFINITION(
        'pattern: STU-[0-9]{6}',
        'context: study',
        'tests:',
        '  finds:',
        '    - STU-123456',
        "    - { text: 'study STU‑１２３４５６', confidence: high }",
        '    - { text: STU-123456, confidence: high }',
        '    - STU-12345',
        '  ignores:',
        '    - STU-12345',
        '    - STU-123456',
      ),
    });
    const results = runDetectorTests(policy?.detectors ?? [], detectorTests);
    expect(
      results.map(({ test, passed, outcome }) => [passed, `${test.line}:${test.column} ${outcome}`]),
    ).toEqual([
      [true, '10:11 finds something of low confidence'],
      [true, '11:11 finds something of high confidence'],
      [false, '12:11 finds something of low confidence, but should find something of high'],
      [false, '13:11 finds nothing, but should find something'],
      [true, '15:11 finds nothing'],
      [false, '16:11 finds something of low confidence, but should ignore this'],
    ]);
  });
});
