import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decide } from '../../../src/decide/decide.js';
import { type MessageFacts, messageFacts, recipientFacts } from '../../../src/decide/facts.js';
import { loadPolicies } from '../../../src/decide/load-policies.js';
import { statedAvailability } from '../../../src/decide/policy-test-facts.js';
import { readStructure } from '../../../src/inspect/structure.js';
import type { Inspection } from '../../../src/model/inspection.js';
import { omittedInspection } from '../../../src/model/unread-inspection.js';
import { LIMITS } from '../inspect/limits.js';

/* What conditions, as an administrator writes them, find in one message. */

const dir = mkdtempSync(join(tmpdir(), 'sallyport-conditions-'));
afterAll(() => rmSync(dir, { recursive: true }));

const INSPECTION: Inspection = {
  parts: [
    { path: '1', mediaType: 'text/plain', disposition: 'inline', status: 'read', size: 10 },
    {
      path: '2',
      mediaType: 'application/zip',
      fileName: 'Patienten (März).ZIP',
      disposition: 'attachment',
      status: 'encrypted',
      size: 10,
    },
    { path: '3', mediaType: 'image/png', disposition: 'inline', status: 'no-text', size: 10 },
  ],
  ambiguities: [{ name: 'missing-mime-version', part: '0', material: false }],
  findings: [
    {
      detector: 'us-ssn',
      class: 'identifier',
      confidence: 'high',
      count: 9,
      distinct: { low: 5, medium: 3, high: 1 },
      masked: [],
      fingerprints: [],
      where: ['1'],
    },
    {
      detector: 'mrn',
      class: 'identifier',
      confidence: 'medium',
      count: 2,
      distinct: { low: 2, medium: 2, high: 0 },
      masked: [],
      fingerprints: [],
      where: ['1'],
    },
    {
      detector: 'health-term',
      class: 'health',
      confidence: 'high',
      count: 40,
      distinct: { low: 40, medium: 40, high: 40 },
      masked: [],
      fingerprints: [],
      where: ['1'],
    },
  ],
  classifications: [
    { classification: 'phi', confidence: 'medium', detectors: ['us-ssn', 'mrn', 'health-term'] },
  ],
  headers: [
    { name: 'subject', value: 'Re: [ＳECURE] Übergabe\tvon heute' },
    { name: 'x-kind', value: 'one' },
    { name: 'x-kind', value: ' Two ' },
  ],
  subject: 'Re: [ＳECURE] Übergabe\tvon heute',
  size: 20_000,
};

// A Monday, 10:00 in London and 05:00 in New York.
const RECEIVED = Date.parse('2026-11-02T10:00:00Z');

async function evaluate(
  when: string,
  inspection: Inspection = INSPECTION,
  from: Pick<MessageFacts, 'sender' | 'authors'> = { sender: 'Ward3@clinic.example' },
) {
  writeFileSync(
    join(dir, 'a.yaml'),
    `version: 1\nlists: { partners: [lab.example, '*.trust.example', Jo@insurer.example] }\nrules:\n  - { id: r, when: ${when}, demand: { require: tls } }\n`,
  );
  const load = await loadPolicies(dir);
  if (!load.ok) throw new Error(load.problems.map((one) => one.message).join());
  const facts = messageFacts(inspection, {
    ...from,
    identity: 'ehr',
    receivedAt: RECEIVED,
  });
  const to = recipientFacts('Sam@lab.example', ['clinic.example'], statedAvailability(['plain', 'tls']));
  const [rule] = decide(load.policy, facts, to).rules;
  return { outcome: rule?.outcome ?? 'false', evidence: rule?.evidence ?? [] };
}

