import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { formToken, mailedCode, mailText, signInTo, startWorld, type World } from '../harness.js';
import {
  accountWorld,
  addWithPassphrase,
  enrolTotp,
  fill,
  link,
  PASSWORD,
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
const servers: Server[] = [];
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.portal.close();
  for (const one of servers.splice(0)) {
    one.closeAllConnections();
    one.close();
  }
});
const reasons = (w: World) =>
  w.store.events.flatMap((event) =>
    event.type === 'portal.proof-refused' ? [`${event.data.proof}: ${event.data.reason}`] : [],
  );

describe('a message that demands an account', () => {
  it('lets whoever proves the mailbox choose a password, and then asks for that', async () => {
    const w = await world();
    w.store.add(1, { strength: 'account' });
    const start = await w.browser().get(link(1));
    expect(start.body).toContain('Send me a code');
    const browser = await signInTo(w, 1);
    const next = await browser.get(link(1));
    expect(next.body).toContain('Choose a password');
    expect((await browser.get('/inbox/item1')).status).toBe(303);

    const register = `${link(1)}/register`;
    const short = await fill(browser, register, register, { password: 'short', again: 'short' });
    expect(short.status).toBe(400);
    expect(short.body).toContain('at least 12 characters');
    const done = await fill(browser, register, register, { password: PASSWORD, again: PASSWORD });
    expect(where(done)).toEqual([303, '/inbox/item1']);
    expect((await browser.get('/inbox/item1')).status).toBe(200);
    expect(w.store.accounts.get('patient1@mail.test')?.passwordHash).toMatch(/^\$argon2id\$/);
    expect(mailText(w.store.mails.at(-1))).toContain('a password was chosen for patient1@mail.test');
    expect(JSON.stringify(w.store.events)).not.toContain(PASSWORD);

    const other = await signInTo(w, 1);
    const again = await other.get(link(1));
    expect(again.body).not.toContain('Choose a password');
    expect(where(await other.get(register))).toEqual([303, link(1)]);
    const path = `${link(1)}/password`;
    const wrong = await fill(other, path, path, { password: 'plum violin harbour ten' });
    expect(wrong.status).toBe(403);
    expect(wrong.body).toContain('That did not work');
    expect(where(await fill(other, path, path, { password: PASSWORD }))).toEqual([303, '/inbox/item1']);
    expect(w.store.types()).toContain('portal.proved');
    expect(reasons(w)).toEqual(['password: wrong password']);
  });

  it('changes the session’s token at each proof', async () => {
    const w = await world();
    w.store.add(1, { strength: 'account' });
    const browser = await signInTo(w, 1);
    const before = new Map(browser.cookies);
    await fill(browser, `${link(1)}/register`, `${link(1)}/register`, {
      password: PASSWORD,
      again: PASSWORD,
    });
    expect(browser.cookies.get('pickup')).not.toBe(before.get('pickup'));
    expect(w.store.sessions.size).toBe(1);
    browser.cookies.set('pickup', before.get('pickup')!);
    expect((await browser.get('/inbox')).status).toBe(403);
  });

  it('does not let a visitor register whose account has a second factor meanwhile', async () => {
    const w = await world();
    w.store.add(1, { strength: 'account' });
    const browser = await signInTo(w, 1);
    const page = await browser.get(`${link(1)}/register`);
    w.store.accounts.set('patient1@mail.test', {
      recipient: 'patient1@mail.test',
      createdAt: 0,
      changedAt: 0,
      failures: 0,
      totp: { sealed: new Uint8Array(60), enrolledBy: 'organisation', confirmed: true, lastStep: 0 },
    });
    const token = formToken(page, 'register');
    const late = await browser.post(`${link(1)}/register`, { token, password: PASSWORD, again: PASSWORD });
    expect(where(late)).toEqual([303, link(1)]);
    expect(w.store.accounts.get('patient1@mail.test')?.passwordHash).toBeUndefined();
  });
});

