import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PORTAL_STRENGTHS } from '../../../src/model/method.js';
import { createPages } from '../../../src/portal/pages.js';
import {
  needsPassphrase,
  newPassphrase,
  passphraseFor,
  passphraseHash,
  passphraseRight,
} from '../../../src/portal/passphrase.js';
import { MemoryPortal, plainBodies, portalItem, START } from '../../support/memory-portal.js';
import { loadedConfig, mailText, ownMail } from './harness.js';

const KEY = new Uint8Array(32).fill(7);

async function made(change: Parameters<typeof portalItem>[1], settings: Record<string, string> = {}) {
  const store = new MemoryPortal();
  const item = portalItem(1, change);
  const result = await passphraseFor(
    {
      loaded: loadedConfig(settings),
      portal: store.portal,
      bodies: plainBodies,
      ownMail,
      pages: createPages([]),
      codeKey: KEY,
    },
    item,
    START,
  );
  return { item, result };
}

describe('a passphrase', () => {
  it('fits its own item alone, however its digits are grouped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 }), (n) => {
        const digits = String(n).padStart(8, '0');
        const hash = passphraseHash(KEY, 'a', `${digits.slice(0, 4)} ${digits.slice(4)}`)!;
        const item = { id: 'a', passphraseHash: hash, passphraseTries: 0 };
        expect(passphraseRight(KEY, item, `${digits.slice(0, 2)}-${digits.slice(2)}`)).toBe(true);
        expect(passphraseRight(KEY, { ...item, id: 'b' }, digits)).toBe(false);
        expect(passphraseRight(new Uint8Array(32), item, digits)).toBe(false);
        expect(passphraseRight(KEY, { ...item, passphraseTries: 10 }, digits)).toBe(false);
        expect(passphraseRight(KEY, item, String((n + 1) % 100_000_000).padStart(8, '0'))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it('is eight digits in two groups', () => {
    expect(newPassphrase()).toMatch(/^\d{4} \d{4}$/);
  });

  it.each(['', '1234567', '123456789', 'abcdefgh', '１２３４５６７８'])('is not %j', (typed) => {
    expect(passphraseHash(KEY, 'a', typed)).toBeUndefined();
  });

  it('is needed where one is demanded, or where nothing else could be a second factor', () => {
    const wanted = PORTAL_STRENGTHS.map((strength) => [
      needsPassphrase({ strength }, {}, false),
      needsPassphrase({ strength }, {}, true),
      needsPassphrase({ strength }, { totp: 'mailbox', passkey: 'mailbox' }, false),
      needsPassphrase({ strength }, { totp: 'organisation' }, false),
    ]);
    expect(wanted).toEqual([
      [false, false, false, false],
      [false, false, false, false],
      [true, false, true, false],
      [true, true, true, true],
    ]);
  });
});

describe('the passphrase of an item that is made', () => {
  it('goes to the sender, and to nobody else', async () => {
    const { item, result } = await made({ strength: 'shared-secret' });
    if (result.kind !== 'made') throw new Error(`it is ${result.kind}`);
    expect(result.mail.recipients.map(({ address }) => address)).toEqual(['doctor@clinic.example']);
    expect(result.mail.message).toMatchObject({
      origin: 'passphrase-notice',
      sender: '',
      aboutMessage: 'm1',
    });
    const passphrase = /\d{4} \d{4}/.exec(mailText(result.mail))?.[0] ?? '';
    expect(passphraseRight(KEY, { ...item, passphraseHash: result.hash }, passphrase)).toBe(true);
    expect(mailText(result.mail).split('\n')[0]).not.toContain(passphrase);
    expect(JSON.stringify(result.events)).not.toContain(passphrase);
    expect(result.events.map(({ type }) => type)).toEqual(['portal.passphrase-made', 'notice.queued']);
  });

  it.each(['', 'partner@lab.example', 'x@clinic.example.evil.test', 'x@sub.clinic.example'])(
    'is told to nobody outside: a message of %j is held',
    async (sender) => {
      const { result } = await made({ strength: 'shared-secret', sender });
      expect(result).toMatchObject({ kind: 'hold', reason: expect.stringContaining('organisation.domains') });
    },
  );

  it('is told to nobody where the message was written in the portal itself', async () => {
    const { result } = await made({ strength: 'shared-secret', sender: 'pickup@clinic.example' });
    expect(result).toMatchObject({ kind: 'hold', reason: expect.stringContaining('in the portal itself') });
  });

  it('is not made where none is needed', async () => {
    expect((await made({ strength: 'account', sender: 'partner@lab.example' })).result).toEqual({
      kind: 'none',
    });
    const sms = { sms: '{ url: "https://sms.clinic.example/" }' };
    expect((await made({ strength: 'account-second-factor' }, sms)).result).toEqual({ kind: 'none' });
    expect((await made({ strength: 'account-second-factor' })).result.kind).toBe('made');
  });
});
