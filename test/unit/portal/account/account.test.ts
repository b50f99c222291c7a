import { afterEach, describe, expect, it } from 'vitest';
import { softAuthenticator } from '../../../support/soft-authenticator.js';
import { type Answer, type Browser, formToken, mailText, signInTo, type World } from '../harness.js';
import {
  accountWorld,
  addWithPassphrase,
  enrolTotp,
  fill,
  link,
  PASSWORD,
  passkeyOptions,
  SITE,
  setPassword,
  signInWithPassphrase,
  totpCode,
  where,
} from './account-harness.js';

const worlds: World[] = [];
async function world(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  const one = await accountWorld(settings);
  worlds.push(one);
  return one;
}
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.portal.close();
});

const ADDRESS = 'patient1@mail.test';
const OTHER_PASSWORD = 'quince ladder north seven';
const reasons = (w: World) =>
  w.store.events.flatMap((event) => (event.type === 'portal.proof-refused' ? [event.data.reason] : []));
const changes = (w: World) =>
  w.store.events.flatMap((event) => (event.type === 'portal.account-changed' ? [event.data.change] : []));
const notices = (w: World) =>
  w.store.mails.filter((mail) => mail.message.origin === 'account-notice').map(mailText);
const newestCode = (w: World) =>
  /(\d{4}) (\d{4})/
    .exec(mailText(w.store.mails.at(-1)))
    ?.slice(1, 3)
    .join('') ?? '';
/** A page without what is new in each: tokens, challenges, nonces. */
const plain = ({ body }: Answer) => body.replace(/(value|nonce|data-options)="[^"]*"/g, '$1');

async function withPassword(w: World): Promise<Browser> {
  w.store.add(1);
  const browser = await signInTo(w, 1);
  await setPassword(browser);
  return browser;
}

async function addPasskey(browser: Browser, name = 'My phone') {
  const device = softAuthenticator(SITE);
  const page = await browser.get('/account/passkey');
  const added = await browser.post('/account/passkey', {
    token: formToken(page, 'account/passkey'),
    answer: device.create(passkeyOptions(page)),
    name,
  });
  return { device, added, page };
}

async function signInByPasskey(browser: Browser, device: ReturnType<typeof softAuthenticator>) {
  const page = await browser.get('/sign-in');
  return browser.post('/sign-in/passkey', {
    token: formToken(page, 'sign-in/passkey'),
    answer: device.get(passkeyOptions(page)),
  });
}

describe('signing in by address', () => {
  it('opens one’s messages with the password', async () => {
    const w = await world();
    await withPassword(w);
    const browser = w.browser();
    const address = ' Patient1@MAIL.test ';
    const done = await fill(browser, '/sign-in', '/sign-in', { address, password: PASSWORD });
    expect(where(done)).toEqual([303, '/inbox']);
    expect((await browser.get('/inbox/item1')).status).toBe(200);
  });

  it('asks for the app, too, where there is one', async () => {
    const w = await world();
    const owner = await withPassword(w);
    const secret = await enrolTotp(w, owner);
    w.clock.time += 60_000;
    const browser = w.browser();
    const done = await fill(browser, '/sign-in', '/sign-in', { address: ADDRESS, password: PASSWORD });
    expect(where(done)).toEqual([303, '/sign-in/totp']);
    const totp = await totpCode(secret, w.clock.time);
    expect(where(await fill(browser, '/sign-in/totp', '/sign-in/totp', { totp }))).toEqual([303, '/inbox']);
    expect([...w.store.sessions.values()].at(-1)?.proofs).toEqual(['password', 'totp']);
    expect(where(await browser.get('/sign-in/totp'))).toEqual([303, '/inbox']);
  });

  it('answers alike, and does as much, whether the address is known, unknown, locked or none', async () => {
    const w = await world();
    await withPassword(w);
    const pages = new Set<string>();
    let commits = 0;
    w.store.beforeWrite = () => void commits++;
    const counts = [];
    const tries = [ADDRESS, 'nobody@mail.test', 'not an address', '', ...Array(5).fill(ADDRESS)] as string[];
    for (const address of tries) {
      commits = 0;
      const answer = await fill(w.browser(), '/sign-in', '/sign-in', {
        address,
        password: 'wrong wrong wrong',
      });
      expect(answer.status).toBe(403);
      pages.add(plain(answer));
      counts.push(commits);
    }
    expect(pages.size).toBe(1);
    expect(new Set(counts)).toEqual(new Set([1]));
    expect(reasons(w)).toContain('there is no such password');
    expect(reasons(w)).toContain('the account is locked');
    expect(JSON.stringify(w.store.events)).not.toMatch(/nobody@|not an address/);
  });

  it('lets no address wait for another, known or not: waiting would tell which are', async () => {
    const w = await world();
    await withPassword(w);
    const { account } = w.store.portal;
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    // Holds up the first one in the middle of its turn.
    Object.assign(w.store.portal, {
      account: async (recipient: string) => {
        if (recipient === '' && ++asked === 1) await held;
        return account(recipient);
      },
    });
    const sent = (address: string) =>
      fill(w.browser(), '/sign-in', '/sign-in', { address, password: 'wrong wrong wrong' });
    const first = sent('one@mail.test');
    await expect.poll(() => asked).toBe(1);
    for (const address of ['two@mail.test', ADDRESS]) expect((await sent(address)).status).toBe(403);
    release();
    expect((await first).status).toBe(403);
  });
});

