import { timingSafeEqual } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { accountWorld, addWithPassphrase, fill, link } from './account/account-harness.js';
import { formToken, mailedCode, signInTo, type World } from './harness.js';

/* Secrets are compared in constant time: what is found by its hash is compared once more, whatever the index did. */

vi.mock('node:crypto', async (original) => {
  const crypto = await original<typeof import('node:crypto')>();
  return { ...crypto, timingSafeEqual: vi.fn(crypto.timingSafeEqual) };
});

const worlds: World[] = [];
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.portal.close();
});
async function world(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  const one = await accountWorld(settings);
  worlds.push(one);
  return one;
}

/** Lengths of what was compared while the act ran. */
async function compared(act: () => Promise<unknown>): Promise<readonly number[]> {
  const spy = vi.mocked(timingSafeEqual);
  spy.mockClear();
  await act();
  return spy.mock.calls.map(([a]) => a.byteLength);
}

const HASH = 32;
const FORM_TOKEN = 43;

describe('compared in constant time', () => {
  it('is a link', async () => {
    const w = await world();
    w.store.add(1);
    expect(await compared(() => w.browser().get(link(1)))).toEqual([HASH]);
  });

  it('are link, form token and mailed code', async () => {
    const w = await world();
    w.store.add(1);
    const browser = w.browser();
    await fill(browser, link(1), `${link(1)}/code`);
    const token = formToken(await browser.get(`${link(1)}/code`), 'sign-in');
    const wrong = await compared(() => browser.post(`${link(1)}/sign-in`, { token, code: '00000000' }));
    expect(wrong).toEqual([HASH, FORM_TOKEN, HASH]);
    const code = mailedCode(w.store);
    const right = await compared(() => browser.post(`${link(1)}/sign-in`, { token, code }));
    expect(right).toEqual(wrong);
  });

  it('are session, remembered browser, passphrase and the code of an address', async () => {
    const w = await world({ remember_device: '1d' });
    w.store.add(1);
    const browser = await signInTo(w, 1);
    expect(await compared(() => browser.get('/inbox/item1/text'))).toEqual(
      expect.arrayContaining([HASH, HASH]),
    );
    addWithPassphrase(w, 2, { recipient: 'patient1@mail.test', strength: 'shared-secret' });
    const path = '/inbox/item2/steps/passphrase';
    const page = await browser.get(path);
    const token = formToken(page, 'passphrase');
    expect(await compared(() => browser.post(path, { token, passphrase: '0000 0000' }))).toEqual([
      HASH,
      FORM_TOKEN,
      HASH,
    ]);
    const lost = w.browser();
    await fill(browser, '/account', '/account/sign-out-everywhere');
    const start = await lost.get('/lost');
    w.store.accounts.set('patient1@mail.test', {
      recipient: 'patient1@mail.test',
      createdAt: 0,
      changedAt: 0,
      failures: 0,
    });
    const form = formToken(start, 'lost');
    await lost.post('/lost', { token: form, address: 'patient1@mail.test' });
    expect(await compared(() => lost.post('/lost/code', { token: form, code: '00000000' }))).toEqual([
      FORM_TOKEN,
      HASH,
    ]);
  });
});