describe('wrong passwords', () => {
  it('lock the account for longer and longer, and the right one does not help meanwhile', async () => {
    const w = await world();
    w.store.add(1, { strength: 'account' });
    const owner = await signInTo(w, 1);
    const register = `${link(1)}/register`;
    await fill(owner, register, register, { password: PASSWORD, again: PASSWORD });
    const browser = w.browser();
    const path = `${link(1)}/password`;
    const answers = [];
    for (let i = 0; i < 5; i++)
      answers.push((await fill(browser, path, path, { password: 'not it at all' })).status);
    expect(answers).toEqual([403, 403, 403, 403, 403]);
    expect(w.store.types()).toContain('portal.account-locked');
    expect((await fill(browser, path, path, { password: PASSWORD })).status).toBe(403);
    expect(reasons(w).at(-1)).toBe('password: the account is locked');
    // Whoever has just proved the mailbox is counted for himself.
    w.store.add(2, { recipient: 'patient1@mail.test' });
    const known = await signInTo(w, 2);
    expect(where(await fill(known, path, path, { password: PASSWORD }))).toEqual([303, '/inbox/item1']);
    w.clock.time += 60_000;
    expect(where(await fill(browser, path, path, { password: PASSWORD }))).toEqual([303, '/inbox/item1']);
    expect(w.store.accounts.get('patient1@mail.test')).toMatchObject({ failures: 0 });
  });

  it('of guessers elsewhere lock out no browser that is remembered', async () => {
    const w = await world({ remember_device: '10d' });
    w.store.add(1);
    const owner = await signInTo(w, 1);
    await setPassword(owner);
    const start = await owner.get(link(1));
    const token = formToken(start, 'sign-out');
    await owner.post(`${link(1)}/code`, { token });
    const code = mailedCode(w.store);
    await owner.post(`${link(1)}/sign-in`, { token, code, remember: 'yes' });
    const address = 'patient1@mail.test';
    const thief = w.browser();
    for (let i = 0; i < 5; i++)
      await fill(thief, '/sign-in', '/sign-in', { address, password: 'not it at all' });
    owner.cookies.delete('pickup');
    const right = { address, password: PASSWORD };
    expect((await fill(thief, '/sign-in', '/sign-in', right)).status).toBe(403);
    expect((await fill(owner, '/sign-in', '/sign-in', right)).status).toBe(303);
  });

  it('of one network are not looked at any more after fifty', async () => {
    const w = await world();
    const browser = w.browser();
    const statuses = [];
    for (let i = 0; i < 52; i++)
      statuses.push(
        (await fill(browser, '/sign-in', '/sign-in', { address: `p${i}@mail.test`, password: 'x' })).status,
      );
    expect(statuses.slice(0, 50).every((status) => status === 403)).toBe(true);
    expect(statuses.slice(50)).toEqual([429, 429]);
    w.clock.time += 15 * 60_000;
    const later = await fill(browser, '/sign-in', '/sign-in', { address: 'p@mail.test', password: 'x' });
    expect(later.status).toBe(403);
  });

  it('sent at once are counted one by one', async () => {
    const w = await world();
    w.store.add(1, { strength: 'account' });
    const owner = await signInTo(w, 1);
    const register = `${link(1)}/register`;
    await fill(owner, register, register, { password: PASSWORD, again: PASSWORD });
    const browser = w.browser();
    const page = await browser.get(`${link(1)}/password`);
    const token = formToken(page, 'password');
    await Promise.all(
      Array.from({ length: 6 }, () =>
        browser.post(`${link(1)}/password`, { token, password: 'wrong wrong' }),
      ),
    );
    expect(reasons(w).filter((reason) => reason === 'password: wrong password')).toHaveLength(5);
  });
});

describe('a passphrase told by telephone', () => {
  it('opens its message beside the mailbox, and no other', async () => {
    const w = await world();
    const passphrase = addWithPassphrase(w, 1, { strength: 'shared-secret' });
    addWithPassphrase(w, 2, { strength: 'shared-secret', recipient: 'patient1@mail.test' });
    expect(where(await w.browser().get(`${link(1)}/passphrase`))).toEqual([303, link(1)]);
    const browser = await signInTo(w, 1);
    expect((await browser.get(link(1))).body).toContain('passphrase that the sender told you');
    const path = `${link(1)}/passphrase`;
    const given = await fill(browser, path, path, { passphrase: passphrase.replace(' ', '-') });
    expect(where(given)).toEqual([303, '/inbox/item1']);
    expect((await browser.get('/inbox/item1')).status).toBe(200);
    expect((await browser.get('/inbox/item2')).status).toBe(303);
    const other = `${link(2)}/passphrase`;
    expect((await fill(browser, other, other, { passphrase })).status).toBe(403);
    expect(JSON.stringify([w.store.events, w.store.state()])).not.toContain(passphrase);
  });

  it('is locked after ten wrong ones, sent at once or not', async () => {
    const w = await world();
    const passphrase = addWithPassphrase(w, 1);
    const browser = await signInTo(w, 1);
    const path = `${link(1)}/passphrase`;
    const token = formToken(await browser.get(path), 'passphrase');
    const tries = Array.from({ length: 14 }, (_, n) =>
      browser.post(path, { token, passphrase: String(10_000_000 + n) }),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses).not.toContain(200);
    expect(w.store.items.get('item1')?.passphraseTries).toBe(10);
    expect(w.store.types().filter((type) => type === 'portal.passphrase-locked')).toHaveLength(1);
    expect(where(await browser.post(path, { token, passphrase }))).toEqual([303, link(1)]);
    const start = await browser.get(link(1));
    expect(start.body).toContain('they can give you access');
    expect((await browser.get('/inbox/item1')).status).toBe(303);
  });
});