describe('one recipient in several spellings', () => {
  it('has one account, one session and one list', async () => {
    const w = await world();
    const browser = await withPassword(w);
    w.store.add(2, { recipient: 'Patient1@mail.test' });
    expect((await browser.get('/inbox')).body).toContain('/inbox/item2');
    expect((await browser.get('/inbox/item2')).status).toBe(200);
    const other = await signInTo(w, 2);
    expect(where(await other.get('/account/password'))).toEqual([303, '/account/confirm']);
    await fill(browser, '/account', '/account/sign-out-everywhere');
    expect((await other.get('/inbox')).status).toBe(403);
  });
});

describe('a session', () => {
  it('ends when its oldest proof does: a mailed code makes none live longer', async () => {
    const w = await world();
    const browser = await withPassword(w);
    const [first] = [...w.store.sessions.values()];
    w.clock.time += 10 * 60_000;
    const token = formToken(await browser.get(link(1)), 'sign-out');
    await browser.post(`${link(1)}/code`, { token });
    await browser.post(`${link(1)}/sign-in`, { token, code: newestCode(w) });
    const [raised] = [...w.store.sessions.values()];
    expect(raised?.proofs).toContain('password');
    expect(raised?.expiresAt).toBe(first?.expiresAt);
  });

  it('that has only the mailbox begins anew with it', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    const [first] = [...w.store.sessions.values()];
    w.clock.time += 10 * 60_000;
    const token = formToken(await browser.get(link(1)), 'sign-out');
    await browser.post(`${link(1)}/code`, { token });
    await browser.post(`${link(1)}/sign-in`, { token, code: newestCode(w) });
    const [next] = [...w.store.sessions.values()];
    expect(next?.expiresAt).toBe((first?.expiresAt ?? 0) + 10 * 60_000);
  });

  it('is no fresher by a password that was chosen in it', async () => {
    const w = await world();
    w.store.add(1, { strength: 'account' });
    const browser = await signInTo(w, 1);
    w.clock.time += 8 * 60_000;
    const register = `${link(1)}/register`;
    const done = await fill(browser, register, register, { password: PASSWORD, again: PASSWORD });
    expect(where(done)).toEqual([303, '/inbox/item1']);
    expect((await browser.get('/account/authenticator')).status).toBe(200);
    w.clock.time += 3 * 60_000;
    expect(where(await browser.get('/account/authenticator'))).toEqual([303, '/account/confirm']);
  });
});

