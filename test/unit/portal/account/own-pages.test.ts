import { afterEach, describe, expect, it } from 'vitest';
import { formToken, linkSecret, mailedCode, mailText, signInTo, type World } from '../harness.js';
import {
  accountWorld,
  addWithPassphrase,
  enrolTotp,
  fill,
  link,
  PASSWORD,
  setPassword,
  where,
} from './account-harness.js';

/* Pages and mail that are about a recipient rather than one message. */

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
const ORGANISATIONS =
  '[{ domains: [elm.example], name: Elm House, contact: Ward 3 }, { domains: [dental.example, teeth.example], name: Harbour Dental, contact: "Telephone 555-0142" }]';
const DENTIST = 'desk@dental.example';

describe('the organisation on pages without a message', () => {
  const own = ['<p>Harbour Dental</p>', 'Telephone 555-0142'];
  const isDental = (body: string) => own.every((one) => body.includes(one));

  it('is that of the link where the visitor came from, until the code is asked for and typed', async () => {
    const w = await world({ organisations: ORGANISATIONS });
    w.store.add(1, { sender: DENTIST, strength: 'account' });
    await setPassword(await signInTo(w, 1));
    const browser = w.browser();
    const password = await browser.get(`${link(1)}/password`);
    expect(isDental(password.body)).toBe(true);
    expect(password.body).toContain('href="/lost/of/1"');
    const lost = await browser.get('/lost/of/1');
    expect(isDental(lost.body)).toBe(true);
    expect(lost.body).toContain('Call Harbour Dental on a number');
    const asked = await fill(browser, '/lost/of/1', '/lost/of/1', { address: ADDRESS });
    expect(where(asked)).toEqual([303, '/lost/of/1/code']);
    expect(isDental((await browser.get('/lost/of/1/code')).body)).toBe(true);
    expect(mailText(w.store.mails.at(-1))).toContain('Harbour Dental');
    const wrong = await fill(browser, '/lost/of/1/code', '/lost/of/1/code', { code: '0000 0000' });
    expect([wrong.status, isDental(wrong.body)]).toEqual([403, true]);
    const code = mailedCode(w.store);
    const done = await fill(browser, '/lost/of/1/code', '/lost/of/1/code', { code });
    expect(where(done)).toEqual([303, '/lost/password']);
    expect(isDental((await browser.get('/lost/password')).body)).toBe(true);
  });

  it('is the portal’s own where nobody is known: what is typed changes nothing', async () => {
    const w = await world({ organisations: ORGANISATIONS });
    w.store.add(1, { sender: DENTIST });
    await setPassword(await signInTo(w, 1));
    for (const path of ['/lost', '/lost/of/2', '/lost/of/x', '/lost/of/-1', '/sign-in']) {
      const page = await w.browser().get(path);
      expect([path, page.status, isDental(page.body)]).toEqual([path, 200, false]);
    }
    const browser = w.browser();
    await fill(browser, '/lost', '/lost', { address: ADDRESS });
    expect((await browser.get('/lost/code')).body).not.toContain('Dental');
  });

  it('is the one that wrote last, on the pages of one’s account', async () => {
    const w = await world({ organisations: ORGANISATIONS });
    w.store.add(1, { sender: 'ward@elm.example', createdAt: 1 });
    w.store.add(2, { sender: DENTIST, recipient: ADDRESS });
    const browser = await signInTo(w, 1);
    for (const path of ['/account', '/account/password', '/account/passkey', '/account/confirm', '/lost'])
      expect([path, isDental((await browser.get(path)).body)]).toEqual([path, true]);
    await setPassword(browser);
    expect(isDental((await browser.get('/account/authenticator')).body)).toBe(true);
    expect(mailText(w.store.mails.at(-1))).toContain('Harbour Dental');
    await enrolTotp(w, browser);
    const other = w.browser();
    await fill(other, '/sign-in', '/sign-in', { address: ADDRESS, password: PASSWORD });
    expect(isDental((await other.get('/sign-in/totp')).body)).toBe(true);
  });
});

describe('mail about an account', () => {
  it('goes to the address as it was first written, however it is typed', async () => {
    const w = await world();
    w.store.add(1, { recipient: 'Patient1@mail.test', createdAt: 1 });
    w.store.add(2, { recipient: 'PATIENT1@mail.test' });
    await setPassword(await signInTo(w, 2));
    const to = () => w.store.mails.at(-1)?.recipients.map(({ address }) => address);
    expect([mailText(w.store.mails.at(-1)).includes('password was chosen'), to()]).toEqual([
      true,
      ['Patient1@mail.test'],
    ]);
    await fill(w.browser(), '/lost', '/lost', { address: 'pAtIeNt1@mail.test' });
    expect([w.store.mails.at(-1)?.message.origin, to()]).toEqual(['access-code', ['Patient1@mail.test']]);
  });
});

