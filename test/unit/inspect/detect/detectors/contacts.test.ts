import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

describe('phone', () => {
  it.each([
    ['Phone: (212) 555-0147', [['(212) 555-0147', 'high']]],
    ['call 212.555.0147 today', [['212.555.0147', 'high']]],
    ['1-212-555-0147', [['1-212-555-0147', 'medium']]],
    ['mobile +44 20 7946 0018', [['+44 20 7946 0018', 'medium']]],
    ['phone 2125550147', [['2125550147', 'high']]],
    ['Call 1-800-555-0147', [['1-800-555-0147', 'low']]],
    ['2125550147 rows were read', []],
    ['order 212-555-0147', []],
    ['ISBN 978-212-555-0147', []],
    ['212-555-01478', []],
    ['112-555-0147 units', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('phone', text)).toEqual(expected);
  });
});

describe('email-address', () => {
  it.each([
    ['write to jane.roe@mail.example.', [['jane.roe@mail.example', 'medium']]],
    ['<jane+x@mail.example>', [['jane+x@mail.example', 'medium']]],
    ['jobs@mail.example', [['jobs@mail.example', 'low']]],
    ['jane@localhost', []],
    ['@mail.example', []],
    ['jane.roe at mail.example', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('email-address', text)).toEqual(expected);
  });
});