describe('passkeys', () => {
  it('are added by name, and sign in without an address', async () => {
    const w = await world();
    const owner = await withPassword(w);
    const { device, added, page } = await addPasskey(owner, 'Blue <phone>');
    expect(where(added)).toEqual([303, '/account']);
    const nonce = /<script src="\/passkey\.js" nonce="([^"]+)"/.exec(page.body)?.[1];
    expect(page.headers['content-security-policy']).toContain(`script-src 'nonce-${nonce}'`);
    expect(page.body).toContain('Passkeys need a browser that knows them');
    expect((await owner.get('/account')).body).toContain('Blue &lt;phone&gt;');
    expect((await owner.get('/account')).headers['content-security-policy']).not.toContain('script-src');
    expect((await owner.get('/passkey.js')).headers['content-type']).toContain('text/javascript');

    const browser = w.browser();
    expect(where(await signInByPasskey(browser, device))).toEqual([303, '/inbox']);
    expect((await browser.get('/inbox/item1')).status).toBe(200);
    expect(w.store.passkeys[0]).toMatchObject({
      counter: 1,
      lastUsedAt: w.clock.time,
      enrolledBy: 'mailbox',
    });
    expect(notices(w).at(-1)).toContain('a passkey was added for patient1@mail.test');
  });

  it.each<[string, Partial<ReturnType<typeof softAuthenticator>>]>([
    ['from another site', { origin: 'http://evil.test' }],
    ['without user verification', { flags: 0x01 }],
    ['of a copied device', { counter: 0 }],
  ])('are refused %s', async (_, change) => {
    const w = await world();
    const { device } = await addPasskey(await withPassword(w));
    await signInByPasskey(w.browser(), device);
    Object.assign(device, change);
    const refused = await signInByPasskey(w.browser(), device);
    expect(refused.status).toBe(403);
    expect(reasons(w)).toEqual(['the passkey was not proved']);
  });

  it('answer a challenge once, in the browser that it was given to', async () => {
    const w = await world();
    const { device } = await addPasskey(await withPassword(w));
    const browser = w.browser();
    const page = await browser.get('/sign-in');
    const form = {
      token: formToken(page, 'sign-in/passkey'),
      answer: device.get(passkeyOptions(page)),
    };
    const thief = w.browser();
    const own = formToken(await thief.get('/sign-in'), 'sign-in/passkey');
    expect((await thief.post('/sign-in/passkey', { ...form, token: own })).status).toBe(403);
    expect((await thief.post('/sign-in/passkey', form)).status).toBe(403);
    expect(where(await browser.post('/sign-in/passkey', form))).toEqual([303, '/inbox']);
    browser.cookies.delete('pickup');
    device.counter += 5;
    const again = await browser.post('/sign-in/passkey', form);
    expect(again.status).toBe(403);
    expect(reasons(w)).toEqual(['the passkey was not proved', 'no challenge is open']);

    const late = await browser.get('/sign-in');
    w.clock.time += 5 * 60_000;
    const answer = device.get(passkeyOptions(late));
    expect(
      (await browser.post('/sign-in/passkey', { token: formToken(late, 'sign-in/passkey'), answer })).status,
    ).toBe(403);
  });

  it('of somebody else open nothing here, and rubbish is refused', async () => {
    const w = await world();
    const { device } = await addPasskey(await withPassword(w));
    w.store.add(2);
    const other = await signInTo(w, 2);
    const mine = await addPasskey(other);
    w.store.add(3, { strength: 'account' });
    w.store.items.set('item3', { ...w.store.items.get('item3')!, recipient: ADDRESS });
    const browser = w.browser();
    const page = await browser.get(`${link(3)}/passkey`);
    const token = formToken(page, 'passkey');
    const wrong = await browser.post(`${link(3)}/passkey`, {
      token,
      answer: mine.device.get(passkeyOptions(page)),
    });
    expect(wrong.status).toBe(403);
    const right = await browser.post(`${link(3)}/passkey`, {
      token,
      answer: device.get(passkeyOptions(wrong)),
    });
    expect(where(right)).toEqual([303, '/inbox/item3']);
    w.store.add(4);
    const fourth = await signInTo(w, 4);
    for (const answer of ['', 'e30', '!', Buffer.from('[1]').toString('base64url'), 'A'.repeat(12_001)]) {
      const shown = await fourth.get('/account/passkey');
      const added = await fourth.post('/account/passkey', {
        token: formToken(shown, 'account/passkey'),
        answer,
        name: 'x',
      });
      expect(added.status).toBe(403);
    }
    expect(w.store.passkeys).toHaveLength(2);
  });

  it('behind a passphrase take the place of those that the mailbox enrolled', async () => {
    const w = await world();
    w.store.add(1);
    await addPasskey(await signInTo(w, 1), 'of the mailbox');
    const passphrase = addWithPassphrase(w, 2, { recipient: ADDRESS });
    const browser = await signInTo(w, 2);
    const path = `${link(2)}/passphrase`;
    await fill(browser, path, path, { passphrase });
    const { device } = await addPasskey(browser, 'of the organisation');
    expect(w.store.passkeys.map(({ name, enrolledBy }) => [name, enrolledBy])).toEqual([
      ['of the organisation', 'organisation'],
    ]);
    const anew = w.browser();
    await signInByPasskey(anew, device);
    expect((await anew.get('/inbox/item2')).status).toBe(200);
  });

  it('that are removed end the sessions that they opened', async () => {
    const w = await world();
    const owner = await withPassword(w);
    const { device } = await addPasskey(owner);
    const session = w.browser();
    await signInByPasskey(session, device);
    // The owner’s session must prove the passkey that guards the account now.
    const confirm = await owner.get('/account/confirm');
    await owner.post('/account/confirm/passkey', {
      token: formToken(confirm, 'account/confirm/passkey'),
      answer: device.get(passkeyOptions(confirm)),
    });
    const account = await owner.get('/account');
    const key = /name="passkey" value="([^"]+)"/.exec(account.body)?.[1] ?? '';
    const removed = await owner.post('/account/passkey/remove', {
      token: formToken(account, 'account/passkey/remove'),
      passkey: key,
    });
    expect(where(removed)).toEqual([303, '/account']);
    expect(w.store.passkeys).toEqual([]);
    expect((await session.get('/inbox')).status).toBe(403);
    expect((await signInByPasskey(w.browser(), device)).status).toBe(403);
    expect(changes(w).at(-1)).toBe('passkey-removed');
  });
});