describe('a second factor', () => {
  it('that was enrolled behind a passphrase opens what demands one, each code once', async () => {
    const w = await world();
    const first = await signInWithPassphrase(w, 1, addWithPassphrase(w, 1));
    await setPassword(first);
    const secret = await enrolTotp(w, first);
    expect(w.store.accounts.get('patient1@mail.test')?.totp).toMatchObject({
      enrolledBy: 'organisation',
      confirmed: true,
    });
    expect(w.store.state()).not.toContain(secret);
    w.store.add(3, { strength: 'account-second-factor', recipient: 'patient1@mail.test' });
    w.clock.time += 60_000;

    const browser = w.browser();
    const password = `${link(3)}/password`;
    expect(where(await browser.get(`${link(3)}/totp`))).toEqual([303, link(3)]);
    expect(where(await fill(browser, password, password, { password: PASSWORD }))).toEqual([303, link(3)]);
    const totp = `${link(3)}/totp`;
    expect((await fill(browser, totp, totp, { totp: '000000' })).status).toBe(403);
    const code = await totpCode(secret, w.clock.time);
    expect(where(await fill(browser, totp, totp, { totp: code }))).toEqual([303, '/inbox/item3']);
    expect((await browser.get('/inbox/item3')).status).toBe(200);

    const second = w.browser();
    await fill(second, password, password, { password: PASSWORD });
    expect((await fill(second, totp, totp, { totp: code })).status).toBe(403);
    w.clock.time += 30_000;
    const next = await totpCode(secret, w.clock.time);
    expect(where(await fill(second, totp, totp, { totp: next }))).toEqual([303, '/inbox/item3']);
  });

  it('that the mailbox alone enrolled opens nothing that demands one', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    await setPassword(browser);
    await enrolTotp(w, browser);
    expect(w.store.accounts.get('patient1@mail.test')?.totp?.enrolledBy).toBe('mailbox');
    addWithPassphrase(w, 2, { recipient: 'patient1@mail.test' });
    const start = await browser.get(link(2));
    expect(start.body).toContain('passphrase that the sender told you');
    expect(start.body).not.toContain('authenticator app');
    expect((await browser.get('/inbox/item2')).status).toBe(303);
  });

  it('is guessed by nobody who has the password: right passwords do not make wrong codes good', async () => {
    const w = await world();
    const first = await signInWithPassphrase(w, 1, addWithPassphrase(w, 1));
    await setPassword(first);
    const secret = await enrolTotp(w, first);
    const browser = w.browser();
    const password = `${link(1)}/password`;
    const totp = `${link(1)}/totp`;
    await fill(browser, password, password, { password: PASSWORD });
    for (let i = 0; i < 5; i++) await fill(browser, totp, totp, { totp: `00000${i}` });
    const other = w.browser();
    await fill(other, password, password, { password: PASSWORD });
    w.clock.time += 30_000;
    expect((await fill(other, totp, totp, { totp: await totpCode(secret, w.clock.time) })).status).toBe(403);
    expect(w.store.accounts.get('patient1@mail.test')?.failures).toBe(5);
  });
});

describe('a remembered browser', () => {
  it('needs no code for what asks for no more, until its time ends or it is forgotten', async () => {
    const w = await world({ remember_device: '10d' });
    w.store.add(1);
    w.store.add(2, { recipient: 'patient1@mail.test', strength: 'account' });
    const browser = w.browser();
    const start = await browser.get(link(1));
    await browser.post(`${link(1)}/code`, { token: formToken(start, 'code') });
    const enter = await browser.get(`${link(1)}/code`);
    expect(enter.body).toContain('Remember this browser for 10 days');
    const code =
      /(\d{4}) (\d{4})/
        .exec(mailText(w.store.mails.at(-1)))
        ?.slice(1, 3)
        .join('') ?? '';
    await browser.post(`${link(1)}/sign-in`, { token: formToken(enter, 'sign-in'), code, remember: 'yes' });
    expect(browser.cookies.get('pickup-device')).toMatch(/^[\w-]{43}$/);
    browser.cookies.delete('pickup');
    expect((await browser.get(link(1))).body).toContain('Continue on this device');
    expect((await browser.get(link(2))).body).not.toContain('Continue on this device');
    expect(where(await fill(browser, link(1), `${link(1)}/device`))).toEqual([303, '/inbox/item1']);
    expect((await browser.get('/inbox/item1')).status).toBe(200);
    expect(where(await browser.get('/account/password'))).toEqual([303, '/account/confirm']);

    browser.cookies.delete('pickup');
    const stranger = w.browser();
    stranger.cookies.set('pickup-device', 'A'.repeat(43));
    expect((await stranger.get(link(1))).body).not.toContain('Continue on this device');
    w.clock.time += 10 * 86_400_000;
    expect((await browser.get(link(1))).body).not.toContain('Continue on this device');
  });

  it('is not offered unless it is configured', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    expect((await browser.get(`${link(1)}/code`)).body).not.toContain('Remember');
    expect(browser.cookies.has('pickup-device')).toBe(false);
  });
});

