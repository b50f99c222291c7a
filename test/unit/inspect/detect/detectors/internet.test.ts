import { describe, expect, it } from 'vitest';
import { seen } from '../seen.js';

describe('ip-address', () => {
  it.each([
    ['portal login from IP 198.51.100.135', [['198.51.100.135', 'medium']]],
    ['client address 198.51.100.192.', [['198.51.100.192', 'medium']]],
    ['login from 2001:db8:85a3::8a2e:370:7334', [['2001:db8:85a3::8a2e:370:7334', 'medium']]],
    ['my ip: ::ffff:192.0.2.1', [['::ffff:192.0.2.1', 'medium']]],
    ['Visit [2001:db8::1]:443', [['2001:db8::1', 'medium']]],
    ['2001:db8:0:1:1:1:1:1 is down', [['2001:db8:0:1:1:1:1:1', 'medium']]],
    ['subnet 10.209.243.0/24', [['10.209.243.0', 'low']]],
    ['gateway 192.168.0.1', [['192.168.0.1', 'low']]],
    ['Received: from mx.example (198.51.100.7)', [['198.51.100.7', 'low']]],
    ['section 4.1.2.3', []],
    ['version 10.20.30.40', []],
    ['clause 1.2.3.4.5', []],
    ['192.168.1.256', []],
    ['12:34:56', []],
    ['std::cout << a', []],
    ['std::cout << fe80::1', [['fe80::1', 'low']]],
    ['a MAC, 00:1A:2B:3C:4D:5E', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('ip-address', text)).toEqual(expected);
  });
});

describe('url', () => {
  it.each([
    [
      'see https://portal.example.org/patient/4297877/results.',
      [['https://portal.example.org/patient/4297877/results', 'medium']],
    ],
    ['https://ehr.example/view?mrn=A-1234 now', [['https://ehr.example/view?mrn=A-1234', 'medium']]],
    ['(https://www.example.org/vaccines)', [['https://www.example.org/vaccines', 'low']]],
    ['https://shop.example/cases/12345', [['https://shop.example/cases/12345', 'low']]],
    ['https://news.example/u?subscriber=abc123', [['https://news.example/u?subscriber=abc123', 'low']]],
    ['www.example.org/patients', [['www.example.org/patients', 'low']]],
    ['<a href="http://example.org/a?b=c">', [['http://example.org/a?b=c', 'low']]],
    ['http://localhost', []],
    ['std::string://x', []],
    ['jane@www.example', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('url', text)).toEqual(expected);
  });
});