describe('changing the account', () => {
  it('asks for a fresh proof after ten minutes, and tells the owner of each change', async () => {
    const w = await world();
    const browser = await withPassword(w);
    expect((await browser.get('/account/password')).status).toBe(200);
    w.clock.time += 10 * 60_000 + 1;
    expect(where(await browser.get('/account/password'))).toEqual([303, '/account/confirm']);
    const wrong = await fill(browser, '/account/confirm', '/account/confirm', { password: 'no no no no no' });
    expect(wrong.status).toBe(403);
    const right = await fill(browser, '/account/confirm', '/account/confirm', { password: PASSWORD });
    expect(where(right)).toEqual([303, '/account']);
    await setPassword(browser, OTHER_PASSWORD);
    expect(changes(w)).toEqual(['registered', 'password-set']);
    expect(notices(w)).toHaveLength(2);
    expect(notices(w)[1]).toContain('call Willow <Clinic> at once');
    expect(w.store.mails.every((mail) => mail.message.sender === '')).toBe(true);
    const fresh = w.browser();
    const old = await fill(fresh, '/sign-in', '/sign-in', { address: ADDRESS, password: PASSWORD });
    expect(old.status).toBe(403);
  });

  it('is not for whoever finds browser and mailbox open: a mailed code refreshes no password', async () => {
    const w = await world();
    const browser = await withPassword(w);
    w.clock.time += 11 * 60_000;
    const start = await browser.get(link(1));
    const token = formToken(start, 'sign-out');
    await browser.post(`${link(1)}/code`, { token });
    const signedIn = await browser.post(`${link(1)}/sign-in`, { token, code: newestCode(w) });
    expect(where(signedIn)).toEqual([303, '/inbox/item1']);
    expect(where(await browser.get('/account/password'))).toEqual([303, '/account/confirm']);
  });

  it('is not for whoever merely reads the mailbox', async () => {
    const w = await world();
    await withPassword(w);
    const thief = await signInTo(w, 1);
    for (const path of ['/account/password', '/account/authenticator', '/account/passkey'])
      expect(where(await thief.get(path))).toEqual([303, '/account/confirm']);
    const page = await thief.get('/account');
    for (const path of ['/account/language', '/account/authenticator/remove', '/account/passkey/remove'])
      expect(where(await thief.post(path, { token: formToken(page, path.slice(1)) }))).toEqual([
        303,
        '/account/confirm',
      ]);
    expect((await thief.get('/account/confirm')).body).not.toContain('Send me a code');
    expect(changes(w)).toEqual(['registered']);
  });

  it('confirms by a mailed code only where there is nothing else', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    w.clock.time += 11 * 60_000;
    await fill(browser, '/account/confirm', '/account/confirm/send');
    const code = newestCode(w);
    const wrong = await fill(browser, '/account/confirm', '/account/confirm/code', { code: '12345678' });
    expect(wrong.status).toBe(403);
    const done = await fill(browser, '/account/confirm', '/account/confirm/code', { code });
    expect(where(done)).toEqual([303, '/account']);
    expect((await browser.get('/account/password')).status).toBe(200);
  });

  it('ends all other sessions', async () => {
    const w = await world();
    const browser = await withPassword(w);
    const other = await signInTo(w, 1);
    await setPassword(browser, OTHER_PASSWORD);
    expect((await other.get('/inbox')).status).toBe(403);
    expect((await browser.get('/inbox')).status).toBe(200);
  });

  it('does not happen without its form token, nor for another site', async () => {
    const w = await world();
    const browser = await withPassword(w);
    const fields = { password: OTHER_PASSWORD, again: OTHER_PASSWORD };
    expect((await browser.post('/account/password', fields)).status).toBe(403);
    const token = formToken(await browser.get('/account/password'), 'account/password');
    const cross = await browser.post(
      '/account/password',
      { token, ...fields },
      { 'sec-fetch-site': 'cross-site' },
    );
    expect(cross.status).toBe(403);
    expect(changes(w)).toEqual(['registered']);
  });

  it('signs out everywhere, and forgets browsers', async () => {
    const w = await world({ remember_device: '10d' });
    const browser = await withPassword(w);
    const other = await signInTo(w, 1);
    w.store.devices.set('x', {
      tokenHash: new Uint8Array(),
      recipient: ADDRESS,
      client: '',
      createdAt: 0,
      expiresAt: 1e15,
    });
    const out = await fill(browser, '/account', '/account/sign-out-everywhere');
    expect(where(out)).toEqual([303, '/sign-in']);
    expect([w.store.sessions.size, w.store.devices.size]).toEqual([0, 0]);
    expect((await other.get('/inbox')).status).toBe(403);
  });

  it('signs out everywhere also what is being proved right then, and the browser that it would remember', async () => {
    const w = await world({ remember_device: '10d' });
    const browser = await withPassword(w);
    const start = await browser.get(link(1));
    const token = formToken(start, 'sign-out');
    await browser.post(`${link(1)}/code`, { token });
    const { code } = w.store.portal;
    Object.assign(w.store.portal, {
      code: async (id: string) => {
        await w.store.portal.closeSessionsOf(ADDRESS, []);
        return code(id);
      },
    });
    const typed = { token, code: newestCode(w), remember: 'yes' };
    expect((await browser.post(`${link(1)}/sign-in`, typed)).status).toBe(303);
    expect([...w.store.sessions.values()].map(({ proofs }) => proofs)).toEqual([['mailbox']]);
    Object.assign(w.store.portal, { code });
    w.store.devices.clear();

    const again = formToken(await browser.get(link(1)), 'sign-out');
    await browser.post(`${link(1)}/code`, { token: again });
    const { openSessionWithCode } = w.store.portal;
    Object.assign(w.store.portal, {
      openSessionWithCode: async (...given: Parameters<typeof openSessionWithCode>) => {
        const opened = await openSessionWithCode(...given);
        await w.store.portal.closeSessionsOf(ADDRESS, []);
        return opened;
      },
    });
    await browser.post(`${link(1)}/sign-in`, { token: again, code: newestCode(w), remember: 'yes' });
    expect([w.store.sessions.size, w.store.devices.size]).toEqual([0, 0]);
  });

  it('keeps the language for pages and mail', async () => {
    const w = await world();
    const browser = await withPassword(w);
    await fill(browser, '/account', '/language', { language: 'es', path: '/account' });
    expect((await browser.get('/account')).body).toContain('<html lang="es">');
    await fill(browser, '/account', '/account/language');
    expect(w.store.accounts.get(ADDRESS)?.language).toBe('es');
    expect(notices(w).at(-1)).toContain('the language of patient1@mail.test was changed');
    const fresh = w.browser();
    await fill(fresh, '/sign-in', '/sign-in', { address: ADDRESS, password: PASSWORD });
    expect((await fresh.get('/inbox')).body).toContain('<html lang="es">');
  });

  it('asks for a password before an app, which is asked for beside it', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    expect(where(await browser.get('/account/authenticator'))).toEqual([303, '/account/password']);
    await setPassword(browser);
    await enrolTotp(w, browser);
    expect((await browser.get('/account')).body).toContain('where a message demands a second factor');
  });

  it('shows the key of the app as a picture and as text, and takes only its right code', async () => {
    const w = await world();
    const browser = await withPassword(w);
    const page = await browser.get('/account/authenticator');
    expect(page.body).toMatch(/<svg [^>]*>.*<\/svg>/s);
    expect(page.body).toMatch(/class="secret">(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}</);
    const wrong = await browser.post('/account/authenticator', {
      token: formToken(page, 'account/authenticator'),
      code: '123456',
    });
    expect(wrong.status).toBe(403);
    expect(w.store.accounts.get(ADDRESS)?.totp).toBeUndefined();
    const secret = await enrolTotp(w, browser);
    w.clock.time += 60_000;
    await fill(browser, '/account/confirm', '/account/confirm', {
      password: PASSWORD,
      totp: await totpCode(secret, w.clock.time),
    });
    expect(where(await fill(browser, '/account', '/account/authenticator/remove'))).toEqual([
      303,
      '/account',
    ]);
    expect(w.store.accounts.get(ADDRESS)?.totp).toBeUndefined();
    expect(changes(w)).toEqual(['registered', 'totp-enrolled', 'totp-removed']);
  });
});

