import fc from 'fast-check';
import type { MessageFacts, RecipientFacts } from '../../../src/decide/facts.js';
import { join, NO_DEMAND } from '../../../src/decide/lattice.js';
import type { Condition, Exception, PolicySet, Rule } from '../../../src/decide/policy-set.js';
import type { MethodAvailability } from '../../../src/model/availability.js';
import { type Demand, REVOCATION_DEMANDS, type RewriteDemand } from '../../../src/model/decision.js';
import {
  CLASSIFICATIONS,
  CONFIDENCES,
  type Inspection,
  PART_STATUSES,
} from '../../../src/model/inspection.js';
import { KEY_SOURCES, type KeyFacts } from '../../../src/model/key.js';
import {
  DISPOSITIONS,
  METHODS,
  PORTAL_STRENGTHS,
  SEALED_METHODS,
  TLS_LEVELS,
} from '../../../src/model/method.js';
import { addressMatcher } from '../../../src/shared/address-list.js';

/* Arbitrary demands, policies, facts and availability, as far apart as their types allow. */

export const NOW = Date.parse('2026-11-02T10:00:00Z');

/** Only upward-closed sets can be written: any, tls, sealed, or a list within sealed. */
const methodSet = fc.oneof(
  fc.constant([...METHODS]),
  fc.constant(METHODS.filter((one) => one !== 'plain')),
  fc.subarray([...SEALED_METHODS], { minLength: 1 }),
);

const rewriteDemand: fc.Arbitrary<RewriteDemand | undefined> = fc.option(
  fc
    .tuple(fc.boolean(), fc.subarray(['mrn', 'us-ssn', 'payment-card']))
    .filter(([rebuild, redact]) => rebuild || redact.length > 0)
    .map(([rebuild, redact]) => ({
      ...(rebuild && { canonicalise: true as const }),
      ...(redact.length > 0 && { redact: [...redact].sort() }),
    })),
  { nil: undefined },
);

export const demand: fc.Arbitrary<Demand> = fc
  .record({
    methods: methodSet,
    tls: fc.constantFrom(...TLS_LEVELS),
    portal: fc.constantFrom(...PORTAL_STRENGTHS),
    keys: fc.record({
      sources: fc.subarray([...KEY_SOURCES]),
      revocation: fc.constantFrom(...REVOCATION_DEMANDS),
    }),
    rewrite: rewriteDemand,
    twoPersons: fc.boolean(),
    disposition: fc.oneof(
      { weight: 4, arbitrary: fc.constant('send' as const) },
      { weight: 1, arbitrary: fc.constantFrom(...DISPOSITIONS) },
    ),
  })
  .map(({ rewrite, twoPersons, ...one }) =>
    join(
      { ...one, ...(rewrite && { rewrite }), ...(twoPersons && { release: 'two-person' as const }) },
      NO_DEMAND,
    ),
  );

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc.constant<Condition>({ kind: 'always' }),
  fc.constantFrom('internal' as const, 'external' as const).map(
    (scope): Condition => ({
      kind: 'recipient',
      party: { scopes: [scope], matcher: addressMatcher([]), lists: [] },
    }),
  ),
  // A list whose file could not be read: unknown.
  fc.constant<Condition>({
    kind: 'recipient',
    party: { scopes: [], matcher: addressMatcher([]), lists: [{ name: 'lost', matcher: undefined }] },
  }),
  fc.constantFrom(...CLASSIFICATIONS).map(
    (one): Condition => ({
      kind: 'findings',
      classifications: [one],
      confidence: 'low',
      atLeast: 1,
    }),
  ),
  fc.record({ detector: fc.constantFrom('us-ssn', 'mrn'), atLeast: fc.integer({ min: 1, max: 4 }) }).map(
    ({ detector, atLeast }): Condition => ({
      kind: 'findings',
      detectors: [detector],
      confidence: 'medium',
      atLeast,
    }),
  ),
  fc.constantFrom(...PART_STATUSES).map((one): Condition => ({ kind: 'part-status', statuses: [one] })),
  fc.constantFrom('[secure]', '[portal]').map(
    (one): Condition => ({
      kind: 'subject',
      text: { contains: [one] },
    }),
  ),
);

const condition: fc.Arbitrary<Condition> = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    fc
      .tuple(
        fc.constantFrom('all' as const, 'any' as const),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      )
      .map(([kind, of]): Condition => ({ kind, of })),
    tie('tree').map((of): Condition => ({ kind: 'not', of })),
  ),
})).tree;

