import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/decide/decide.js';
import { explainDecision } from '../../../src/decide/explain-text.js';
import { messageFacts, recipientFacts } from '../../../src/decide/facts.js';
import { NO_DEMAND } from '../../../src/decide/lattice.js';
import type { PolicySet, Rule } from '../../../src/decide/policy-set.js';
import { statedAvailability, statedInspection } from '../../../src/decide/policy-test-facts.js';
import type { Decision } from '../../../src/model/decision.js';
import type { Method } from '../../../src/model/method.js';

const NOW = Date.parse('2026-11-02T10:00:00Z');
const PHI: Rule = {
  id: 'phi',
  at: 'a.yaml:3',
  when: { kind: 'findings', classifications: ['phi'], confidence: 'low', atLeast: 1 },
  unless: [],
  demand: { ...NO_DEMAND, methods: ['tls', 'pgp', 'smime', 'portal'], tls: 'verified' },
  demands: ['require tls (verified)'],
  tags: ['phi'],
  legacyDisplay: false,
  notices: ['Ask the privacy officer before releasing.'],
};

function explain(...input: Parameters<typeof decisionOf>) {
  return explainDecision(decisionOf(...input));
}

function decisionOf(
  rule: Partial<Rule>,
  available: Method[],
  enforcement: 'enforce' | 'shadow' = 'enforce',
): Decision {
  const policy: PolicySet = {
    prefer: ['smime', 'tls', 'portal'],
    preferByDomain: new Map(),
    detectors: [],
    keySources: ['imported'],
    keySourcesByDomain: new Map(),
    rules: [{ ...PHI, ...rule }],
    hash: 'abc',
  };
  const inspection = statedInspection({
    sender: '',
    identity: '',
    classifications: ['phi'],
    findings: [{ detector: 'us-ssn', class: 'identifier', confidence: 'high', distinct: 1 }],
  });
  const facts = messageFacts(inspection, { sender: 's@clinic.example', identity: 'x', receivedAt: NOW });
  const to = recipientFacts('sam@lab.example', ['clinic.example'], statedAvailability(available));
  return decide(policy, facts, to, { enforcement });
}

describe('an explanation', () => {
  it('tells what happens, by which rules, and why each method is used or not', () => {
    expect(explain({}, ['plain', 'tls', 'portal'])).toBe(
      `sam@lab.example: goes by TLS (at least verified); if that is impossible, by the pickup portal
  demanded: one of tls (verified), pgp, smime, portal
  rules that matched:
    - phi (a.yaml:3): require tls (verified); because of phi, us-ssn
  methods considered:
    - plain: refused; not allowed by rule phi
    - smime: refused; not available in this test
    - tls: chosen; available in this test
    - portal: fallback; available in this test
    - pgp: refused; not in the \`prefer\` list
  notices:
    - Ask the privacy officer before releasing.
  tags: phi
  policy: abc`,
    );
  });

  it('says why a message is held when nothing can be used', () => {
    const text = explain({}, ['plain']);
    expect(text.split('\n')[0]).toBe(
      'sam@lab.example: is held for a person: no allowed method can be used for this recipient (smime: not available in this test; tls: not available in this test; portal: not available in this test; pgp: not in the `prefer` list)',
    );
  });

  it('gives the text of a rejection, the owner of an exception, and says when nothing is enforced', () => {
    const reject = explain(
      { demand: { ...PHI.demand, disposition: 'reject' }, rejectText: 'Use the portal.' },
      ['tls'],
      'shadow',
    );
    expect(reject).toContain('is rejected: Use the portal.');
    expect(reject).toContain('SHADOW MODE');
    expect(reject).toContain('tls: refused; possible, but the message is rejected');
    const excepted = explain(
      { unless: [{ when: { kind: 'always' }, owner: 'J. Roe', expires: '2030-01-01', until: NOW + 1 }] },
      ['plain'],
    );
    expect(excepted).toContain('phi (a.yaml:3): J. Roe answers for it until 2030-01-01');
    expect(excepted).toContain('goes by plain mail');
  });

  it('says what is to be rewritten before it leaves, and what came of it', () => {
    const decided = decisionOf({ demand: { ...NO_DEMAND, rewrite: { redact: ['us-ssn'] } } }, ['plain']);
    const words = (over: Partial<Decision>) => explainDecision({ ...decided, ...over });
    expect(words({})).toMatch(/^ {2}before it leaves: redact us-ssn$/m);
    expect(words({ rewritten: { copy: 'aa', places: 3 } })).toContain(
      'before it leaves: redact us-ssn; redacted 3 places: us-ssn',
    );
    expect(words({ rewritten: { copy: 'original', places: 0 } })).toContain(
      'before it leaves: redact us-ssn; nothing is redacted, because nothing of that was found: us-ssn',
    );
    expect(words({ cannotRewrite: 'it is signed' })).toContain('this is impossible: it is signed');
    expect(words({ enforcement: 'shadow' })).toContain('not done in shadow mode');
  });
});
