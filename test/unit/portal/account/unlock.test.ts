import { afterEach, describe, expect, it } from 'vitest';
import { unlockRecipient } from '../../../../src/portal/account/unlock.js';
import { createPortalOperations } from '../../../../src/portal/after/operate.js';
import { plainBodies } from '../../../support/memory-portal.js';
import { loadedConfig, mailText, ownMail, signInTo, type World } from '../harness.js';
import {
  accountWorld,
  addWithPassphrase,
  CODE_KEY,
  enrolTotp,
  fill,
  link,
  PASSWORD,
  setPassword,
  signInWithPassphrase,
  where,
} from './account-harness.js';

const worlds: World[] = [];
async function world(): Promise<World> {
  const one = await accountWorld();
  worlds.push(one);
  return one;
}
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.portal.close();
});

const ADDRESS = 'patient1@mail.test';
const unlock = (w: World) =>
  unlockRecipient({ portal: w.store.portal, codeKey: CODE_KEY, inTurn: w.inTurn }, ADDRESS, 'op: J. Roe');

const operationsOf = (w: World) =>
  createPortalOperations({
    loaded: () => loadedConfig(),
    portal: w.store.portal,
    queue: w.store.queue,
    bodies: plainBodies,
    ownMail,
    codeKey: CODE_KEY,
    inTurn: w.inTurn,
    clock: { now: () => w.clock.time },
  });

describe('unlocking a recipient', () => {
  it('makes another passphrase for what a locked one guarded', async () => {
    const w = await world();
    const old = addWithPassphrase(w, 1);
    w.store.items.set('item1', { ...w.store.items.get('item1')!, passphraseTries: 10 });
    const { passphrase, items } = await unlock(w);
    expect([items, passphrase === old]).toEqual([1, false]);
    expect(JSON.stringify([w.store.state(), w.store.events])).not.toContain(passphrase);
    expect(w.store.types()).toEqual(['portal.passphrase-made', 'portal.unlocked']);
    const browser = await signInTo(w, 1);
    const path = `${link(1)}/passphrase`;
    expect((await fill(browser, path, path, { passphrase: old })).status).toBe(403);
    const done = await fill(browser, path, path, { passphrase: passphrase ?? '' });
    expect(where(done)).toEqual([303, '/inbox/item1']);
  });

  it('lets whoever lost the second factor set up another, by mailbox and passphrase', async () => {
    const w = await world();
    const first = await signInWithPassphrase(w, 1, addWithPassphrase(w, 1));
    await setPassword(first);
    const lost = await enrolTotp(w, first);
    w.store.add(2, { strength: 'account-second-factor', recipient: ADDRESS });
    w.clock.time += 3_600_000;

    w.store.add(3, { recipient: ADDRESS });
    expect((await w.browser().get(link(2))).body).not.toContain('Send me a code');
    const browser = await signInTo(w, 3);
    expect(where(await browser.get('/account/authenticator'))).toEqual([303, '/account/confirm']);
    const { passphrase } = await unlock(w);
    const path = `${link(2)}/passphrase`;
    const page = await browser.get(link(2));
    expect(page.body).toContain('passphrase');
    await fill(browser, path, path, { passphrase: passphrase ?? '' });
    const found = await enrolTotp(w, browser);
    expect(found).not.toBe(lost);
    expect(w.store.accounts.get(ADDRESS)?.totp?.enrolledBy).toBe('organisation');
    await setPassword(browser, 'maple engine twelve doors');
  });

  it('forgets failures, and says when there is nothing to open', async () => {
    const w = await world();
    w.store.add(1);
    w.store.accounts.set(ADDRESS, {
      recipient: ADDRESS,
      createdAt: 0,
      changedAt: 0,
      failures: 9,
      lockedUntil: w.clock.time + 1e6,
    });
    expect(await unlock(w)).toEqual({ items: 0, wasLocked: true });
    expect(w.store.accounts.get(ADDRESS)).toEqual({
      recipient: ADDRESS,
      createdAt: 0,
      changedAt: 0,
      failures: 0,
    });
    expect(w.store.items.get('item1')?.passphraseHash).toBeUndefined();
  });

  it('ends what the passphrase before had opened', async () => {
    const w = await world();
    const browser = await signInWithPassphrase(w, 1, addWithPassphrase(w, 1));
    await unlock(w);
    expect((await browser.get('/inbox/item1')).status).not.toBe(200);
  });

  it('removes the account when asked to, and tells its owner', async () => {
    const w = await world();
    w.store.add(1);
    const thief = await signInTo(w, 1);
    await setPassword(thief);
    await enrolTotp(w, thief);
    const operations = operationsOf(w);
    expect(await operations.resetAccount('Patient1@mail.test', 'op: J. Roe')).toBe(true);
    expect([w.store.accounts.size, w.store.sessions.size]).toEqual([0, 0]);
    expect((await thief.get('/inbox')).status).toBe(403);
    expect(mailText(w.store.mails.at(-1))).toContain('the organisation removed the account');
    expect(w.store.events.filter(({ type }) => type === 'portal.account-changed').at(-1)).toMatchObject({
      data: { change: 'reset', actor: 'op: J. Roe' },
    });
    expect(await operations.resetAccount(ADDRESS, 'op: J. Roe')).toBe(false);
  });

  it('ends sessions on record where there is no account either', async () => {
    const w = await world();
    w.store.add(1);
    const thief = await signInTo(w, 1);
    expect(await operationsOf(w).resetAccount(ADDRESS, 'op: J. Roe')).toBe(false);
    expect((await thief.get('/inbox')).status).toBe(403);
    expect(w.store.events.filter(({ type }) => type === 'portal.account-changed')).toMatchObject([
      { data: { recipient: ADDRESS, change: 'reset', actor: 'op: J. Roe' } },
    ]);
    expect(w.store.mails.filter(({ message }) => message.origin === 'account-notice')).toEqual([]);
  });

  it('lets no sign-in that is going on outlive the account', async () => {
    const w = await world();
    w.store.add(1);
    const owner = await signInTo(w, 1);
    await setPassword(owner);
    const { openSession } = w.store.portal;
    let removed: Promise<boolean> | undefined;
    w.store.portal.openSession = async (session, events) => {
      // The password is right, and the session not yet there.
      removed = operationsOf(w).resetAccount(ADDRESS, 'op: J. Roe');
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      return openSession(session, events);
    };
    const guest = w.browser();
    await fill(guest, '/sign-in', '/sign-in', { address: ADDRESS, password: PASSWORD });
    expect(await removed).toBe(true);
    expect([w.store.accounts.size, w.store.sessions.size]).toEqual([0, 0]);
    expect((await guest.get('/inbox')).status).toBe(403);
  });

  it('lets no passphrase of before open anything, whose check is going on', async () => {
    const w = await world();
    const passphrase = addWithPassphrase(w, 1);
    const browser = await signInTo(w, 1);
    const { raiseSession } = w.store.portal;
    let done: Promise<unknown> | undefined;
    w.store.portal.raiseSession = async (old, session, events) => {
      done ??= unlock(w);
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      return raiseSession(old, session, events);
    };
    await fill(browser, `${link(1)}/passphrase`, `${link(1)}/passphrase`, { passphrase });
    await done;
    expect((await browser.get('/inbox/item1')).status).not.toBe(200);
  });
});
