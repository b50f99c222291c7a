import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPolicies } from '../../../src/decide/load-policies.js';
import { readPolicyTests, runPolicyTests } from '../../../src/decide/policy-test.js';
import { statedInspection } from '../../../src/decide/policy-test-facts.js';

const dir = mkdtempSync(join(tmpdir(), 'sallyport-policy-tests-'));
afterAll(() => rmSync(dir, { recursive: true }));

const NOW = Date.parse('2026-11-02T10:00:00Z');
writeFileSync(
  join(dir, 'a.yaml'),
  `version: 1
rules:
  - id: phi
    when: { recipient: external, findings: { classification: phi } }
    demand: { require: tls }
    tags: [phi]
`,
);

async function run(text: string) {
  const file = join(dir, 'a.test.yaml');
  writeFileSync(file, text);
  const read = await readPolicyTests(file, { detectors: ['us-ssn'] });
  if (!read.ok) return read.problems.map((one) => `${one.line}:${one.column}: ${one.message}`);
  const load = await loadPolicies(dir);
  if (!load.ok) throw new Error('cannot be loaded');
  const seen: string[] = [];
  const inspect = (bytes: Uint8Array) => {
    seen.push(Buffer.from(bytes).toString());
    return statedInspection({ sender: '', identity: '', classifications: ['phi'] });
  };
  const results = await runPolicyTests(load.policy, read.tests, { inspect, now: NOW });
  return { seen, results: results.map(({ line, passed, differences }) => ({ line, passed, differences })) };
}

describe('a policy test', () => {
  it('passes, or says what was expected and what came, at the line of its recipient', async () => {
    const outcome = await run(`version: 1
tests:
  - name: patient data
    message: { classifications: [phi], findings: [{ detector: us-ssn }] }
    recipients:
      - to: sam@lab.example
        expect: { method: tls, order: [tls, portal], tls: verified, disposition: send, rules: [phi], tags: [phi] }
      - to: sam@lab.example
        expect: { method: portal, rules: [], allowed: [portal], disposition: hold }
`);
    expect(outcome).toMatchObject({
      results: [
        { line: 6, passed: true, differences: [] },
        {
          line: 8,
          passed: false,
          differences: [
            { what: 'method', expected: 'portal', actual: 'tls' },
            { what: 'disposition', expected: 'hold', actual: 'send' },
            { what: 'allowed', expected: 'portal', actual: 'pgp, portal, smime, tls' },
            { what: 'rules', expected: 'none', actual: 'phi' },
          ],
        },
      ],
    });
  });

  it('inspects a message that is written out', async () => {
    const outcome = await run(`version: 1
tests:
  - name: written out
    message: { subject: Grüße, text: "line one\\nline two\\n" }
    recipients:
      - to: sam@lab.example
        expect: { method: tls }
`);
    expect(outcome).toMatchObject({ results: [{ passed: true }] });
    const [message = ''] = 'seen' in outcome ? outcome.seen : [];
    expect(message).toContain('\r\nsubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n');
    expect(message).toContain(Buffer.from('line one\nline two\n').toString('base64'));
  });

  it.each<[string, string, string]>([
    ['wrong keys', 'mesage: {}', '4:5: tests.0: unknown key `mesage`, did you mean `message`?'],
    [
      'stated facts beside a message to inspect',
      'message: { text: hello, findings: [{ detector: us-ssn }] }',
      '4:39: tests.0.message.findings: goes without `text`, which brings its own',
    ],
    [
      'a detector that does not exist',
      'message: { findings: [{ detector: us-sn }] }',
      '4:39: tests.0.message.findings.0.detector: no detector is named `us-sn`, did you mean `us-ssn`?',
    ],
    [
      'a time that is none',
      'message: { received: yesterday }',
      '4:26: tests.0.message.received: must be a time such as 2026-11-02T10:00:00Z',
    ],
  ])('is refused for %s', async (_name, line, expected) => {
    const problems = await run(`version: 1
tests:
  - name: x
    ${line}
    recipients: [{ to: sam@lab.example, expect: { method: tls } }]
`);
    expect(problems).toEqual([expected]);
  });
});
