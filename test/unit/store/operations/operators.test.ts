import { describe, expect, it } from 'vitest';
import type { Operator } from '../../../../src/model/operator.js';
import { applyChange } from '../../../../src/store/operations/apply-change.js';
import { approvals, operator, operators, putOperator } from '../../../../src/store/operations/operators.js';
import { message, recipients, undecided } from '../../../../src/store/operations/queue-reads.js';
import { beginInspection, insertMessage } from '../../../../src/store/operations/queue-writes.js';
import type { RelayDb } from '../../../../src/store/relay-db.js';
import { decision, newMessage, recipient, temporaryDb } from '../fixtures.js';

const RITA: Operator = {
  name: 'rita',
  roles: ['reviewer'],
  tokenHash: '$argon2id$made-up',
  sealedTotp: Uint8Array.of(1, 2, 3),
  totpStep: 7,
  failures: 2,
  lockedUntil: 1000,
  disabled: false,
  createdAt: 1,
  changedAt: 2,
};

describe('operators', () => {
  it('come back as they were put, and are replaced only as they are known', () => {
    const db = temporaryDb();
    expect(putOperator(db, { operator: RITA, expected: undefined })).toBe(true);
    expect(operator(db, 'rita')).toEqual(RITA);
    expect(putOperator(db, { operator: RITA, expected: undefined })).toBe(false);
    const { sealedTotp: _, lockedUntil: __, ...plain } = RITA;
    const next: Operator = { ...plain, roles: ['reviewer', 'auditor'], disabled: true };
    expect(putOperator(db, { operator: next, expected: { ...RITA, totpStep: 6 } })).toBe(false);
    expect(putOperator(db, { operator: next, expected: RITA })).toBe(true);
    expect(operators(db, null)).toEqual([next]);
    expect(operator(db, 'rob')).toBeUndefined();
  });
});

/** A message whose two recipients are held. */
function held(): RelayDb {
  const db = temporaryDb();
  const addresses = ['ada@hospital.example', 'bob@lab.example'];
  insertMessage(db, newMessage('m1', addresses.map(recipient)));
  beginInspection(db, 'm1');
  applyChange(db, {
    recipients: addresses.map((address, index) => ({
      key: { messageId: 'm1', index },
      from: ['received'],
      set: { state: 'held', decision: decision(address), expiresAt: 5000 },
    })),
    decided: { messageId: 'm1', subjectShowable: true },
  });
  return db;
}

const by = (name: string, index = 0) =>
  ({ messageId: 'm1', index, operator: name, method: 'tls', at: 10 }) as const;

describe('approvals', () => {
  it('are one for each recipient, the newest', () => {
    const db = held();
    applyChange(db, { approve: [by('rita'), by('rita', 1)] });
    applyChange(db, { approve: [by('rob')] });
    expect(approvals(db, 'm1').map((one) => [one.index, one.operator])).toEqual([
      [0, 'rob'],
      [1, 'rita'],
    ]);
    expect(approvals(db, null)).toHaveLength(2);
    expect(approvals(db, 'm2')).toEqual([]);
  });

  it.each([
    ['moves on', { state: 'pending', method: 'tls', nextAttemptAt: 1 } as const],
    ['is decided anew', { decision: decision('ada@hospital.example') }],
    ['ends', { state: 'ended' } as const],
  ])('are void when the recipient %s, and only its own', (_, set) => {
    const db = held();
    applyChange(db, { approve: [by('rita'), by('rita', 1)] });
    applyChange(db, { recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['held'], set }] });
    expect(approvals(db, 'm1').map((one) => one.index)).toEqual([1]);
  });

  it('stay when nothing of the recipient changes, and are none of what is not held', () => {
    const db = held();
    const key = { messageId: 'm1', index: 0 };
    applyChange(db, { recipients: [{ key, from: ['held'], set: {} }], approve: [by('rita')] });
    expect(approvals(db, 'm1')).toHaveLength(1);
    applyChange(db, { recipients: [{ key, from: ['held'], set: { state: 'ended' } }] });
    expect(() => applyChange(db, { approve: [by('rita')] })).toThrow('only what is held');
  });
});

describe('approvals of an operator', () => {
  const NEXT: Operator = { ...RITA, changedAt: 3 };
  it.each<[string, Operator]>([
    ['who is disabled', { ...NEXT, disabled: true }],
    ['whose roles change', { ...NEXT, roles: ['auditor'] }],
    ['with a new token', { ...NEXT, tokenHash: '$argon2id$another' }],
    ['with a new second factor', { ...NEXT, sealedTotp: Uint8Array.of(4) }],
    ['who is disabled within the same millisecond', { ...RITA, disabled: true }],
  ])('%s are void in the same commit, nobody else’s, and don’t come back', (_, next) => {
    const db = held();
    putOperator(db, { operator: RITA, expected: undefined });
    applyChange(db, { approve: [by('rita'), by('rob', 1)] });
    // Nothing of it: a wrong code, and one that was used.
    const tried: Operator = { ...RITA, failures: 3, totpStep: 8 };
    putOperator(db, { operator: tried, expected: RITA });
    expect(approvals(db, 'm1')).toHaveLength(2);
    expect(putOperator(db, { operator: next, expected: tried })).toBe(true);
    expect(approvals(db, 'm1').map((one) => one.operator)).toEqual(['rob']);
    putOperator(db, { operator: { ...RITA, changedAt: 4 }, expected: next });
    expect(approvals(db, 'm1').map((one) => one.operator)).toEqual(['rob']);
  });

  it('stay when their secret is sealed with another master key', () => {
    const db = held();
    putOperator(db, { operator: RITA, expected: undefined });
    applyChange(db, { approve: [by('rita')] });
    db.run('UPDATE operators SET sealed_totp = ? WHERE name = ?', Uint8Array.of(9), 'rita');
    expect(approvals(db, 'm1')).toHaveLength(1);
  });
});

describe('what is held', () => {
  it('is received again with its message, to be judged as if it were new', () => {
    const db = held();
    applyChange(db, { approve: [by('rita')] });
    applyChange(db, {
      onlyIfAllApply: true,
      recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['held'], set: { state: 'received' } }],
      decideAgain: { messageId: 'm1' },
    });
    expect(message(db, 'm1')).toMatchObject({
      state: 'received',
      inspectAttempts: 0,
      subjectShowable: false,
    });
    expect(undecided(db, 10)).toMatchObject([{ id: 'm1' }]);
    expect(approvals(db, 'm1')).toEqual([]);
    expect(recipients(db, 'm1').map((one) => [one.state, one.expiresAt])).toEqual([
      ['received', 5000],
      ['held', 5000],
    ]);
  });

  it('alone can be: not what is on its way, and no message without such a recipient', () => {
    const db = held();
    const key = { messageId: 'm1', index: 0 };
    applyChange(db, {
      recipients: [{ key, from: ['held'], set: { state: 'pending', method: 'tls', nextAttemptAt: 1 } }],
    });
    expect(() =>
      applyChange(db, { recipients: [{ key, from: ['pending'], set: { state: 'received' } }] }),
    ).toThrow('not received again');
    expect(() => applyChange(db, { decideAgain: { messageId: 'm1' } })).toThrow('not received again');
  });
});
