import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { safeFileName } from '../../../src/inspect/safe-file-name.js';

describe('safe file names', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['Żółć 1.txt', 'Żółć 1.txt'],
    ['../../etc/passwd', 'etc_passwd'],
    ['C:\\Windows\\x.exe', 'C__Windows_x.exe'],
    ['a\0b\r\nc.txt', 'abc.txt'],
    ['\u202efdp.exe', 'fdp.exe'],
    ['CON', '_CON'],
    ['com1.txt', '_com1.txt'],
    ['.htaccess', 'htaccess'],
    ['x. ', 'x'],
    ['...', 'attachment-1'],
    ['', 'attachment-1'],
    [undefined, 'attachment-1'],
  ])('%j is %j', (given, safe) => {
    expect(safeFileName(given, 'attachment-1')).toBe(safe);
  });

  it('has no path, control or direction character whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (given) => {
        const safe = safeFileName(given, 'x');
        expect(safe).not.toMatch(/[/\\\p{Cc}\p{Cf}]/u);
        expect(safe).not.toMatch(/^\.|^$|[. ]$/);
        expect([...safe].length).toBeLessThanOrEqual(121);
      }),
      { numRuns: 50 },
    );
  });
});
