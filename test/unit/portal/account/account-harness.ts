import { generate } from 'otplib';
import { expect } from 'vitest';
import type { PortalItem } from '../../../../src/model/portal-item.js';
import { newPassphrase, passphraseHash } from '../../../../src/portal/passphrase.js';
import {
  type Answer,
  type Browser,
  formToken,
  linkSecret,
  signInTo,
  startWorld,
  type World,
} from '../harness.js';

export const SITE = 'http://localhost:8443';
export const PASSWORD = 'plum violin harbour nine';
export const CODE_KEY = new Uint8Array(32).fill(7);
export const link = (n: number) => `/m/${linkSecret(n)}`;

/** A portal whose host name passkeys may be bound to. */
export function accountWorld(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  return startWorld(
    { url: SITE, ...settings },
    { limits: { requestsPerNetwork: 10_000, refusalsPerNetwork: 10_000, formsPerLink: 10_000 } },
  );
}

/** Opens a page and sends its form with this target (a path); the answer is not followed. */
export async function fill(
  browser: Browser,
  page: string,
  target: string,
  fields: Record<string, string> = {},
): Promise<Answer> {
  const shown = await browser.get(page);
  const token = formToken(shown, target.slice(1));
  if (token === '') throw new Error(`no form ${target} on ${page}: ${shown.status} ${shown.body}`);
  return browser.post(target, { token, ...fields });
}

export const where = (answer: Answer) => [answer.status, answer.headers.location];

/** Adds an item that takes a passphrase; gives that. */
export function addWithPassphrase(w: World, n: number, change: Partial<PortalItem> = {}): string {
  const passphrase = newPassphrase();
  const hash = passphraseHash(CODE_KEY, `item${n}`, passphrase)!;
  w.store.add(n, { passphraseHash: hash, strength: 'account-second-factor', ...change });
  return passphrase;
}

/** By link, mailed code and passphrase. */
export async function signInWithPassphrase(w: World, n: number, passphrase: string): Promise<Browser> {
  const browser = await signInTo(w, n);
  const given = await fill(browser, `${link(n)}/passphrase`, `${link(n)}/passphrase`, { passphrase });
  expect(where(given)).toEqual([303, `/inbox/item${n}`]);
  return browser;
}

export async function setPassword(browser: Browser, password = PASSWORD): Promise<void> {
  const set = await fill(browser, '/account/password', '/account/password', { password, again: password });
  expect(where(set)).toEqual([303, '/account']);
}

/** Enrols an authenticator app; gives its secret. */
export async function enrolTotp(w: World, browser: Browser): Promise<string> {
  const page = await browser.get('/account/authenticator');
  const secret = /class="secret">([A-Z2-7 ]+)</.exec(page.body)?.[1]?.replaceAll(' ', '') ?? '';
  const done = await browser.post('/account/authenticator', {
    token: formToken(page, 'account/authenticator'),
    code: await totpCode(secret, w.clock.time),
  });
  expect(where(done)).toEqual([303, '/account']);
  return secret;
}

export const totpCode = (secret: string, now: number) => generate({ secret, epoch: Math.floor(now / 1000) });

/** The options in a page's passkey form. */
export function passkeyOptions(page: Answer): string {
  return (/data-options="([^"]*)"/.exec(page.body)?.[1] ?? '')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
