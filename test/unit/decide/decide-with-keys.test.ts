import { describe, expect, it } from 'vitest';
import { methodsAfterRelease } from '../../../src/decide/choose-method.js';
import { decide } from '../../../src/decide/decide.js';
import { decideWithKeys } from '../../../src/decide/decide-with-keys.js';
import { messageFacts, recipientFacts } from '../../../src/decide/facts.js';
import { keyAvailability } from '../../../src/decide/key-availability.js';
import { NO_DEMAND } from '../../../src/decide/lattice.js';
import type { PolicySet, Rule } from '../../../src/decide/policy-set.js';
import { statedAvailability, statedInspection } from '../../../src/decide/policy-test-facts.js';
import type { KeyFinder, KindFound } from '../../../src/keys/types.js';
import type { Demand } from '../../../src/model/decision.js';
import type { ExistingProtection } from '../../../src/model/inspection.js';
import type { KeyFacts, KeySource } from '../../../src/model/key.js';
import { METHODS } from '../../../src/model/method.js';
import { unreadInspection } from '../../../src/model/unread-inspection.js';

const NOW = Date.parse('2026-11-02T10:00:00Z');
const TLS: Demand = { ...NO_DEMAND, methods: METHODS.filter((one) => one !== 'plain'), tls: 'verified' };

function policyOf(demand: Demand, over: Partial<PolicySet> = {}): PolicySet {
  const rule: Rule = {
    id: 'r',
    at: 'a.yaml:1',
    when: { kind: 'always' },
    unless: [],
    demand,
    demands: [],
    tags: [],
    legacyDisplay: false,
    notices: [],
  };
  return {
    prefer: ['smime', 'pgp', 'tls', 'portal'],
    preferByDomain: new Map(),
    detectors: [],
    keySources: ['imported', 'wkd'],
    keySourcesByDomain: new Map(),
    rules: [rule],
    hash: 'h',
    ...over,
  };
}

const key = (fingerprint: string, over: Partial<KeyFacts> = {}): KeyFacts => ({
  fingerprint,
  source: 'imported',
  algorithm: 'X25519',
  revocation: 'good',
  ...over,
});

function found(...keys: KeyFacts[]): KindFound {
  return {
    usable: keys.map((facts) => ({
      facts,
      sealing: {
        kind: 'openpgp' as const,
        fingerprint: facts.fingerprint,
        material: new Uint8Array(),
        encryptionKey: facts.fingerprint,
        seipd: 1 as const,
      },
    })),
    refused: keys.length > 0 ? [] : [{ source: 'imported', reason: 'no key is stored' }],
  };
}

async function decideTo(
  policy: PolicySet,
  keys: { readonly pgp?: KindFound; readonly smime?: KindFound },
  options: { readonly protection?: ExistingProtection; readonly wrapEncrypted?: boolean } = {},
) {
  const asked: { kinds: readonly string[]; sources: readonly KeySource[] }[] = [];
  const findKeys: KeyFinder['find'] = async (_address, wanted) => {
    asked.push(wanted);
    return { openpgp: keys.pgp ?? found(), x509: keys.smime ?? found() };
  };
  const envelope = { sender: 's@clinic.example', identity: 'x', receivedAt: NOW };
  const inspection = {
    ...statedInspection({ ...envelope }),
    ...(options.protection && { protection: options.protection }),
  };
  const decision = await decideWithKeys(policy, messageFacts(inspection, envelope), 'sam@lab.example', {
    organisationDomains: ['clinic.example'],
    availability: statedAvailability(['plain', 'tls', 'portal']),
    findKeys,
    enforcement: 'enforce',
    ...(options.wrapEncrypted !== undefined && { wrapEncrypted: options.wrapEncrypted }),
  });
  return { decision, asked };
}

const considered = (decision: Awaited<ReturnType<typeof decideTo>>['decision'], method: string) =>
  decision.considered.find((one) => one.method === method);

describe('keys are looked for', () => {
  it('only where a rule asks for protection that a key could give', async () => {
    const nobody = await decideTo(policyOf(NO_DEMAND), { pgp: found(key('AA')) });
    expect([nobody.decision.order, nobody.asked]).toEqual([['plain'], []]);
    const portalOnly = await decideTo(policyOf({ ...TLS, methods: ['portal'] }), {});
    expect([portalOnly.decision.order, portalOnly.asked]).toEqual([['portal'], []]);
    const rejected = await decideTo(policyOf({ ...TLS, disposition: 'reject' }), {});
    expect(rejected.asked).toEqual([]);
    const noPgp = await decideTo(policyOf(TLS, { prefer: ['smime', 'tls'] }), {});
    expect(noPgp.asked).toEqual([{ kinds: ['x509'], sources: ['imported', 'wkd'] }]);
  });

  it('in the sources of the recipient domain', async () => {
    const policy = policyOf(TLS, { keySourcesByDomain: new Map([['lab.example', ['ldap'] as const]]) });
    expect((await decideTo(policy, {})).asked[0]?.sources).toEqual(['ldap']);
  });
});