describe('codes by the organisation’s gateway', () => {
  interface Asked {
    readonly headers: IncomingMessage['headers'];
    readonly body: string;
  }
  async function gateway(answer: (response: ServerResponse) => void) {
    const asked: Asked[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        asked.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
        answer(response);
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/codes` };
  }

  it('are a second factor beside the mailbox, and reach the gateway with its token', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sms-'));
    const file = join(folder, 'token');
    await writeFile(file, 'made-up-token\n');
    const { asked, url } = await gateway((response) => response.writeHead(204).end());
    const w = await world({ sms: `{ url: "${url}", token_file: "${file}" }` });
    w.store.add(1, { strength: 'account-second-factor' });
    expect((await w.browser().get(link(1))).body).not.toContain('by telephone');
    const browser = await signInTo(w, 1);
    expect(where(await fill(browser, link(1), `${link(1)}/sms`))).toEqual([303, `${link(1)}/sms`]);
    await rm(folder, { recursive: true });
    const sent = JSON.parse(asked[0]!.body) as { recipient: string; code: string; language: string };
    expect(sent).toEqual({
      recipient: 'patient1@mail.test',
      code: expect.stringMatching(/^\d{8}$/),
      language: 'en',
    });
    expect(asked[0]?.headers.authorization).toBe('Bearer made-up-token');
    expect(JSON.stringify([w.store.state(), w.store.events, w.logged])).not.toContain(sent.code);
    const page = `${link(1)}/sms`;
    expect((await fill(browser, page, `${page}/code`, { code: '00000000' })).status).toBe(403);
    const done = await fill(browser, page, `${page}/code`, { code: sent.code });
    expect(where(done)).toEqual([303, '/inbox/item1']);
    expect(asked).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void, string, string]>([
    [
      'knows no number',
      (r) => r.writeHead(404).end(),
      'knows no telephone number',
      'the gateway knows no number',
    ],
    [
      'fails',
      (r) => r.writeHead(500).end('x'.repeat(1_000_000)),
      'could not be sent',
      'the gateway answered 500',
    ],
    [
      'redirects',
      (r) => r.writeHead(302, { location: '/elsewhere' }).end(),
      'could not be sent',
      'the gateway answered 302',
    ],
    ['says nothing', () => undefined, 'could not be sent', 'the gateway did not answer in time'],
    ['hangs up', (r) => r.destroy(), 'could not be sent', 'the gateway could not be reached'],
  ])('where it %s', async (_, answer, shown, reason) => {
    const { asked, url } = await gateway(answer);
    const w = await world({ sms: `{ url: "${url}", timeout: 3s }` });
    w.store.add(1, { strength: 'account-second-factor' });
    const browser = await signInTo(w, 1);
    const failed = await fill(browser, link(1), `${link(1)}/sms`);
    expect(failed.status).toBe(502);
    expect(failed.body).toContain(shown);
    expect(asked).toHaveLength(1);
    expect(w.store.events.at(-1)).toMatchObject({ type: 'portal.sms-failed', data: { reason } });
  });

  it('are limited like codes by mail', async () => {
    const { asked, url } = await gateway((response) => response.writeHead(204).end());
    const w = await world({ sms: `{ url: "${url}" }`, codes_per_hour: '3' });
    w.store.add(1, { strength: 'account-second-factor' });
    const browser = await signInTo(w, 1);
    const statuses = [];
    for (let i = 0; i < 4; i++) statuses.push((await fill(browser, link(1), `${link(1)}/sms`)).status);
    expect(statuses).toEqual([303, 303, 429, 429]);
    expect(asked).toHaveLength(2);
  });

  it.each(['http://sms.clinic.example/', 'https://user:word@sms.clinic.example/'])(
    'do not start with %s',
    async (url) => {
      await expect(startWorld({ sms: `{ url: "${url}" }` })).rejects.toThrow(/portal\.sms/);
    },
  );
});
