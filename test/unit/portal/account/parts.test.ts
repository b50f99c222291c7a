import { generate } from 'otplib';
import { describe, expect, it } from 'vitest';
import { passwordProblem } from '../../../../src/portal/account/passwords.js';
import { shortLived } from '../../../../src/portal/account/short-lived.js';
import {
  newTotpSecret,
  openTotp,
  sealTotp,
  totpQrCode,
  totpStep,
} from '../../../../src/portal/account/totp.js';

const NOW = 1_800_000_015_000;
const STEP = Math.floor(NOW / 30_000);

describe('codes of an authenticator app', () => {
  it('are those of RFC 6238, appendix B, in six digits', async () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect(await totpStep(secret, '287082', 0, 59_000)).toBe(1);
    expect(await totpStep(secret, '081804', 0, 1_111_111_109_000)).toBe(37_037_036);
  });

  it.each([
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ])('of step %i', async (offset, taken) => {
    const secret = newTotpSecret();
    const code = await generate({ secret, epoch: NOW / 1000 + offset * 30 });
    const step = await totpStep(secret, code, 0, NOW);
    expect(step).toBe(taken ? STEP + offset : undefined);
  });

  it('are not taken again, nor is an earlier one', async () => {
    const secret = newTotpSecret();
    const code = await generate({ secret, epoch: NOW / 1000 });
    expect(await totpStep(secret, `${code.slice(0, 3)} ${code.slice(3)}`, STEP - 1, NOW)).toBe(STEP);
    expect(await totpStep(secret, code, STEP, NOW)).toBeUndefined();
    expect(await totpStep(secret, code, STEP + 1, NOW)).toBeUndefined();
  });

  it.each(['', '12345', '1234567', 'abcdef', '１２３４５６', '12345\n'])('are not %j', async (typed) => {
    expect(await totpStep(newTotpSecret(), typed, 0, NOW)).toBeUndefined();
  });
});

describe('the secret of an authenticator app', () => {
  const key = new Uint8Array(32).fill(1);

  it('opens for its recipient alone, and only undamaged', () => {
    const secret = newTotpSecret();
    const sealed = sealTotp(key, 'ana@x.example', secret);
    expect(Buffer.from(sealed).includes(secret)).toBe(false);
    expect(openTotp(key, 'ana@x.example', sealed)).toBe(secret);
    expect(() => openTotp(key, 'ben@x.example', sealed)).toThrow();
    for (let at = 0; at < sealed.length; at += 7) {
      const damaged = Uint8Array.from(sealed);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(() => openTotp(key, 'ana@x.example', damaged)).toThrow();
    }
    expect(() => openTotp(key, 'ana@x.example', sealed.subarray(0, 20))).toThrow();
  });

  it('is drawn without styles or scripts', async () => {
    const { svg, uri } = await totpQrCode(newTotpSecret(), 'Willow <Clinic>', 'ana@x.example');
    expect(svg).toMatch(/^<svg[^>]*>(?:<path [^<]*\/>)+<\/svg>\s*$/);
    expect(svg).not.toMatch(/style|script|Willow/);
    expect(uri).toMatch(/^otpauth:\/\/totp\/Willow%20%3CClinic%3E:ana%40x\.example\?secret=/);
  });
});

describe('a password of one’s choice', () => {
  it.each([
    ['elevenchars', 'elevenchars', 'password.too-short'],
    ['twelve chars', 'twelve chars', undefined],
    ['ñññññññññññ', 'ñññññññññññ', 'password.too-short'],
    ['x'.repeat(128), 'x'.repeat(128), undefined],
    ['x'.repeat(129), 'x'.repeat(129), 'password.too-short'],
    ['twelve chars', 'twelve Chars', 'password.different'],
    ['Patient1@mail.test', 'Patient1@mail.test', 'password.address'],
    [undefined, undefined, 'password.too-short'],
  ])('%j', (password, again, problem) => {
    expect(passwordProblem(password, again, 'patient1@mail.test')).toBe(problem);
  });
});

describe('what is kept in memory for a while', () => {
  it('ends by itself, is given once, and stays bounded', () => {
    const kept = shortLived<number>(3, 100);
    kept.put('a', 1, 0);
    expect([kept.get('a', 99), kept.get('a', 100)]).toEqual([1, undefined]);
    kept.put('a', 1, 0);
    expect([kept.take('a', 50), kept.take('a', 50)]).toEqual([1, undefined]);
    for (const [index, name] of ['b', 'c', 'd', 'e'].entries()) kept.put(name, index, 0);
    expect(['b', 'c', 'd', 'e'].map((name) => kept.get(name, 1))).toEqual([undefined, 1, 2, 3]);
  });

  it('does not live longer for being counted up', () => {
    const kept = shortLived<number>(3, 100);
    for (let now = 0; now < 100; now += 10) kept.change('n', (before) => (before ?? 0) + 1, now);
    expect([kept.get('n', 99), kept.get('n', 100)]).toEqual([10, undefined]);
  });
});
