import { describe, expect, it } from 'vitest';
import { describeEvent } from '../../../src/audit/describe.js';
import { type AuditEvent, auditEvent } from '../../../src/audit/events.js';

const KEY = {
  kind: 'openpgp',
  address: 'ada@hospital.example',
  fingerprint: 'AAAA1111',
  source: 'wkd',
} as const;
const words = (event: AuditEvent) => describeEvent({ seq: 1, at: 0, hash: '', file: '2026-11.db', ...event });

describe('what happened to keys, in words', () => {
  it.each<[AuditEvent, string]>([
    [
      auditEvent('key.imported', { ...KEY, actor: 'grace', state: 'pending' }),
      'key imported: OpenPGP key AAAA1111 of ada@hospital.example (wkd), pending, by grace',
    ],
    [
      auditEvent('key.discovered', { ...KEY, kind: 'x509', source: 'ldap' }),
      'key discovered: certificate AAAA1111 of ada@hospital.example (ldap)',
    ],
    [
      auditEvent('key.pending', { ...KEY, activeFingerprint: 'BBBB2222' }),
      'different key found: OpenPGP key AAAA1111 of ada@hospital.example (wkd) beside BBBB2222: neither is used until a person decides',
    ],
    [
      auditEvent('key.trusted', { ...KEY, actor: 'grace', pinned: true, replacedFingerprint: 'BBBB2222' }),
      'key trusted: OpenPGP key AAAA1111 of ada@hospital.example (wkd) instead of BBBB2222, pinned, by grace',
    ],
    [
      auditEvent('key.rejected', { ...KEY, actor: 'grace' }),
      'key refused: OpenPGP key AAAA1111 of ada@hospital.example (wkd), by grace',
    ],
    [
      auditEvent('own-key.imported', { kind: 'x509', actor: 'grace', fingerprint: 'CCCC' }),
      'signing key imported: certificate CCCC of the gateway, by grace',
    ],
    [
      auditEvent('own-key.removed', {
        kind: 'openpgp',
        actor: 'grace',
        fingerprint: 'C',
        address: 'w@c.example',
      }),
      'signing key removed: OpenPGP key C of w@c.example, by grace',
    ],
    [
      auditEvent('recipient.sealed', {
        messageId: 'm1',
        recipient: 'ada@hospital.example',
        method: 'smime',
        key: { fingerprint: 'AAAA', source: 'imported', algorithm: 'RSA 3072', revocation: 'good' },
        signedBy: 'CCCC',
      }),
      'sealed: by smime with RSA 3072 key AAAA (imported, revocation good), signed by CCCC',
    ],
  ])('%#', (event, expected) => {
    expect(words(event)).toBe(expected);
  });
});