describe('a condition', () => {
  it.each<[string, boolean]>([
    ['always', true],
    ['{ identity: ehr }', true],
    ['{ identity: [x, y] }', false],
    ['{ sender: ward3@clinic.example }', true],
    ['{ sender: clinic.example }', true],
    ["{ sender: '*.clinic.example' }", false],
    ["{ sender: '<>' }", false],
    ['{ recipient: external }', true],
    ['{ recipient: internal }', false],
    ['{ recipient: [internal, lab.example] }', true],
    ['{ recipient: sam@LAB.example }', true],
    ["{ recipient: '*.lab.example' }", false],
    ['{ recipient: { list: partners } }', true],
    ['{ subject: "[secure]" }', true],
    ['{ subject: "[portal]" }', false],
    ['{ subject: { equals: "re: [secure] übergabe von heute" } }', true],
    ["{ subject: { pattern: '(?i)übergabe\\s' } }", true],
    ["{ subject: { pattern: 'übergabe' } }", false],
    ['{ subject: { contains: [secure, other], equals: other } }', false],
    ['{ header: { name: X-Kind, exists: true } }', true],
    ['{ header: { name: X-Kind, exists: false } }', false],
    ['{ header: { name: X-Other, exists: false } }', true],
    ['{ header: { name: X-Kind, equals: two } }', true],
    // Both tests must fit the same header field.
    ['{ header: { name: X-Kind, equals: two, contains: one } }', false],
    ['{ size: { over: 19KB, under: 20KB } }', true],
    ['{ size: { over: 25MB } }', false],
    ["{ attachment: { name: '*.zip' } }", true],
    ["{ attachment: { name: '?.zip' } }", false],
    ["{ attachment: { type: 'application/*' } }", true],
    ["{ attachment: { type: 'text/*' } }", false],
    ["{ attachment: { name: '*.zip', type: 'image/*' } }", false],
    ["{ attachment: { type: 'image/*' } }", true],
    ['{ attachment: {} }', true],
    ['{ part_status: encrypted }', true],
    ['{ part_status: unread }', true],
    ['{ part_status: [corrupt, ambiguous] }', false],
    ['{ ambiguity: any }', true],
    ['{ ambiguity: material }', false],
    ['{ ambiguity: missing-mime-version }', true],
    ['{ findings: { detector: us-ssn } }', true],
    ['{ findings: { detector: us-ssn, at_least: 6 } }', false],
    ['{ findings: { detector: us-ssn, confidence: medium, at_least: 3 } }', true],
    ['{ findings: { detector: us-ssn, confidence: medium, at_least: 4 } }', false],
    ['{ findings: { detector: [us-ssn, mrn], confidence: medium, at_least: 5 } }', true],
    ['{ findings: { detector: [us-ssn, mrn], confidence: high, at_least: 2 } }', false],
    ['{ findings: { class: identifier, at_least: 7 } }', true],
    ['{ findings: { class: financial } }', false],
    ['{ findings: { classification: phi } }', true],
    ['{ findings: { classification: phi, confidence: high } }', false],
    ['{ findings: { classification: [pci, phi] } }', true],
    // Health terms are no persons.
    ['{ findings: { classification: phi, at_least: 7 } }', true],
    ['{ findings: { classification: phi, at_least: 8 } }', false],
    ['{ time: { zone: Europe/London, days: mon, hours: 10:00-11:00 } }', true],
    ['{ time: { zone: Europe/London, hours: 08:00-10:00 } }', false],
    ['{ time: { zone: America/New_York, hours: 22:00-06:00, days: sun } }', true],
    ['{ time: { zone: America/New_York, hours: 22:00-06:00, days: mon } }', false],
    ['{ time: { zone: UTC, days: [sat, sun] } }', false],
    ['{ recipient: external, subject: "[secure]" }', true],
    ['{ recipient: external, subject: "[portal]" }', false],
    ['{ any: [{ recipient: internal }, { not: { subject: "[portal]" } }] }', true],
    ['{ all: [{ recipient: external }, { not: { subject: "[secure]" } }] }', false],
  ])('%s is %s', async (when, expected) => {
    expect((await evaluate(when)).outcome).toBe(String(expected));
  });

  it('names the facts behind it, never values', async () => {
    const { evidence } = await evaluate(
      '{ findings: { classification: phi }, part_status: unread, subject: "[secure]", attachment: { name: "*.zip" } }',
    );
    expect(evidence).toEqual(['attachment', 'encrypted', 'health-term', 'mrn', 'phi', 'subject', 'us-ssn']);
  });
});