describe('a lost password', () => {
  it('has one limit of codes for all spellings of an address, known or not', async () => {
    const w = await world();
    await withPassword(w);
    const [name = ''] = ADDRESS.split('@');
    for (const letters of [name, 'nobody']) {
      const spellings = [...Array(6).keys()].map(
        (i) => `${letters.slice(0, i)}${letters.slice(i).toUpperCase()}@mail.test`,
      );
      const statuses: number[] = [];
      for (const address of spellings)
        statuses.push((await fill(w.browser(), '/lost', '/lost', { address })).status);
      expect([letters, statuses]).toEqual([letters, [303, 303, 303, 303, 303, 429]]);
    }
  });

  const ask = (browser: Browser, address: string) => fill(browser, '/lost', '/lost', { address });

  it('is replaced with a code to the mailbox', async () => {
    const w = await world();
    await withPassword(w);
    const browser = w.browser();
    expect(where(await ask(browser, ADDRESS))).toEqual([303, '/lost/code']);
    const code = newestCode(w);
    expect(where(await fill(browser, '/lost/code', '/lost/code', { code }))).toEqual([303, '/lost/password']);
    const fields = { password: OTHER_PASSWORD, again: OTHER_PASSWORD };
    const done = await fill(browser, '/lost/password', '/lost/password', fields);
    expect(where(done)).toEqual([303, '/inbox']);
    const again = w.browser();
    const signIn = await fill(again, '/sign-in', '/sign-in', { address: ADDRESS, password: OTHER_PASSWORD });
    expect(where(signIn)).toEqual([303, '/inbox']);
    expect(changes(w)).toEqual(['registered', 'password-set']);
  });

  it('asks for the app where there is one: the mailbox alone is not enough', async () => {
    const w = await world();
    const first = await signInWithPassphrase(w, 1, addWithPassphrase(w, 1));
    await setPassword(first);
    const secret = await enrolTotp(w, first);
    w.clock.time += 60_000;
    const browser = w.browser();
    await ask(browser, ADDRESS);
    await fill(browser, '/lost/code', '/lost/code', { code: newestCode(w) });
    const page = await browser.get('/lost/password');
    expect(page.body).toContain('I lost my second factor');
    const fields = { password: OTHER_PASSWORD, again: OTHER_PASSWORD };
    const without = await fill(browser, '/lost/password', '/lost/password', fields);
    expect(without.status).toBe(403);
    expect((await browser.get('/inbox/item1')).status).toBe(303);
    const totp = await totpCode(secret, w.clock.time);
    const done = await fill(browser, '/lost/password', '/lost/password', { ...fields, totp });
    expect(where(done)).toEqual([303, '/inbox']);
    expect((await browser.get('/inbox/item1')).status).toBe(200);
  });

  it('asks for the passkey where the organisation stood behind one', async () => {
    const w = await world();
    const owner = await signInWithPassphrase(w, 1, addWithPassphrase(w, 1));
    await setPassword(owner);
    const { device } = await addPasskey(owner);
    const browser = w.browser();
    await ask(browser, ADDRESS);
    await fill(browser, '/lost/code', '/lost/code', { code: newestCode(w) });
    const page = await browser.get('/lost/password');
    expect(page.body).not.toContain('name="password"');
    const token = formToken(page, 'lost/passkey');
    const fields = { password: OTHER_PASSWORD, again: OTHER_PASSWORD };
    expect((await browser.post('/lost/password', { token, ...fields })).status).toBe(403);
    const shown = await browser.get('/lost/password');
    await browser.post('/lost/passkey', { token, answer: device.get(passkeyOptions(shown)) });
    const done = await fill(browser, '/lost/password', '/lost/password', fields);
    expect(where(done)).toEqual([303, '/inbox']);
    expect(w.store.passkeys).toHaveLength(1);
  });

  it('takes away what only the mailbox enrolled: whoever read it once holds the account no longer', async () => {
    const w = await world();
    const thief = await withPassword(w);
    await addPasskey(thief);
    const owner = w.browser();
    await ask(owner, ADDRESS);
    await fill(owner, '/lost/code', '/lost/code', { code: newestCode(w) });
    const fields = { password: OTHER_PASSWORD, again: OTHER_PASSWORD };
    expect(where(await fill(owner, '/lost/password', '/lost/password', fields))).toEqual([303, '/inbox']);
    expect(w.store.passkeys).toEqual([]);
    expect((await thief.get('/inbox')).status).toBe(403);
    await enrolTotp(w, owner);
    w.clock.time += 60_000;
    const again = w.browser();
    await ask(again, ADDRESS);
    await fill(again, '/lost/code', '/lost/code', { code: newestCode(w) });
    const other = { password: PASSWORD, again: PASSWORD };
    expect(where(await fill(again, '/lost/password', '/lost/password', other))).toEqual([303, '/inbox']);
    expect(w.store.accounts.get(ADDRESS)?.totp).toBeUndefined();
  });

  it('answers alike for unknown addresses, and mails them nothing', async () => {
    const w = await world();
    await withPassword(w);
    const pages = new Set<string>();
    let commits = 0;
    w.store.beforeWrite = () => void commits++;
    const mails = w.store.mails.length;
    const counts = [];
    for (const address of [ADDRESS, 'nobody@mail.test', 'no address']) {
      const browser = w.browser();
      commits = 0;
      expect(where(await ask(browser, address))).toEqual([303, '/lost/code']);
      counts.push(commits);
      const wrong = await fill(browser, '/lost/code', '/lost/code', { code: '00000000' });
      expect(wrong.status).toBe(403);
      pages.add(plain(wrong));
    }
    expect(pages.size).toBe(1);
    expect(counts).toEqual([1, 1, 1]);
    expect(w.store.mails).toHaveLength(mails + 1);
    expect(JSON.stringify(w.store.events)).not.toContain('nobody@');
  });

  it('has codes for one browser, five tries, fifteen minutes and one use', async () => {
    const w = await world();
    await withPassword(w);
    const browser = w.browser();
    await ask(browser, ADDRESS);
    const code = newestCode(w);
    const thief = w.browser();
    expect((await fill(thief, '/lost/code', '/lost/code', { code })).status).toBe(403);
    for (let i = 0; i < 5; i++) await fill(browser, '/lost/code', '/lost/code', { code: '00000000' });
    expect((await fill(browser, '/lost/code', '/lost/code', { code })).status).toBe(403);

    await ask(browser, ADDRESS);
    const second = newestCode(w);
    w.clock.time += 15 * 60_000;
    expect((await fill(browser, '/lost/code', '/lost/code', { code: second })).status).toBe(403);
    for (let i = 0; i < 3; i++) await ask(browser, ADDRESS);
    const mails = w.store.mails.length;
    const many = await ask(browser, ADDRESS);
    expect([many.status, w.store.mails.length]).toEqual([429, mails]);
    const none = w.browser();
    for (let i = 0; i < 5; i++) await ask(none, 'nobody@mail.test');
    expect((await ask(none, 'nobody@mail.test')).status).toBe(429);
  });

  it('needs a fresh code, and says whom to call for a lost factor', async () => {
    const w = await world();
    const browser = await withPassword(w);
    w.clock.time += 11 * 60_000;
    expect(where(await browser.get('/lost/password'))).toEqual([303, '/lost']);
    expect((await browser.get('/lost')).body).toContain(
      'Call Willow &lt;Clinic&gt; on a number that you already know',
    );
  });
});
