import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { accountWorld, fill, link, PASSWORD, setPassword } from './account/account-harness.js';
import { type Browser, formToken, mailedCode, signInTo, type World } from './harness.js';

/* What a visitor does, gets and is refused is an audit event, with the address that it came from. */

const worlds: World[] = [];
const servers: Server[] = [];
async function world(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  const one = await accountWorld(settings);
  worlds.push(one);
  return one;
}
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.portal.close();
  for (const one of servers.splice(0)) one.close();
});

const ADDRESS = 'patient1@mail.test';

/** The events of an act, in order. */
async function eventsOf(w: World, act: () => Promise<unknown>) {
  const before = w.store.events.length;
  await act();
  return w.store.events.slice(before);
}

describe('on record', () => {
  it.each<[string, string, object]>([
    ['/inbox', 'portal.list-read', { recipient: ADDRESS, subjects: 1 }],
    ['/inbox/item1', 'portal.message-read', { item: 'item1' }],
    ['/inbox/item1/html', 'portal.message-read', { item: 'item1' }],
    ['/inbox/item1/text', 'portal.message-read', { item: 'item1' }],
    ['/inbox/item1/print', 'portal.message-read', { item: 'item1' }],
    ['/inbox/item1/message.eml', 'portal.message-read', { item: 'item1' }],
    ['/inbox/item1/reply', 'portal.message-read', { item: 'item1' }],
    ['/inbox/item1/attachments/0', 'portal.attachment-read', { item: 'item1', as: 'file' }],
    ['/inbox/item1/attachments.zip', 'portal.attachment-read', { item: 'item1', as: 'archive' }],
    [
      '/inbox/item1/attachments/0/preview/1',
      'portal.attachment-read',
      { item: 'item1', as: 'preview', page: 1 },
    ],
    ['/inbox/item9', 'portal.refused', { reason: 'unknown item', recipient: ADDRESS }],
    ['/inbox/item1/nothing', 'portal.refused', { reason: 'no such page', recipient: ADDRESS }],
    [link(1), 'portal.opened', { item: 'item1', recipient: ADDRESS }],
    [link(9), 'portal.refused', { reason: 'unknown link' }],
    ['/m/x', 'portal.refused', { reason: 'malformed link' }],
  ])('is that somebody asked for %s: %s', async (path, type, data) => {
    const w = await world();
    w.store.add(1);
    w.preview = { status: 'drawn', pages: 1, width: 1, height: 1, png: Buffer.from('png') } as never;
    const browser = await signInTo(w, 1);
    const events = await eventsOf(w, () => browser.get(path));
    expect(events).toEqual([
      expect.objectContaining({
        type,
        data: expect.objectContaining({ ...data, clientAddress: '127.0.0.1' }),
      }),
    ]);
  });

  it('is each step of signing in, in and out of an account, and each refusal on the way', async () => {
    const w = await world();
    w.store.add(1);
    const form = (browser: Browser, page: string, target: string, fields: Record<string, string>) => () =>
      fill(browser, page, target, fields);
    const types = async (act: () => Promise<unknown>) => (await eventsOf(w, act)).map(({ type }) => type);
    const browser = w.browser();
    const code = `${link(1)}/code`;
    const signIn = `${link(1)}/sign-in`;
    expect(await types(form(browser, link(1), code, {}))).toEqual([
      'portal.opened',
      'portal.code-sent',
      'notice.queued',
    ]);
    expect(await types(form(browser, code, signIn, { code: '0' }))).toEqual([
      'portal.opened',
      'portal.code-refused',
    ]);
    expect(await types(form(browser, code, signIn, { code: mailedCode(w.store) }))).toEqual([
      'portal.opened',
      'portal.signed-in',
    ]);
    expect(await types(() => setPassword(browser))).toEqual(['portal.account-changed']);
    expect(await types(form(browser, '/account', '/sign-out', {}))).toEqual(['portal.signed-out']);
    const wrong = { address: ADDRESS, password: 'not the password' };
    expect(await types(form(browser, '/sign-in', '/sign-in', wrong))).toEqual(['portal.proof-refused']);
    const right = { address: ADDRESS, password: PASSWORD };
    expect(await types(form(browser, '/sign-in', '/sign-in', right))).toEqual(['portal.proved']);

    const lost = w.browser();
    expect(await types(form(lost, '/lost', '/lost', { address: ADDRESS }))).toEqual([
      'portal.account-code-sent',
    ]);
    expect(await types(form(lost, '/lost/code', '/lost/code', { code: '0' }))).toEqual([
      'portal.proof-refused',
    ]);
    const typed = { code: mailedCode(w.store) };
    expect(await types(form(lost, '/lost/code', '/lost/code', typed))).toEqual(['portal.proved']);
    expect(await types(form(w.browser(), '/lost', '/lost', { address: 'nobody@mail.test' }))).toEqual([
      'portal.proof-refused',
    ]);
    const token = formToken(await browser.get('/account'), 'sign-out');
    expect(await types(() => w.browser().post('/sign-in', { token }))).toEqual(['portal.refused']);
  });

  it('is a code that the organisation’s gateway is asked to send', async () => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(204).end();
    });
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const w = await world({ sms: `{ url: "http://127.0.0.1:${port}/send" }` });
    w.store.add(1, { strength: 'account-second-factor' });
    const browser = await signInTo(w, 1);
    const events = await eventsOf(w, () => fill(browser, link(1), `${link(1)}/sms`));
    expect(events.map(({ type }) => type)).toEqual(['portal.opened', 'portal.sms-asked']);
  });
});