it.each(['NFC', 'NFD'])('knows the name of an attachment in the form %s of its letters', async (form) => {
  const name = `Laborwerte März (Müller).csv`.normalize(form);
  const content = [
    'From: ward3@clinic.example',
    'MIME-Version: 1.0',
    `Content-Type: text/csv; name*=utf-8''${encodeURIComponent(name)}`,
    `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}`,
    '',
    'a;b',
    '',
  ].join('\r\n');
  const { parts } = readStructure(Buffer.from(content), LIMITS);
  const inspection = { ...INSPECTION, parts };
  for (const wanted of ['*märz*.csv', '*M\u0061\u0308rz*']) {
    const { outcome } = await evaluate(`{ attachment: { name: "${wanted}" } }`, inspection);
    expect(outcome).toBe('true');
  }
});

it.each([
  ['a soft hyphen', '\u00ad'],
  ['a space without width', '\u200b'],
  ['a byte order mark', '\ufeff'],
  ['a mark of direction', '\u202a'],
  ['a selector of a variant', '\ufe0f'],
])('reads a Subject and a header as people see them, without %s', async (_, unseen) => {
  const inspection = {
    ...INSPECTION,
    subject: `[se${unseen}cure] result`,
    headers: [{ name: 'x-kind', value: `t${unseen}wo` }],
  };
  const subject = await evaluate('{ subject: "[secure]" }', inspection);
  const header = await evaluate('{ header: { name: X-Kind, equals: two } }', inspection);
  expect([subject.outcome, header.outcome]).toEqual(['true', 'true']);
});

it.each(['\u034f', '\u200b', '\u00ad'])(
  'reads a letter whose mark stands behind a character that shows nothing as that letter (%j)',
  async (unseen) => {
    const inspection = { ...INSPECTION, subject: `Ma${unseen}\u0308rz: re${unseen}\u0301sultat` };
    const { outcome } = await evaluate('{ subject: "März: résultat" }', inspection);
    expect(outcome).toBe('true');
  },
);

it('looks at the content of a message once for all its recipients', async () => {
  const rules = [
    'subject: "[secure]"',
    'header: { name: X-Kind, equals: two }',
    'attachment: { name: "*.zip" }',
    'findings: { detector: mrn }',
    'part_status: encrypted',
    'ambiguity: any',
  ].map((when, i) => `  - { id: r${i}, when: { ${when} }, demand: { require: tls } }\n`);
  writeFileSync(join(dir, 'a.yaml'), `version: 1\nrules:\n${rules.join('')}`);
  const load = await loadPolicies(dir);
  if (!load.ok) throw new Error(load.problems.map((one) => one.message).join());
  const asked: string[] = [];
  const inspection = new Proxy(INSPECTION, {
    get: (of, key: keyof Inspection) => {
      if (!['protection', 'notRead', 'failure'].includes(key)) asked.push(key);
      return of[key];
    },
  });
  const facts = messageFacts(inspection, {
    sender: 'ward3@clinic.example',
    identity: 'ehr',
    receivedAt: RECEIVED,
  });
  const rulesOf = (address: string) => {
    const to = recipientFacts(address, ['clinic.example'], statedAvailability(['plain', 'tls']));
    return decide(load.policy, facts, to).rules;
  };
  const first = rulesOf('sam@lab.example');
  expect(first).toHaveLength(6);
  const once = asked.filter((key) => key !== 'findings').sort();
  for (let i = 0; i < 50; i++) expect(rulesOf(`to${i}@lab.example`)).toEqual(first);
  expect(asked.filter((key) => key !== 'findings').sort()).toEqual(once);
});