describe('a message in the list that asks for more', () => {
  it('leads to the steps that are left, without its link, and to nothing else', async () => {
    const w = await world();
    w.store.add(1);
    const passphrase = addWithPassphrase(w, 2, { recipient: ADDRESS });
    const browser = await signInTo(w, 1);
    const list = await browser.get('/inbox');
    expect(list.body).toContain('Asks for more');
    expect(list.body).toContain('href="/inbox/item2/steps"');
    expect(list.body).toContain('href="/inbox/item1"');
    for (const path of ['', '/html', '/text', '/attachments/0', '/message.eml', '/reply'])
      expect(where(await browser.get(`/inbox/item2${path}`))).toEqual([303, '/inbox/item2/steps']);

    const steps = await browser.get('/inbox/item2/steps');
    expect(steps.status).toBe(200);
    expect(steps.body).toContain('/inbox/item2/steps/passphrase');
    expect(steps.body).toContain('asks for more than you have proved');
    expect(steps.body).not.toContain('canary');
    // A step that would not bring the visitor nearer is none.
    expect(where(await browser.get('/inbox/item2/steps/password'))).toEqual([303, '/inbox/item2/steps']);
    const path = '/inbox/item2/steps/passphrase';
    expect((await fill(browser, path, path, { passphrase: '0000 0000' })).status).toBe(403);
    expect((await browser.get('/inbox/item2')).status).toBe(303);
    expect(where(await fill(browser, path, path, { passphrase }))).toEqual([303, '/inbox/item2']);
    expect((await browser.get('/inbox/item2')).body).toContain('result.pdf');
    expect((await browser.get('/inbox/item2/steps')).body).toContain('href="/inbox/item2"');
  });

  it('is not opened by a code to the mailbox where more is demanded, whichever way', async () => {
    const w = await world();
    w.store.add(1);
    w.store.add(2, { recipient: ADDRESS, strength: 'account-second-factor' });
    const browser = await signInTo(w, 1);
    const steps = await browser.get('/inbox/item2/steps');
    expect(steps.body).not.toContain('Send me a code');
    const token = formToken(steps, 'sign-out');
    await browser.post('/inbox/item2/steps/code', { token });
    const code = mailedCode(w.store);
    const typed = await browser.post('/inbox/item2/steps/sign-in', { token, code });
    expect(typed.headers.location).not.toBe('/inbox/item2');
    expect(where(await browser.get('/inbox/item2'))).toEqual([303, '/inbox/item2/steps']);
  });

  it('shows nobody else’s, closed or unknown one, and nothing to whoever is not signed in', async () => {
    const w = await world();
    w.store.add(1);
    w.store.add(2, { strength: 'account' });
    w.store.add(3, { recipient: ADDRESS, strength: 'account', state: 'revoked' });
    w.store.add(4, { recipient: ADDRESS, strength: 'account', expiresAt: w.clock.time });
    const browser = await signInTo(w, 1);
    const answers = await Promise.all(
      ['item2', 'item3', 'item4', 'nothing', linkSecret(2)].flatMap((id) =>
        ['', '/code', '/password', '/passphrase'].map((tail) => browser.get(`/inbox/${id}/steps${tail}`)),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([404]));
    const bare = (body: string) => body.replaceAll(/value="[^"]*"/g, '');
    expect(new Set(answers.map(({ body }) => bare(body))).size).toBe(1);
    expect((await w.browser().get('/inbox/item1/steps')).status).toBe(403);
    expect(w.store.types().filter((type) => type === 'portal.refused').length).toBeGreaterThan(20);
  });
});

describe('the list of remembered browsers', () => {
  async function remembered(w: World, userAgent: string) {
    const browser = w.browser();
    const start = await browser.get(link(1));
    await browser.post(`${link(1)}/code`, { token: formToken(start, 'code') });
    const enter = await browser.get(`${link(1)}/code`);
    const form = { token: formToken(enter, 'sign-in'), code: mailedCode(w.store), remember: 'yes' };
    await browser.post(`${link(1)}/sign-in`, form, { 'user-agent': userAgent });
    return browser;
  }

  it('says what and when, and forgets one with its sessions, without the others', async () => {
    const w = await world({ remember_device: '10d' });
    w.store.add(1);
    const phone = await remembered(w, 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0');
    w.clock.time += 60_000;
    const desk = await remembered(w, 'Jane Roe <b>');
    const page = await desk.get('/account');
    expect(page.body).toContain('<strong>Firefox, Android</strong>');
    expect(page.body).toContain('<strong>A browser</strong>');
    expect(page.body).toContain('remembered on 2 November 2026');
    expect(page.body + JSON.stringify([...w.store.devices])).not.toContain('Jane');
    const [newest, oldest] = [...page.body.matchAll(/name="device" value="([^"]+)"/g)].map(([, key]) => key);
    const [deskCookie, phoneCookie] = [desk, phone].map((one) => one.cookies.get('pickup-device') ?? '');
    for (const secret of [deskCookie!, phoneCookie!, ...w.store.devices.keys()])
      expect([newest, oldest]).not.toContain(secret);

    const forget = { device: oldest ?? '' };
    expect(where(await fill(desk, '/account', '/account/device/forget', forget))).toEqual([303, '/account']);
    expect(w.store.devices.size).toBe(1);
    expect((await phone.get('/inbox')).status).toBe(403);
    phone.cookies.delete('pickup');
    expect((await phone.get(link(1))).body).not.toContain('Continue on this device');
    expect((await desk.get('/inbox')).status).toBe(200);
    desk.cookies.delete('pickup');
    expect((await desk.get(link(1))).body).toContain('Continue on this device');
    expect(w.store.events.filter(({ type }) => type === 'portal.account-changed').at(-1)).toMatchObject({
      data: { change: 'device-forgotten', recipient: ADDRESS },
    });
  });

  it('forgets nothing of anybody else’s, nor without the token of its form', async () => {
    const w = await world({ remember_device: '10d' });
    w.store.add(1);
    w.store.add(2);
    const owner = await remembered(w, '');
    const key = /name="device" value="([^"]+)"/.exec((await owner.get('/account')).body)?.[1] ?? '';
    const stranger = await signInTo(w, 2);
    const token = formToken(await stranger.get('/account'), 'account/sign-out-everywhere');
    await stranger.post('/account/device/forget', { token, device: key });
    expect((await owner.post('/account/device/forget', { token, device: key })).status).toBe(403);
    expect(w.store.devices.size).toBe(1);
    expect((await owner.get('/inbox')).status).toBe(200);
  });
});