describe('a recipient', () => {
  it('with keys gets the first method preferred, and the explanation names key and source', async () => {
    const { decision } = await decideTo(policyOf(TLS), { pgp: found(key('AA', { source: 'wkd' })) });
    expect(decision.order).toEqual(['pgp', 'tls', 'portal']);
    expect(considered(decision, 'pgp')).toMatchObject({
      verdict: 'chosen',
      key: key('AA', { source: 'wkd' }),
    });
    expect(considered(decision, 'smime')).toEqual({
      method: 'smime',
      verdict: 'refused',
      reason: 'no usable key (imported: no key is stored)',
      refusedKeys: [{ source: 'imported', reason: 'no key is stored' }],
    });
  });

  it('gets the first key that the rules accept, not the first there is', async () => {
    const demand: Demand = { ...TLS, keys: { sources: ['imported'], revocation: 'required' } };
    const keys = found(key('AA', { source: 'wkd' }), key('BB', { revocation: 'undetermined' }), key('CC'));
    const { decision } = await decideTo(policyOf(demand), { pgp: keys });
    expect(considered(decision, 'pgp')?.key?.fingerprint).toBe('CC');
  });

  it.each([
    [{ source: 'wkd' }, 'key AA: it came from wkd, and the rules accept imported'],
    [
      { revocation: 'undetermined' },
      'key AA: whether it was revoked could not be found out, and the rules demand it',
    ],
  ] as const)(
    'whose only key %j does not suffice goes by nothing weaker than a key gives',
    async (over, reason) => {
      const demand: Demand = { ...TLS, keys: { sources: ['imported'], revocation: 'required' } };
      const { decision } = await decideTo(policyOf(demand), { smime: found(key('AA', over)) });
      expect(decision.order).toEqual(['portal']);
      expect(considered(decision, 'smime')?.reason).toBe(reason);
    },
  );
});

describe('a message that its sender encrypted', () => {
  const protection: ExistingProtection = { kind: 'pgp-mime', encrypted: true, signed: false };

  it('is not wrapped again, and nobody looks for keys', async () => {
    const { decision, asked } = await decideTo(policyOf(TLS), { pgp: found(key('AA')) }, { protection });
    expect([decision.order, asked, decision.alreadyEncrypted]).toEqual([['tls', 'portal'], [], true]);
    expect(considered(decision, 'pgp')?.reason).toBe(
      'the sender has encrypted the message already, and it is not wrapped again',
    );
  });

  it('is wrapped where the configuration says so', async () => {
    const keys = { pgp: found(key('AA')) };
    const { decision } = await decideTo(policyOf(TLS), keys, { protection, wrapEncrypted: true });
    expect([decision.order[0], decision.alreadyEncrypted]).toEqual(['pgp', undefined]);
  });

  it('is sealed all the same when it was only signed', async () => {
    const signed = { ...protection, encrypted: false, signed: true };
    const { decision } = await decideTo(policyOf(TLS), { pgp: found(key('AA')) }, { protection: signed });
    expect(decision.order[0]).toBe('pgp');
  });
});

describe('a person who releases', () => {
  const weak = found(key('AA', { revocation: 'undetermined' }));
  const strict: Demand = {
    ...TLS,
    disposition: 'hold',
    keys: { sources: ['imported'], revocation: 'required' },
  };

  it('gets nothing weaker than a key that falls short, unless they name it', async () => {
    const { decision } = await decideTo(policyOf(strict, { prefer: ['smime', 'tls'] }), { smime: weak });
    const availability = {
      ...statedAvailability(['plain', 'tls']),
      smime: keyAvailability(weak),
    };
    expect(methodsAfterRelease(decision, availability)).toEqual([]);
    expect(methodsAfterRelease(decision, availability, { named: true })).toEqual(['tls']);
  });

  it('never gets a method that `prefer` leaves out', async () => {
    const { decision } = await decideTo(policyOf({ ...TLS, disposition: 'hold' }, { prefer: ['tls'] }), {});
    const availability = {
      ...statedAvailability(['plain', 'tls', 'portal']),
      smime: keyAvailability(found(key('AA'))),
    };
    expect(methodsAfterRelease(decision, availability, { named: true })).toEqual(['tls']);
  });
});

describe('the IDs of a message', () => {
  const parts = (count: number) => Array.from({ length: count }, (_, i) => String(i + 1));

  it.each([
    ['mrn', 'H-medical-record', 'header:message-id', true],
    ['mrn', 'H-medical-record', 'header:references', true],
    ['mrn', 'H-medical-record', 'header:resent-message-id', true],
    ['health-term', undefined, 'header:in-reply-to', true],
    ['mrn', 'H-medical-record', 'header:subject', false],
    ['mrn', 'H-medical-record', parts(19), false],
    // No more places are named.
    ['mrn', 'H-medical-record', parts(20), true],
    // Every ID looks like one.
    ['email', 'F-email', 'header:message-id', false],
  ] as const)('%s (%s) in %s: hidden outside %s', (detector, safeHarbor, where, hidden) => {
    const envelope = { sender: 's@clinic.example', identity: 'x', receivedAt: NOW };
    const inspection = statedInspection({
      ...envelope,
      findings: [{ detector, class: 'identifier', confidence: 'high', distinct: 1 }],
    });
    const findings = inspection.findings.map((one) => ({
      ...one,
      where: typeof where === 'string' ? [where] : where,
      ...(safeHarbor !== undefined && { safeHarbor }),
    }));
    const to = recipientFacts('sam@lab.example', ['clinic.example'], statedAvailability(['tls']));
    const decision = decide(policyOf(TLS), messageFacts({ ...inspection, findings }, envelope), to);
    expect(decision.hideMessageIds === true).toBe(hidden);
  });

  it('stay inside where the inspection died or was late: nobody looked at them', () => {
    const envelope = { sender: 's@clinic.example', identity: 'x', receivedAt: NOW };
    const to = recipientFacts('sam@lab.example', ['clinic.example'], statedAvailability(['tls']));
    for (const failure of ['crashed', 'timed-out'] as const) {
      const facts = messageFacts(unreadInspection(failure, 10), envelope);
      expect(decide(policyOf(TLS), facts, to).hideMessageIds).toBe(true);
      expect(decide(policyOf(NO_DEMAND), facts, to).hideMessageIds).toBeUndefined();
    }
  });
});