const exception: fc.Arbitrary<Exception> = fc
  .record({ when: condition, days: fc.integer({ min: -400, max: 400 }) })
  .map(({ when, days }) => {
    const until = NOW + days * 86_400_000;
    return { when, owner: 'J. Roe', expires: new Date(until - 1).toISOString().slice(0, 10), until };
  });

export const rule: fc.Arbitrary<Omit<Rule, 'id'>> = fc
  .record({
    when: condition,
    unless: fc.array(exception, { maxLength: 2 }),
    demand,
    tags: fc.subarray(['a', 'b', 'c']),
  })
  .map((one) => ({
    ...one,
    at: 'rules.yaml:1',
    demands: [],
    notices: [],
    legacyDisplay: false,
    ...(one.demand.disposition === 'reject' && { rejectText: 'No.' }),
  }));

/** Rules with the ids `r0`, `r1`, … */
const rules: fc.Arbitrary<readonly Rule[]> = fc
  .array(rule, { maxLength: 6 })
  .map((all) => all.map((one, i) => ({ ...one, id: `r${i}` })));

export const prefer = fc
  .shuffledSubarray(['smime', 'pgp', 'tls', 'portal'] as const, { minLength: 1 })
  .map((one) => [...one]);

export const policySet: fc.Arbitrary<PolicySet> = fc.record({ prefer, rules }).map((one) => ({
  ...one,
  preferByDomain: new Map(),
  detectors: [],
  keySources: ['imported'] as const,
  keySourcesByDomain: new Map(),
  hash: 'f00d',
}));

const keyFacts: fc.Arbitrary<KeyFacts> = fc.record({
  fingerprint: fc.constantFrom('AA', 'BB', 'CC'),
  source: fc.constantFrom(...KEY_SOURCES),
  algorithm: fc.constant('X25519'),
  revocation: fc.constantFrom('good' as const, 'vouched' as const, 'undetermined' as const),
});

export const availability: fc.Arbitrary<MethodAvailability> = fc
  .tuple(fc.subarray([...METHODS]), fc.array(keyFacts, { minLength: 1, maxLength: 3 }))
  .map(([present, keys]) => {
    const of = (method: (typeof METHODS)[number]) =>
      present.includes(method)
        ? { available: true as const, note: 'can', ...(['pgp', 'smime'].includes(method) && { keys }) }
        : { available: false as const, reason: 'cannot' };
    return { plain: of('plain'), tls: of('tls'), pgp: of('pgp'), smime: of('smime'), portal: of('portal') };
  });

const inspection: fc.Arbitrary<Inspection> = fc
  .record({
    statuses: fc.array(fc.constantFrom(...PART_STATUSES), { maxLength: 3 }),
    findings: fc.array(
      fc.record({ detector: fc.constantFrom('us-ssn', 'mrn'), distinct: fc.integer({ min: 1, max: 5 }) }),
      { maxLength: 2 },
    ),
    classifications: fc.subarray([...CLASSIFICATIONS]),
    subject: fc.constantFrom('', 'lunch', '[SECURE] x', '[portal]'),
    failure: fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constantFrom('timed-out' as const, 'crashed' as const) },
    ),
  })
  .map(({ statuses, findings, classifications, subject, failure }) => ({
    parts: statuses.map((status, i) => ({
      path: String(i + 1),
      mediaType: 'text/plain',
      disposition: 'none' as const,
      status,
      size: 10,
    })),
    ambiguities: [],
    findings: findings.map(({ detector, distinct }) => ({
      detector,
      class: 'identifier' as const,
      confidence: 'high' as const,
      count: distinct,
      distinct: { low: distinct, medium: distinct, high: distinct },
      masked: [],
      fingerprints: [],
      where: ['1'],
    })),
    classifications: classifications.map((classification) => ({
      classification,
      confidence: CONFIDENCES[2],
      detectors: [],
    })),
    headers: [],
    subject,
    size: 100,
    ...(failure !== undefined && { failure }),
  }));

export const message: fc.Arbitrary<MessageFacts> = inspection.map((one) => ({
  identity: 'clinic',
  sender: 'ward3@clinic.example',
  receivedAt: NOW,
  inspection: one,
}));

export const recipient: fc.Arbitrary<RecipientFacts> = fc
  .record({ internal: fc.boolean(), availability })
  .map((one) => ({ address: 'sam@lab.example', domain: 'lab.example', ...one }));
