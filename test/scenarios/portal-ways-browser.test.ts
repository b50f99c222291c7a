import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generate } from 'otplib';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newPassphrase, passphraseHash } from '../../src/portal/passphrase.js';
import {
  accessibilityViolations,
  type BrowserVisitor,
  sidewaysOverflow,
  startBrowser,
  type TestBrowser,
  tabTo,
  toAnotherPage,
} from '../support/browser.js';
import { linkSecret } from '../support/memory-portal.js';
import { freePort } from '../support/relay-process.js';
import { describeWithTools } from '../support/tools.js';
import { mailedCode, START, startWorld, type World } from '../unit/portal/harness.js';

/*
 * Every way into a message, and every way in which one is refused, in a real browser, with a clock that the tests turn.
 * Passkeys have a test of their own.
 */

const PASSWORD = 'plum violin harbour nine';
const CODE_KEY = new Uint8Array(32).fill(7);
const MINUTE = 60_000;
const DAY = 86_400_000;

describeWithTools(['chromium'], 'the ways in, in a browser', () => {
  let world: World;
  let browser: TestBrowser;
  let gateway: Server;
  let smsCode = '';
  let url: string;
  let items = 0;
  const visitors: BrowserVisitor[] = [];

  beforeAll(async () => {
    gateway = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        smsCode = /"code":"(\d{8})"/.exec(Buffer.concat(chunks).toString())?.[1] ?? '';
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((done) => gateway.listen(0, '127.0.0.1', done));
    const sms = `{ url: "http://127.0.0.1:${(gateway.address() as AddressInfo).port}/send" }`;
    const port = await freePort();
    url = `http://localhost:${port}`;
    world = await startWorld(
      { address: `127.0.0.1:${port}`, url, remember_device: '10d', sms },
      { limits: { requestsPerNetwork: 10_000, refusalsPerNetwork: 10_000, formsPerLink: 10_000 } },
    );
    browser = await startBrowser([url]);
  });

  afterAll(async () => {
    for (const visitor of visitors) expect([visitor.strayRequests, visitor.surprises]).toEqual([[], []]);
    await browser?.close();
    await world?.portal.close();
    gateway?.close();
  });

  /** A message that waits for somebody new, or for the one who is named. */
  function add(change: Parameters<World['store']['add']>[1] = {}) {
    items += 1;
    const item = world.store.add(items, {
      recipient: `person${items}@mail.test`,
      createdAt: world.clock.time,
      expiresAt: world.clock.time + 14 * DAY,
      ...change,
    });
    return { item, link: `${url}/m/${linkSecret(items)}` };
  }
  async function visit(options: Parameters<TestBrowser['visitor']>[0] = {}): Promise<BrowserVisitor> {
    const visitor = await browser.visitor(options);
    visitors.push(visitor);
    return visitor;
  }
  const press = (page: Page, name: string) =>
    toAnotherPage(page, () => page.getByRole('button', { name, exact: true }).click());
  const follow = (page: Page, name: string) =>
    toAnotherPage(page, () => page.getByRole('link', { name, exact: true }).click());
  async function proveMailbox(page: Page, link: string): Promise<void> {
    await page.goto(link);
    await press(page, 'Send me a code');
    await page.getByLabel('One-time code').fill(mailedCode(world.store));
    await press(page, 'Open the message');
  }
  const opened = (page: Page, id: string) => page.waitForURL(`${url}/inbox/${id}`);
  const recorded = (type: string, id: string) =>
    world.store.events.filter(
      (event) => event.type === type && 'item' in event.data && event.data.item === id,
    );
  const reasons = (type: string, id: string) =>
    recorded(type, id).map(({ data }) => ('reason' in data ? data.reason : ''));

  it('a mailed code: not a wrong one, not one past its time, not one used before', async () => {
    const { item, link } = add();
    const { page } = await visit();
    await page.goto(link);
    await press(page, 'Send me a code');
    const late = mailedCode(world.store);
    await page.getByLabel('One-time code').fill('0000 0000');
    await press(page, 'Open the message');
    await page.getByRole('alert').getByText('That code did not work').waitFor();
    world.clock.time += 16 * MINUTE;
    await page.getByLabel('One-time code').fill(late);
    await press(page, 'Open the message');
    await page.getByRole('alert').waitFor();
    await press(page, 'Send a new code');
    const code = mailedCode(world.store);
    await page.getByLabel('One-time code').fill(code);
    await press(page, 'Open the message');
    await opened(page, item.id);
    const other = await visit();
    await other.page.goto(`${link}/code`);
    await other.page.getByLabel('One-time code').fill(code);
    await press(other.page, 'Open the message');
    await other.page.getByRole('alert').waitFor();
    expect(reasons('portal.code-refused', item.id)).toEqual([
      'wrong code',
      'the code is past its time',
      'no code is open',
    ]);
  });

  it('a mailed code is locked after five wrong ones: then the right one is refused, too', async () => {
    const { item, link } = add();
    const { page } = await visit();
    await page.goto(link);
    await press(page, 'Send me a code');
    const right = mailedCode(world.store);
    for (const typed of [...Array<string>(5).fill('0000 0000'), right]) {
      await page.getByLabel('One-time code').fill(typed);
      await press(page, 'Open the message');
      await page.getByRole('alert').waitFor();
    }
    expect(new URL(page.url()).pathname).toMatch(/^\/m\//);
    expect(reasons('portal.code-refused', item.id).at(-1)).toBe('too many tries');
  });

  it('a first password, then that password with an app, after wrong ones that lock', async () => {
    const { item, link } = add({ strength: 'account' });
    const { page, context } = await visit();
    await proveMailbox(page, link);
    await follow(page, 'Choose a password');
    await page.locator('#password').fill(PASSWORD);
    await page.locator('#again').fill(PASSWORD);
    await toAnotherPage(page, () => page.locator('main form button[type=submit]').first().click());
    await opened(page, item.id);
    await page.goto(`${url}/account/authenticator`);
    const secret = (await page.locator('.secret').textContent())?.replaceAll(' ', '') ?? '';
    const app = () => generate({ secret, epoch: Math.floor(world.clock.time / 1000) });
    await page.locator('main input[name=code]').fill(await app());
    await toAnotherPage(page, () => page.locator('main form button[type=submit]').first().click());
    await page.waitForURL(`${url}/account`);

    await context.clearCookies();
    const signIn = async (password: string) => {
      await page.goto(`${url}/sign-in`);
      await page.locator('#address').fill(item.recipient);
      await page.locator('#password').fill(password);
      await press(page, 'Sign in');
    };
    for (let count = 0; count < 5; count++) {
      await signIn('not the password');
      await page.getByRole('alert').waitFor();
    }
    await signIn(PASSWORD);
    await page.getByRole('alert').waitFor();
    expect(world.store.types()).toContain('portal.account-locked');
    world.clock.time += 2 * MINUTE;
    await signIn(PASSWORD);
    await page.waitForURL(`${url}/sign-in/totp`);
    await page.locator('#totp').fill('000000');
    await press(page, 'Continue');
    await page.getByRole('alert').waitFor();
    await page.locator('#totp').fill(await app());
    await press(page, 'Continue');
    await page.waitForURL(`${url}/inbox`);
    await page.getByRole('listitem').getByRole('link').click();
    await opened(page, item.id);
  });

  it('a passphrase told by telephone, from the list, which ten wrong ones lock', async () => {
    const first = add();
    const told = newPassphrase();
    const locked = add({ recipient: first.item.recipient, strength: 'shared-secret' });
    const open = add({ recipient: first.item.recipient, strength: 'shared-secret' });
    for (const { item } of [locked, open]) {
      const hash = passphraseHash(CODE_KEY, item.id, told);
      if (hash === undefined) throw new Error('no passphrase');
      world.store.items.set(item.id, { ...item, passphraseHash: hash });
    }
    const { page } = await visit();
    await proveMailbox(page, first.link);
    await page.goto(`${url}/inbox/${open.item.id}`);
    await page.waitForURL(`${url}/inbox/${open.item.id}/steps`);
    await follow(page, 'Enter the passphrase that the sender told you');
    await page.getByLabel('Passphrase').fill(told);
    await press(page, 'Continue');
    await opened(page, open.item.id);

    await page.goto(`${url}/inbox`);
    const line = page.getByRole('listitem').filter({ hasText: 'Asks for more' });
    await toAnotherPage(page, () => line.getByRole('link').click());
    await follow(page, 'Enter the passphrase that the sender told you');
    for (let count = 0; count < 9; count++) {
      await page.getByLabel('Passphrase').fill('0000 0000');
      await press(page, 'Continue');
      await page.getByRole('alert').waitFor();
    }
    await page.getByLabel('Passphrase').fill('0000 0000');
    await press(page, 'Continue');
    await page.goto(`${url}/inbox/${locked.item.id}/steps`);
    await page.getByText('they can give you access').waitFor();
    expect(recorded('portal.passphrase-locked', locked.item.id)).toHaveLength(1);
  });

  it('a code by the organisation’s gateway', async () => {
    const { item, link } = add({ strength: 'account-second-factor' });
    const { page } = await visit();
    await proveMailbox(page, link);
    await press(page, 'Send me a code by telephone');
    await page.locator('#code').fill('0000 0000');
    await press(page, 'Continue');
    await page.getByRole('alert').waitFor();
    await page.locator('#code').fill(smsCode);
    await press(page, 'Continue');
    await opened(page, item.id);
  });

  it('a browser that is remembered, until its owner forgets it', async () => {
    const { item, link } = add();
    const { page, context } = await visit();
    await page.goto(link);
    await press(page, 'Send me a code');
    await page.getByLabel('One-time code').fill(mailedCode(world.store));
    await page.getByLabel('Remember this browser').check();
    await press(page, 'Open the message');
    await opened(page, item.id);
    await context.clearCookies({ name: 'pickup' });
    await page.goto(link);
    await press(page, 'Continue on this device');
    await opened(page, item.id);
    await page.goto(`${url}/account`);
    await page.getByRole('button', { name: /^Forget browser 1 \(Chrome/ }).click();
    await page.getByText('No browser is remembered.').waitFor();
    await context.clearCookies({ name: 'pickup' });
    await page.goto(link);
    await page.getByRole('button', { name: 'Send me a code' }).waitFor();
    expect(await page.getByRole('button', { name: 'Continue on this device' }).count()).toBe(0);
  });

  it('a new password for one that was lost, by the mailbox', async () => {
    const { item, link } = add({ strength: 'account' });
    const { page, context } = await visit();
    await proveMailbox(page, link);
    await follow(page, 'Choose a password');
    await page.locator('#password').fill(PASSWORD);
    await page.locator('#again').fill(PASSWORD);
    await toAnotherPage(page, () => page.locator('main form button[type=submit]').first().click());
    await opened(page, item.id);
    await context.clearCookies();
    await page.goto(`${url}/lost`);
    await page.locator('#address').fill(item.recipient);
    await toAnotherPage(page, () => page.locator('main form button[type=submit]').first().click());
    await page.waitForURL(`${url}/lost/code`);
    await page.locator('#code').fill(mailedCode(world.store));
    await press(page, 'Continue');
    await page.waitForURL(`${url}/lost/password`);
    await page.locator('#password').fill(`${PASSWORD} again`);
    await page.locator('#again').fill(`${PASSWORD} again`);
    await toAnotherPage(page, () => page.locator('main form button[type=submit]').first().click());
    await page.waitForURL(`${url}/inbox`);
  });

  it.each([
    [
      'taken back',
      (id: string) => {
        world.store.change({ changePortalItems: [{ id, state: 'revoked' }] });
      },
      'the item is revoked',
    ],
    [
      'past its time',
      () => {
        world.clock.time += 21 * MINUTE;
      },
      'the item is past its time',
    ],
  ] as const)(
    'lead no further to a message that is %s while it is open: all of it is shut',
    async (_, end, reason) => {
      const { item, link } = add({ expiresAt: world.clock.time + 20 * MINUTE });
      const { page } = await visit();
      await proveMailbox(page, link);
      await opened(page, item.id);
      expect(page.frames()[1]?.url()).toContain('/html');
      end(item.id);
      for (const path of [
        '',
        '/html',
        '/text',
        '/print',
        '/reply',
        '/attachments/0',
        '/message.eml',
        '/steps',
      ]) {
        const answer = await page.goto(`${url}/inbox/${item.id}${path}`);
        expect([path, answer?.status()]).toEqual([path, 404]);
        expect(await page.content()).not.toContain('canary');
      }
      await page.goto(`${url}/inbox`);
      await page.getByText('There are no messages for you now').waitFor();
      expect((await page.goto(link))?.status()).toBe(404);
      expect(new Set(reasons('portal.refused', item.id))).toEqual(new Set([reason]));
    },
  );

  it.each([
    ['on a light page', { colorScheme: 'light' as const }],
    ['on a dark page', { colorScheme: 'dark' as const }],
    ['on a narrow screen', { viewport: { width: 320, height: 640 } }],
    ['in Spanish', { locale: 'es-ES' }],
  ])('have pages that everybody can use, %s', async (_, options) => {
    const first = add();
    const { recipient } = first.item;
    const factor = add({ recipient, strength: 'account-second-factor' });
    const account = add({ recipient, strength: 'account' });
    const secret = add({ recipient, strength: 'shared-secret' });
    const hash = passphraseHash(CODE_KEY, secret.item.id, newPassphrase());
    if (hash === undefined) throw new Error('no passphrase');
    world.store.items.set(secret.item.id, { ...secret.item, passphraseHash: hash });
    const { page, context } = await visit(options);
    const check = async (name: string) => {
      expect([name, await accessibilityViolations(page)]).toEqual([name, []]);
      expect([name, await sidewaysOverflow(page)]).toEqual([name, 0]);
    };
    await page.goto(first.link);
    await check('link');
    await toAnotherPage(page, () => page.locator('main form button').first().click());
    await check('code');
    await page.locator('#code').fill('0000 0000');
    await toAnotherPage(page, () => page.locator('main form button').first().click());
    await check('code, refused');
    await page.locator('#code').fill(mailedCode(world.store));
    await toAnotherPage(page, () => page.locator('main form button').first().click());
    await opened(page, first.item.id);
    for (const path of [
      '/inbox',
      '/account',
      '/lost/of/0',
      `/inbox/${factor.item.id}/steps`,
      `/inbox/${account.item.id}/steps/register`,
      `/inbox/${secret.item.id}/steps/passphrase`,
    ]) {
      await page.goto(`${url}${path}`);
      expect(new URL(page.url()).pathname).toBe(path);
      await check(path);
    }
    await page.goto(factor.link);
    await toAnotherPage(page, () => page.locator('form[action$="/sms"] button').click());
    await check('sms');
    await context.clearCookies();
    await page.goto(`${url}/inbox`);
    await check('signed out');
  });

  it('can be gone with the keyboard alone: link, code, list, steps, passphrase', async () => {
    const first = add();
    const told = newPassphrase();
    const { item } = add({ recipient: first.item.recipient, strength: 'shared-secret', createdAt: START });
    const hash = passphraseHash(CODE_KEY, item.id, told);
    if (hash === undefined) throw new Error('no passphrase');
    world.store.items.set(item.id, { ...item, passphraseHash: hash });
    const { page } = await visit({ javaScriptEnabled: true });
    await page.goto(first.link);
    await tabTo(page, 'button Send me a code');
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await page.getByLabel('One-time code').waitFor();
    await tabTo(page, 'input One-time code');
    await page.keyboard.type(mailedCode(world.store));
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await opened(page, first.item.id);
    await tabTo(page, 'a Messages');
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await page.waitForURL(`${url}/inbox`);
    const line = page.getByRole('listitem').filter({ hasText: 'Asks for more' }).getByRole('link');
    await tabTo(page, `a ${(await line.textContent())?.slice(0, 60)}`);
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await page.waitForURL(`${url}/inbox/${item.id}/steps`);
    await tabTo(page, 'a Enter the passphrase that the sender told you');
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await page.getByLabel('Passphrase').waitFor();
    await tabTo(page, 'input Passphrase');
    await page.keyboard.type(told);
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await opened(page, item.id);
  });
});
