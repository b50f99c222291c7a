import { afterEach, describe, expect, it } from 'vitest';
import { pagePath } from '../../../src/portal/page-path.js';
import { formToken, linkSecret, startWorld, type World } from './harness.js';

/* Whoever changes the language on the answer to a form comes back to a page, not to nothing. */

let world: World | undefined;
afterEach(() => world?.portal.close());

describe('the way back after another language was chosen', () => {
  it('leads to the page of the code where a wrong one was typed', async () => {
    world = await startWorld();
    world.store.add(1);
    const browser = world.browser();
    const path = `/m/${linkSecret(1)}`;
    await browser.post(`${path}/code`, { token: formToken(await browser.get(path), 'code') });
    const enter = await browser.get(`${path}/code`);
    const wrong = await browser.post(`${path}/sign-in`, {
      token: formToken(enter, 'sign-in'),
      code: '0000 0000',
    });
    expect(wrong.status).toBe(403);
    const back = /name="path" value="([^"]+)"/.exec(wrong.body)?.[1] ?? '';
    const token = /action="\/language"[^>]*>\s*<input type="hidden" name="token" value="([^"]+)"/.exec(
      wrong.body,
    )?.[1];
    const chosen = await browser.post('/language', { token: token ?? '', path: back, language: 'es' });
    expect([chosen.status, chosen.headers.location]).toEqual([303, `${path}/code`]);
    const page = await browser.get(`${path}/code`);
    expect([page.status, page.body.includes('<html lang="es">')]).toEqual([200, true]);
  });

  it.each([
    ['/m/abc/sign-in', '/m/abc/code'],
    ['/m/abc/sms/code', '/m/abc/sms'],
    ['/m/abc/password', '/m/abc/password'],
    ['/sign-in', '/sign-in'],
    ['/sign-in/passkey', '/sign-in'],
    ['/lost/passkey', '/lost/password'],
    ['/account/confirm/send', '/account/confirm'],
    ['/account/passkey/remove', '/account'],
    ['/sign-out', '/sign-in'],
    ['/inbox/item1/reply', '/inbox/item1/reply'],
  ])('from %s leads to %s', (from, to) => expect(pagePath(from)).toBe(to));
});
