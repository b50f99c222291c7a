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

describe('street-address', () => {
  it.each([
    ['14 Elm Street, Boston MA 02115', [['14 Elm Street, Boston MA 02115', 'high']]],
    ['22B N. Oak Ave., Apt 3, Portland, OR 97201', [['22B N. Oak Ave., Apt 3, Portland, OR 97201', 'high']]],
    ['500 5th Avenue, New York NY', [['500 5th Avenue, New York NY', 'medium']]],
    ['lives at 12 Pine Road', [['12 Pine Road', 'high']]],
    ['14 Elm Street', [['14 Elm Street', 'low']]],
    ['visit us at our clinic, 14 Elm Street, Boston MA 02115', [['14 Elm Street, Boston MA 02115', 'low']]],
    ['14 days on Elm Street', []],
    ['we have 3 Good Ways', []],
    ['figure 4.14 Main Street', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('street-address', text)).toEqual(expected);
  });
});
