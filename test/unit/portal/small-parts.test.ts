import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formCookie, sessionCookie } from '../../../src/portal/cookies.js';
import { codeHash, newCode, readCode } from '../../../src/portal/secrets.js';
import { createInTurn } from '../../../src/shared/in-turn.js';
import { readCookie, setCookie } from '../../../src/web/cookies.js';
import { attachmentDisposition, safeFileName } from '../../../src/web/file-name.js';
import { createGate } from '../../../src/web/gate.js';
import { newSecret, secretHash } from '../../../src/web/secrets.js';

describe('file names', () => {
  it.each([
    ['result.pdf', 'result.pdf'],
    ['../../x', 'x'],
    ['..\\..\\windows\\system32\\cmd.exe', 'cmd.exe'],
    ['/etc/passwd', 'passwd'],
    ['..', 'attachment'],
    ['', 'attachment'],
    ['.bashrc', 'bashrc'],
    ['a\0b\r\nc.txt', 'abc.txt'],
    ['photo\u202Egpj.exe', 'photogpj.exe'],
    ['zero\u200Bwidth.txt', 'zerowidth.txt'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['com1.tar.gz', '_com1.tar.gz'],
    ['console.txt', 'console.txt'],
    ['name. . ', 'name'],
    ['C:evil.txt', 'C_evil.txt'],
    ['a"b<c>d|e?f*.txt', 'a_b_c_d_e_f_.txt'],
    ['Ergebnis Müller.pdf', 'Ergebnis Müller.pdf'],
    [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(116)}.pdf`],
    ['\ud800.txt', '\ufffd.txt'],
  ])('%j is saved as %j', (given, safe) => {
    expect(safeFileName(given)).toBe(safe);
  });

  it('go into the header as ASCII and as UTF-8', () => {
    expect(attachmentDisposition('Ärzte "Brief".pdf')).toBe(
      `attachment; filename="_rzte _Brief_.pdf"; filename*=UTF-8''%C3%84rzte%20_Brief_.pdf`,
    );
  });

  it('never break the header, whatever they are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const header = attachmentDisposition(name);
        expect(header).toMatch(
          /^attachment; filename="[A-Za-z0-9 ._()+-]+"; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]+$/,
        );
        expect(safeFileName(safeFileName(name))).toBe(safeFileName(name));
        expect(safeFileName(name)).not.toMatch(/[/\\\0\r\n]|^\.|[. ]$/);
      }),
      { numRuns: 200 },
    );
  });
});

describe('secrets', () => {
  it('have 256 bits and one spelling', () => {
    const secret = newSecret();
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    expect(secretHash(secret)).toHaveLength(32);
    const spellings = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter(
      (last) => secretHash(secret.slice(0, -1) + last) !== undefined,
    );
    expect(spellings).toHaveLength(16);
    for (const wrong of [
      '',
      'x',
      `${secret}A`,
      secret.slice(1),
      `${secret.slice(1)}=`,
      `${secret.slice(1)}\n`,
    ])
      expect(secretHash(wrong)).toBeUndefined();
  });

  it('codes are eight digits, bound to their item and the key', () => {
    for (let i = 0; i < 50; i++) expect(newCode()).toMatch(/^\d{8}$/);
    expect(readCode(' 1234-56 78 ')).toBe('12345678');
    const key = new Uint8Array(32);
    expect(codeHash(key, 'a', '12345678')).not.toEqual(codeHash(key, 'b', '12345678'));
    expect(codeHash(key, 'a', '12345678')).not.toEqual(
      codeHash(
        key.map(() => 1),
        'a',
        '12345678',
      ),
    );
  });
});

describe('cookies', () => {
  const value = 'v'.repeat(43);
  it.each([
    [`pickup-form=${value}`, value],
    [`a=1; pickup-form=${value}; b=2`, value],
    [`pickup-form=${value};pickup-form=${'w'.repeat(43)}`, undefined],
    [`xpickup-form=${value}`, undefined],
    ['pickup-form=short', undefined],
    [`__Host-pickup-form=${value}`, undefined],
    [undefined, undefined],
  ])('%j', (header, expected) => {
    expect(readCookie(header, formCookie(false))).toBe(expected);
  });

  it('are removed by an empty one of the past', () => {
    expect(setCookie(sessionCookie(true), '', 0)).toBe(
      '__Host-pickup=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0',
    );
  });
});

describe('taking turns', () => {
  it('runs one task of a key at a time, also after a failure', async () => {
    const inTurn = createInTurn();
    const order: string[] = [];
    const task = (name: string, fails: boolean) => async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (fails) throw new Error(name);
    };
    const all = [inTurn('k', task('a', true)), inTurn('k', task('b', false)), inTurn('k', task('c', false))];
    expect((await Promise.allSettled(all)).map((one) => one.status)).toEqual([
      'rejected',
      'fulfilled',
      'fulfilled',
    ]);
    expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  });

  it('never runs more than the gate lets in', async () => {
    const gate = createGate(2);
    let running = 0;
    let most = 0;
    await Promise.allSettled(
      Array.from({ length: 9 }, (_, i) =>
        gate(async () => {
          most = Math.max(most, ++running);
          await Promise.resolve();
          running--;
          if (i % 3 === 0) throw new Error('failed');
        }),
      ),
    );
    expect([most, running]).toEqual([2, 0]);
  });
});
