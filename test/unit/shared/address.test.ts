import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalDomain, parseAddress } from '../../../src/shared/address.js';

describe('parseAddress', () => {
  it.each([
    ['a@b.example', 'a@b.example'],
    ['Mixed.Case+tag@B.Example', 'Mixed.Case+tag@b.example'],
    ["o'neil=x&y@b.example", "o'neil=x&y@b.example"],
    ['a@bücher.example', 'a@xn--bcher-kva.example'],
    ['a@XN--BCHER-KVA.example', 'a@xn--bcher-kva.example'],
    ['a@straße.example', 'a@xn--strae-oqa.example'],
    ['jörg@b.example', 'jörg@b.example'],
    [`${'a'.repeat(64)}@b.example`, `${'a'.repeat(64)}@b.example`],
  ])('takes %s', (text, address) => {
    const result = parseAddress(text);
    expect(result.ok && result.mailbox.address).toBe(address);
  });

  it.each([
    '',
    '@',
    'a',
    'a@',
    '@b.example',
    'a@b',
    'a@@b.example',
    'a@b@c.example',
    '.a@b.example',
    'a.@b.example',
    'a..b@b.example',
    'a b@b.example',
    'a;b@b.example',
    'a,b@b.example',
    'a(c)@b.example',
    '"a"@b.example',
    'a\\b@b.example',
    'a:b@b.example',
    'a<b@b.example',
    'a@b.example>',
    'a@b.example\r\nRCPT TO:<c@d.example>',
    'a\0@b.example',
    'a\u200bb@b.example',
    'a\u202eb@b.example',
    'a@b.example.',
    'a@.b.example',
    'a@b..example',
    'a@-b.example',
    'a@b-.example',
    'a@b_c.example',
    'a@b.123',
    'a@127.0.0.1',
    'a@0x7f.1',
    'a@[127.0.0.1]',
    'a@b.example:25',
    'a@b%2eexample.example',
    'a@ｂ.example',
    'a@b。example',
    'a@so\u00adft.example',
    'a@xn--a.example',
    'a@xn--ab-.example',
    'a@bu\u0308cher.example',
    'jo\u0308rg@b.example',
    '\ud800@b.example',
    `${'a'.repeat(65)}@b.example`,
    `a@${'b'.repeat(64)}.example`,
    `${'a'.repeat(64)}@${'b.'.repeat(95)}example`,
  ])('refuses %j', (text) => {
    expect(parseAddress(text).ok).toBe(false);
  });

  const pieces = fc.constantFrom(
    'a',
    'B',
    'é',
    '用',
    '0',
    '-',
    '.',
    '@',
    '+',
    'xn--',
    'bücher',
    'example',
    'xn--bcher-kva',
    '。',
    '\u00ad',
    'ß',
    ' ',
    '\r\n',
    '<',
    '>',
    '"',
    '(',
    ';',
    ',',
    ':',
    '\\',
    '\0',
    '\u200b',
    '\u0308',
    '％',
  );
  const texts = fc.oneof(
    fc.array(pieces, { maxLength: 8 }).map((list) => list.join('')),
    fc
      .tuple(fc.array(pieces, { maxLength: 4 }), fc.array(pieces, { maxLength: 4 }))
      .map(([local, domain]) => `${local.join('')}@${domain.join('')}.example`),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `${text}@b.example`),
    fc.emailAddress(),
  );

  it('has a canonical form that stays as it is, and never holds what could break a command or a header', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const result = parseAddress(text);
        if (!result.ok) return;
        const { address, local, domain, needsSmtpUtf8 } = result.mailbox;
        expect(parseAddress(address)).toEqual(result);
        expect(address).toBe(`${local}@${domain}`);
        expect(text.startsWith(`${local}@`)).toBe(true);
        expect(canonicalDomain(domain)).toBe(domain);
        expect(domain).toMatch(/^[a-z0-9.-]+$/);
        expect(address).not.toMatch(/[\x00-\x20\x7f<>()[\]\\,;:"\u0080-\u009f\u2028\u2029]/);
        expect(Buffer.byteLength(address)).toBeLessThanOrEqual(254);
        expect(needsSmtpUtf8).toBe(/[^\x00-\x7f]/.test(local));
      }),
      { numRuns: 200 },
    );
  });
});