describe('a message whose inspection died', () => {
  const failed: Inspection = {
    parts: [],
    ambiguities: [],
    findings: [],
    classifications: [],
    headers: [],
    subject: '',
    size: 100,
    failure: 'crashed',
  };

  it.each<[string, string]>([
    ['{ findings: { classification: phi } }', 'unknown'],
    ['{ not: { findings: { classification: phi } } }', 'unknown'],
    ['{ subject: "[secure]" }', 'unknown'],
    ['{ header: { name: X-Kind, exists: false } }', 'unknown'],
    ['{ part_status: corrupt }', 'true'],
    ['{ part_status: unread }', 'true'],
    ['{ part_status: encrypted }', 'unknown'],
    ['{ recipient: external }', 'true'],
    ['{ recipient: internal, findings: { classification: phi } }', 'false'],
    ['{ any: [{ recipient: external }, { findings: { classification: phi } }] }', 'true'],
  ])('%s is %s', async (when, expected) => {
    expect((await evaluate(when, failed)).outcome).toBe(expected);
  });

  it('is told apart when it was late', async () => {
    const late: Inspection = { ...failed, failure: 'timed-out' };
    expect((await evaluate('{ part_status: timed-out }', late)).outcome).toBe('true');
    expect((await evaluate('{ findings: { class: health } }', late)).evidence).toEqual([
      'unknown: inspection timed-out',
    ]);
  });
});

describe('a condition on the sender of mail that several wrote, or nobody in the envelope', () => {
  const out = { sender: '', authors: { addresses: ['ward3@clinic.example'], unsure: false } };
  const behalf = {
    sender: 'pa@clinic.example',
    authors: { addresses: ['ward3@clinic.example'], unsure: false },
  };
  const sentOn = { sender: 'bounces+srs=x@clinic.example', authors: { addresses: [], unsure: true } };
  const ward = '{ sender: ward3@clinic.example }';
  const pa = '{ sender: pa@clinic.example }';
  const clinic = '{ sender: clinic.example }';
  const lab = '{ sender: lab.example }';
  const not = (condition: string) => `{ not: ${condition} }`;

  it.each<[string, Pick<MessageFacts, 'sender' | 'authors'>, string, string]>([
    ['its author', out, ward, 'true'],
    ['mail without an envelope sender', out, "{ sender: '<>' }", 'true'],
    ['nobody else', out, pa, 'false'],
    ['all but its author', out, not(ward), 'false'],
    ['all but somebody else', out, not(pa), 'true'],
    // Whether a rule names or excepts one of the two: it applies.
    ['whom it is sent on behalf of', behalf, ward, 'unknown'],
    ['who sent it', behalf, pa, 'unknown'],
    ['all but who sent it', behalf, not(pa), 'unknown'],
    ['all but whom it is sent on behalf of', behalf, not(ward), 'unknown'],
    ['both', behalf, clinic, 'true'],
    ['all but both', behalf, not(clinic), 'false'],
    ['neither', behalf, lab, 'false'],
    ['one whom nothing names', sentOn, ward, 'unknown'],
    ['all but one whom nothing names', sentOn, not(ward), 'unknown'],
    ['whom the envelope names', sentOn, clinic, 'true'],
  ])('finds %s', async (_, from, when, outcome) => {
    const found = await evaluate(when, INSPECTION, from);
    expect(found.outcome).toBe(outcome);
    expect(found.evidence.includes('unknown: sender')).toBe(outcome === 'unknown');
  });
});

describe('of a message that nobody looked into', () => {
  const NOT_READ: Inspection = omittedInspection(20_000);

  it.each<[string, string]>([
    ['{ sender: clinic.example }', 'true'],
    ['{ recipient: internal }', 'false'],
    ['{ size: { over: 19KB } }', 'true'],
    ['{ size: { over: 25MB } }', 'false'],
    ['{ subject: "[secure]" }', 'unknown'],
    ['{ header: { name: X-Kind, exists: false } }', 'unknown'],
    ['{ attachment: {} }', 'unknown'],
    ['{ part_status: unread }', 'unknown'],
    ['{ ambiguity: any }', 'unknown'],
    ['{ findings: { detector: mrn } }', 'unknown'],
    ['{ not: { findings: { classification: phi } } }', 'unknown'],
  ])('%s is %s, though such policies are refused', async (when, outcome) =>
    expect((await evaluate(when, NOT_READ)).outcome).toBe(outcome),
  );
});
