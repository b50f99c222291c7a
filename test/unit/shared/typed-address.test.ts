import { describe, expect, it } from 'vitest';
import { typedAddress, utf8AddrXtext } from '../../../src/shared/typed-address.js';

describe('an address in a report', () => {
  it.each([
    ['a@lab.example', 'rfc822; a@lab.example'],
    ['s\u00e4m@lab.example', 'utf-8; s\\x{E4}m@lab.example'],
    ['\u533b\u5e08+x@lab.example', 'utf-8; \\x{533B}\\x{5E08}\\x{2B}x@lab.example'],
    ['\u{1f600}@lab.example', 'utf-8; \\x{1F600}@lab.example'],
  ])('%s: %s', (address, typed) => {
    expect(typedAddress(address)).toBe(typed);
  });
});

describe('an original recipient in UTF-8', () => {
  it.each([
    ['s\u00fcd@lab.example', 's\\x{FC}d@lab.example'],
    ['s\\x{FC}d@lab.example', 's\\x{FC}d@lab.example'],
    ['\u{1f600}\\x{2B}x@lab.example', '\\x{1F600}\\x{2B}x@lab.example'],
    ['a b@lab.example', undefined],
    ['a+b\u00fc@lab.example', undefined],
    ['a=\u00fc', undefined],
    ['\u00fc\\y', undefined],
    ['\u00fc\\x{fc}', undefined],
    ['\u00fc\\x{}', undefined],
    ['\u00fc\u0085', undefined],
    ['\u00fc\r\n', undefined],
    ['', undefined],
  ])('%j becomes %j', (text, ascii) => {
    expect(utf8AddrXtext(text)).toBe(ascii);
  });
});
