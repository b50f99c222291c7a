import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decideWithKeys } from '../../../src/decide/decide-with-keys.js';
import { messageFacts } from '../../../src/decide/facts.js';
import { loadPolicies } from '../../../src/decide/load-policies.js';
import { statedAvailability } from '../../../src/decide/policy-test-facts.js';
import type { ExistingProtection } from '../../../src/model/inspection.js';
import { omittedInspection } from '../../../src/model/unread-inspection.js';

/* Policies of a relay that looks into no mail (`inspect.enabled: false`). */

const dir = mkdtempSync(join(tmpdir(), 'sallyport-not-read-'));
const file = join(dir, 'a.yaml');
afterAll(() => rmSync(dir, { recursive: true }));

const load = (text: string) => {
  writeFileSync(file, `version: 1\n${text}\n`);
  return loadPolicies(dir, { detectors: ['mrn', 'us-ssn'], contentNotRead: true });
};
const rule = (when: string, demand = '{ require: tls }') =>
  `rules:\n  - id: r\n    when: ${when}\n    demand: ${demand}`;

describe('a policy that needs the content of mail is refused at its place', () => {
  const DETECTOR =
    'detectors:\n  - { name: ward, description: Beds., class: identifier, pattern: W-1, tests: { finds: [W-1], ignores: [W] } }';

  it.each([
    ['findings', rule('{ findings: { detector: mrn } }')],
    ['findings', rule('{ not: { findings: { classification: phi } } }')],
    ['part_status', rule('{ any: [{ recipient: external }, { part_status: unread }] }')],
    ['subject', rule('{ subject: "[secure]" }')],
    ['header', rule('{ header: { name: Sensitivity, exists: true } }')],
    ['attachment', rule("{ attachment: { name: '*.zip' } }")],
    ['ambiguity', rule('{ ambiguity: material }')],
    ['redact', rule('always', '{ redact: [us-ssn] }')],
    ['canonicalise', rule('always', '{ canonicalise: true }')],
    ['redact', 'default: { redact: [us-ssn] }'],
    ['subject', `${rule('always')}\n    unless: [{ when: { subject: x }, owner: me, expires: 2999-01-01 }]`],
    ['name', DETECTOR],
  ])('%s in %s', async (key, text) => {
    const loaded = await load(text);
    const lines = `version: 1\n${text}`.split('\n');
    const line = lines.findIndex((one) => one.includes(`${key}: `));
    const column = (lines[line] ?? '').indexOf(`${key}: `) + key.length + 2;
    expect(loaded.ok ? [] : loaded.problems).toEqual([
      {
        file,
        line: line + 1,
        column: column + 1,
        message: expect.stringContaining('`inspect.enabled: false`'),
      },
    ]);
  });

  it('envelope, client, size and time are enough', async () => {
    const loaded = await load(
      [
        'lists: { partners: [lab.example] }',
        'default: { require: any }',
        rule(
          "{ all: [{ sender: clinic.example, recipient: { list: partners } }, { identity: ehr, size: { over: 1MB } }, { not: { time: { zone: UTC, hours: '08:00-18:00' } } }] }",
          '{ require: sealed, disposition: hold, hold_reason: late }',
        ),
      ].join('\n'),
    );
    expect(loaded).toMatchObject({ ok: true });
  });
});

describe('the sender’s own protection of a message that nobody looked into', () => {
  const decided = async (demand: string, protection?: ExistingProtection) => {
    const loaded = await load(rule('{ recipient: external }', demand));
    if (!loaded.ok) throw new Error('refused');
    let asked = 0;
    const facts = messageFacts(omittedInspection(100), {
      sender: 's@clinic.example',
      identity: 'x',
      receivedAt: 1,
    });
    const decision = await decideWithKeys(loaded.policy, facts, 'r@lab.example', {
      organisationDomains: ['clinic.example'],
      availability: statedAvailability(['plain', 'tls', 'portal']),
      findKeys: async () => ({
        openpgp: { usable: [], refused: [] },
        x509: { usable: [], refused: [] },
      }),
      enforcement: 'enforce',
      protectionOf: async () => {
        asked++;
        return protection;
      },
    });
    return { decision, asked };
  };
  const ENCRYPTED: ExistingProtection = { kind: 'pgp-mime', encrypted: true, signed: false };

  it('is nobody’s business where nothing is sealed', async () => {
    const { decision, asked } = await decided('{ require: any }', ENCRYPTED);
    expect([asked, decision.order, decision.contentNotRead]).toEqual([0, ['plain'], true]);
  });

  it('keeps it from being wrapped twice', async () => {
    const { decision, asked } = await decided('{ require: tls }', ENCRYPTED);
    expect([asked, decision.alreadyEncrypted]).toEqual([1, true]);
    expect(decision.order).toEqual(['tls', 'portal']);
  });

  it('is none where it can’t be told, and IDs that could hold a name are hidden', async () => {
    const { decision, asked } = await decided('{ require: sealed }');
    expect([asked, decision.alreadyEncrypted, decision.hideMessageIds]).toEqual([1, undefined, true]);
    expect(decision.contentNotRead).toBe(true);
  });
});
