import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

// Put together here, so that no scanner takes this file for a leak.
const made = (prefix: string, length: number) => prefix + 'Ab1'.repeat(length).slice(0, length);

describe('private-key', () => {
  it('needs more than a mention of the header', () => {
    const header = '-----BEGIN RSA PRIVATE KEY-----';
    expect(seen('private-key', `${header}\nMIIEmadeUpmadeUpmadeUp\n`)[0]?.[1]).toBe('high');
    expect(seen('private-key', `It begins with ${header}\nand so on`)[0]?.[1]).toBe('low');
    expect(seen('private-key', '-----BEGIN PUBLIC KEY-----\nMIIEmadeUpmadeUp')).toEqual([]);
  });
});

describe('cloud-key', () => {
  it.each([
    ['AWS', `AKIA${'MADEUPKEYMADEUPK'}`],
    ['GitHub', made('ghp_', 36)],
    ['Slack', made('xoxb-', 30)],
    ['Stripe', made('sk_live_', 24)],
    ['Google', made('AIza', 35)],
  ])('sees a key of %s', (_name, key) => {
    expect(seen('cloud-key', `the key is ${key} now`)).toEqual([[key, 'high']]);
  });

  it.each(['AKIAIN', 'ghp_short', 'xoxo and hugs', 'asks-for-a-thing-that-is-very-long-but-no-key-at-all'])(
    'does not see %j',
    (text) => {
      expect(seen('cloud-key', text)).toEqual([]);
    },
  );
});

describe('password-line', () => {
  it.each([
    ['Password: Tr0ub4dor!', [['Tr0ub4dor!', 'medium']]],
    ['pwd=made1up2', [['made1up2', 'medium']]],
    ['password is sesamestreet', [['sesamestreet', 'low']]],
    ['Password: ********', []],
    ['Password: <your password>', []],
    ['password is required', []],
    ['the password expired', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('password-line', text)).toEqual(expected);
  });
});
