import { generate } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endItem } from '../support/end-item.js';
import { type Agent, type Answer, multipart, tokenOf } from '../support/portal-agent.js';
import {
  type AttackCast,
  anySecret,
  expectNoSecretLeft,
  expectNothingOf,
  pathTo,
  SESSION,
  startAttackCast,
  times,
} from '../support/portal-attack-cast.js';
import {
  ORIGIN,
  PASSWORD,
  type Placed,
  passkeyOptions,
  SECRET_SUBJECT,
  SENDER,
} from '../support/portal-attack-stage.js';
import { softAuthenticator } from '../support/soft-authenticator.js';

/*
 * An attacker against a relay with the portal: from any network, with any mailbox but the victim's, and sometimes with
 * that one. Whatever is tried is refused, is on record with the network that it came from, and leaves no secret behind.
 */

let cast: AttackCast;
let stage: AttackCast['stage'];
let itemPages: AttackCast['itemPages'];
let stepPages: AttackCast['stepPages'];
let vera: AttackCast['vera'];
let veras: AttackCast['veras'];
let mallory: AttackCast['mallory'];
let ada: AttackCast['ada'];
let adas: AttackCast['adas'];
let refusals: AttackCast['refusals'];

beforeAll(async () => {
  cast = await startAttackCast();
  ({ stage, itemPages, stepPages, vera, veras, mallory, ada, adas, refusals } = cast);
});

afterAll(async () => {
  await stage?.close();
});

describe('guessing', () => {
  it('links: each guess gets the same answer, then none, whatever it says of its origin', async () => {
    const guesser = stage.agent();
    const answers: Answer[] = [];
    for (let i = 0; i < 34; i++)
      answers.push(
        await guesser.fresh().get(i % 2 === 0 ? `/m/${anySecret()}` : `/m/${anySecret()}/code`, {
          'x-forwarded-for': `198.51.100.${i}`,
          forwarded: `for=198.51.100.${i}`,
          'x-real-ip': `198.51.100.${i}`,
        }),
      );
    expect(answers.map(({ status }) => status)).toEqual([...times(30, 404), ...times(4, 429)]);
    expect(new Set(answers.slice(0, 30).map(({ text }) => text)).size).toBe(1);
    expect((await refusals(guesser.network)).slice(0, 30)).toEqual(times(30, 'portal.refused: unknown link'));
    expect((await stage.agent().get(vera.link)).status).toBe(200);
  });

  it('session tokens', async () => {
    const guesser = stage.agent();
    const answers: Answer[] = [];
    for (let i = 0; i < 32; i++) {
      guesser.cookies.set(SESSION, anySecret());
      answers.push(await guesser.get(`/inbox/${vera.item}`));
    }
    expect(answers.map(({ status }) => status)).toEqual([...times(30, 403), ...times(2, 429)]);
    expect((await refusals(guesser.network)).slice(0, 30)).toEqual(times(30, 'portal.refused: no session'));
    for (const answer of answers) expectNothingOf(answer);
  });

  it('a code: after five wrong ones the right one is refused too, from wherever it comes', async () => {
    const item = await stage.place('code1@patient.example', 'code');
    const thief = stage.agent();
    await thief.fill(item.link, `${item.link}/code`);
    const code = await stage.code(item.recipient);
    const networks: string[] = [];
    for (let i = 0; i < 5; i++) {
      const elsewhere = thief.moved();
      networks.push(elsewhere.network);
      const wrong = String((Number(code.replace(' ', '')) + 1 + i) % 10 ** 8).padStart(8, '0');
      const tried = await elsewhere.fill(`${item.link}/code`, `${item.link}/sign-in`, { code: wrong });
      expect(tried.status).toBe(403);
    }
    const late = await thief.fill(`${item.link}/code`, `${item.link}/sign-in`, { code });
    expect(late.status).toBe(403);
    expect(late.headers['set-cookie']).toBeUndefined();
    for (const network of networks)
      expect(await refusals(network)).toEqual(['portal.code-refused: wrong code']);
    expect(await refusals(thief.network)).toEqual(['portal.code-refused: too many tries']);
  });

  it('codes: so many an hour for a message, and for an address', async () => {
    const address = 'code2@patient.example';
    const items: Placed[] = [];
    for (let i = 0; i < 5; i++) items.push(await stage.place(address, 'code'));
    const statuses: number[] = [];
    let network = '';
    for (const { link } of items)
      for (let i = 0; i < 6; i++) {
        const asking = stage.agent();
        ({ network } = asking);
        statuses.push((await asking.fill(link, `${link}/code`)).status);
      }
    const five = [...times(5, 303), 429];
    expect(statuses).toEqual([...five, ...five, ...five, ...five, ...times(6, 429)]);
    expect(await refusals(network)).toEqual(['portal.code-refused: too many codes asked for']);
  });

  it('codes from one network: after fifty wrong ones it is not listened to, others are', async () => {
    const thief = stage.agent();
    const items: Placed[] = [];
    for (let i = 0; i < 3; i++) items.push(await stage.place(`code3-${i}@patient.example`, 'code'));
    const statuses: number[] = [];
    for (const { link } of items) {
      const token = tokenOf(await thief.get(link));
      for (let i = 0; i < 18; i++)
        statuses.push((await thief.post(`${link}/sign-in`, { token, code: '00000000' })).status);
    }
    expect(statuses).toEqual([...times(50, 403), ...times(4, 429)]);
    expect(
      (await refusals(thief.network)).filter((one) => one === 'portal.code-refused: no code is open'),
    ).toHaveLength(50);
    const last = items[2]!;
    const honest = await stage.proveMailbox(stage.agent(), last);
    expect([honest.status, honest.headers.location]).toEqual([303, `/inbox/${last.item}`]);
  });

  it('a password: five wrong ones of a network lock the account there, and leave its owner alone', async () => {
    const holder = await stage.holder('paul@patient.example');
    const thief = stage.agent();
    for (let i = 0; i < 5; i++) {
      const tried = await thief.fill('/sign-in', '/sign-in', {
        address: 'paul@patient.example',
        password: `not the password ${i}`,
      });
      expect(tried.status).toBe(403);
    }
    const right = { address: 'paul@patient.example', password: PASSWORD };
    const tried = await thief.fill('/sign-in', '/sign-in', right);
    expect([tried.status, tried.headers['set-cookie']]).toEqual([403, undefined]);
    expect(await refusals(thief.network)).toEqual([
      ...Array(5).fill('portal.proof-refused: wrong password'),
      'portal.proof-refused: the account is locked',
    ]);
    expect((await stage.agent().fill('/sign-in', '/sign-in', right)).status).toBe(303);
    expect((await stage.events()).map(({ type }) => type)).toContain('portal.account-locked');
    // Who is signed in stays so.
    expect((await holder.agent.moved().get('/inbox')).status).toBe(200);
  });

  it('the second factor by whoever has the password', async () => {
    await stage.holder('tina@patient.example');
    const thief = stage.agent();
    const first = await thief.fill('/sign-in', '/sign-in', {
      address: 'tina@patient.example',
      password: PASSWORD,
    });
    expect(first.headers.location).toBe('/sign-in/totp');
    for (let i = 0; i < 5; i++)
      expect((await thief.fill('/sign-in/totp', '/sign-in/totp', { totp: `00000${i}` })).status).toBe(403);
    const elsewhere = thief.moved().fresh();
    await elsewhere.fill('/sign-in', '/sign-in', { address: 'tina@patient.example', password: PASSWORD });
    const again = await elsewhere.fill('/sign-in/totp', '/sign-in/totp', { totp: '000009' });
    expect(again.status).toBe(403);
    expect(await refusals(elsewhere.network)).toEqual(['portal.proof-refused: the account is locked']);
    expect(await refusals(thief.network)).toEqual(times(5, 'portal.proof-refused: wrong totp'));
  });

  it('a passphrase: ten wrong ones lock it', async () => {
    const item = await stage.place('tess@patient.example', 'telephone');
    const passphrase = await stage.passphrase(item.recipient);
    const path = `${item.link}/passphrase`;
    const stranger = await stage.agent().get(path);
    expect([stranger.status, stranger.headers.location]).toEqual([303, item.link]);
    const thief = await stage.signedIn(item);
    for (let i = 0; i < 10; i++)
      expect((await thief.fill(path, path, { passphrase: `0000000${i}` })).status).toBe(403);
    const locked = await thief.post(path, { token: tokenOf(await thief.get('/inbox')), passphrase });
    expect([locked.status, locked.headers.location]).toEqual([303, item.link]);
    expect((await thief.get(item.link)).text).not.toContain('passphrase"');
    expect(await refusals(thief.network)).toEqual(times(10, 'portal.proof-refused: wrong passphrase'));
    expect((await stage.events(thief.network)).map(({ type }) => type)).toContain('portal.passphrase-locked');
  });
});

describe('sessions', () => {
  it('are never those that somebody set before signing in', async () => {
    const item = await stage.place('fix@patient.example', 'code');
    const victim = stage.agent();
    const planted = anySecret();
    victim.cookies.set(SESSION, planted);
    await stage.proveMailbox(victim, item);
    expect(victim.cookies.get(SESSION)).not.toBe(planted);
    const thief = stage.agent();
    thief.cookies.set(SESSION, planted);
    expect((await thief.get(`/inbox/${item.item}`)).status).toBe(403);
    expect(await refusals(thief.network)).toEqual(['portal.refused: no session']);
  });

  it('of the attacker, planted in the victim’s browser, never become the victim’s', async () => {
    const item = await stage.place('fix2@patient.example', 'code');
    const trap = await stage.signedIn(await stage.place('mallory2@patient.example', 'code'));
    const planted = trap.cookies.get(SESSION)!;
    const victim = stage.agent();
    victim.cookies.set(SESSION, planted);
    await stage.proveMailbox(victim, item);
    expect((await victim.get(`/inbox/${item.item}`)).status).toBe(200);
    const thief = stage.agent();
    thief.cookies.set(SESSION, planted);
    expect((await thief.get(`/inbox/${item.item}`)).status).toBe(403);
    expect(await refusals(thief.network)).toEqual(['portal.refused: no session']);
  });

  it('have another token after each proof, and the one before is worth nothing', async () => {
    const item = await stage.place('step@patient.example', 'account');
    const visitor = stage.agent();
    const before = visitor.cookies.get(SESSION);
    await stage.proveMailbox(visitor, item);
    const afterMailbox = visitor.cookies.get(SESSION)!;
    await visitor.fill(`${item.link}/register`, `${item.link}/register`, {
      password: PASSWORD,
      again: PASSWORD,
    });
    const afterPassword = visitor.cookies.get(SESSION)!;
    expect(new Set([before, afterMailbox, afterPassword]).size).toBe(3);
    expect((await visitor.get(`/inbox/${item.item}`)).status).toBe(200);
    const thief = stage.agent();
    thief.cookies.set(SESSION, afterMailbox);
    expect((await thief.get('/inbox')).status).toBe(403);
    expect(await refusals(thief.network)).toEqual(['portal.refused: no session']);
  });

  it('count for nothing when the cookie is there twice', async () => {
    const cookie = `${SESSION}=${veras.cookies.get(SESSION)}; ${SESSION}=${mallory.cookies.get(SESSION)}`;
    const thief = stage.agent();
    expect((await thief.send('GET', '/inbox', { headers: { cookie } })).status).toBe(403);
    expect(await refusals(thief.network)).toEqual(['portal.refused: no session']);
  });

  it('are in cookies that only this host gets and no script reads', async () => {
    const item = await stage.place('flags@patient.example', 'code');
    const visitor = stage.agent();
    const set = [
      ...((await visitor.get(item.link)).headers['set-cookie'] ?? []),
      ...((await stage.proveMailbox(visitor, item, { remember: 'yes' })).headers['set-cookie'] ?? []),
    ];
    expect(set.map((one) => one.split('=')[0])).toEqual([
      '__Host-pickup-form',
      '__Host-pickup-device',
      '__Host-pickup',
    ]);
    for (const one of set) {
      const [, ...attributes] = one.split('; ');
      expect(attributes).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Lax']));
      expect(one).not.toMatch(/domain=/i);
    }
  });
});

describe('other people’s messages', () => {
  it('look like what is not there, on every route about a message', async () => {
    expect(itemPages).toHaveLength(9);
    const thief = mallory.moved();
    const reads = async (id: string) =>
      Promise.all(itemPages.map((path) => thief.get(pathTo(path, { ...vera, item: id }))));
    const theirs = await reads(vera.item);
    const nothing = await reads('0123456789abcdef0123456789');
    for (const [index, answer] of theirs.entries()) {
      expect([itemPages[index], answer.status]).toEqual([itemPages[index], 404]);
      expect(answer.bytes.equals(nothing[index]!.bytes)).toBe(true);
      expectNothingOf(answer);
    }
    const form = multipart([
      ['token', tokenOf(await thief.get('/inbox'))],
      ['to', SENDER],
      ['text', 'hello'],
    ]);
    expect((await thief.send('POST', `/inbox/${vera.item}/reply`, form)).status).toBe(404);
    expect(await refusals(thief.network)).toEqual(times(19, 'portal.refused: unknown item'));
  });

  it('are not led to either: the steps before them look like what is not there', async () => {
    expect(stepPages).toHaveLength(8);
    const thief = mallory.moved();
    const token = tokenOf(await thief.get('/inbox'));
    const before = stage.kept();
    for (const path of stepPages) {
      const theirs = await thief.get(pathTo(path, adas));
      const nothing = await thief.get(pathTo(path, { ...adas, item: '0123456789abcdef0123456789' }));
      expect([path, theirs.status]).toEqual([path, 404]);
      expect(theirs.bytes.equals(nothing.bytes)).toBe(true);
      expectNothingOf(theirs);
    }
    const tries = ['code', 'sign-in', 'password', 'passphrase', 'register', 'totp', 'sms'];
    for (const step of tries) {
      const answer = await thief.post(`/inbox/${adas.item}/steps/${step}`, { token, password: PASSWORD });
      expect([step, answer.status]).toEqual([step, 404]);
    }
    expect(stage.kept() === before).toBe(true);
    expect(await refusals(thief.network)).toEqual(times(23, 'portal.refused: unknown item'));
  });

  it('are not opened by what lies behind their links: each link asks its own recipient', async () => {
    const thief = mallory.moved();
    const page = await thief.get(vera.link);
    expect(page.status).toBe(200);
    expect(page.text).not.toContain(`/inbox/${vera.item}`);
    expect(page.text).not.toContain('vera@');
  });

  it('do not open to a session of the same recipient that proved too little', async () => {
    const recipient = 'sara@patient.example';
    const agent = await stage.signedIn(await stage.place(recipient, 'code'));
    for (const demand of ['account', 'telephone', 'factor'] as const) {
      const item = await stage.place(recipient, demand);
      for (const path of itemPages) {
        const answer = await agent.moved().get(pathTo(path, item));
        expect([demand, path, answer.status, answer.headers.location]).toEqual([
          demand,
          path,
          303,
          `/inbox/${item.item}/steps`,
        ]);
      }
      const reply = multipart([
        ['token', tokenOf(await agent.get('/inbox'))],
        ['to', SENDER],
        ['text', 'hello'],
      ]);
      expect((await agent.send('POST', `/inbox/${item.item}/reply`, reply)).status).toBe(303);
    }
    const list = await agent.get('/inbox');
    expect(list.text.split(SECRET_SUBJECT).length - 1).toBe(1);
  });
});

describe('whoever reads the mailbox', () => {
  it('enrols factors of his own that open nothing which demands a second one', async () => {
    const recipient = 'nora@patient.example';
    const item = await stage.place(recipient, 'factor');
    const thief = await stage.signedIn(item);
    await thief.fill('/account/password', '/account/password', { password: PASSWORD, again: PASSWORD });
    const app = await thief.get('/account/authenticator');
    const secret = /class="secret">([A-Z2-7 ]+)</.exec(app.text)?.[1]?.replaceAll(' ', '') ?? '';
    await thief.post('/account/authenticator', { token: tokenOf(app), code: await generate({ secret }) });
    await thief.fill('/account/confirm', '/account/confirm', {
      password: PASSWORD,
      totp: await generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 }),
    });
    const page = await thief.get('/account/passkey');
    const key = softAuthenticator(ORIGIN);
    const added = await thief.post('/account/passkey', {
      token: tokenOf(page),
      name: 'Mine',
      answer: key.create(passkeyOptions(page)),
    });
    expect(added.headers.location).toBe('/account');
    const form = await thief.get('/account/confirm');
    await thief.post('/account/confirm/passkey', {
      token: tokenOf(form),
      answer: key.get(passkeyOptions(form)),
    });
    for (const path of itemPages) {
      const answer = await thief.moved().get(pathTo(path, item));
      expect([path, answer.status, answer.headers.location]).toEqual([
        path,
        303,
        `/inbox/${item.item}/steps`,
      ]);
    }
    const enrolled = (await stage.events()).filter(
      (one) => one.recipient === recipient && one.data.enrolledBy !== undefined,
    );
    expect(enrolled.map(({ data }) => [data.change, data.enrolledBy])).toEqual([
      ['totp-enrolled', 'mailbox'],
      ['passkey-added', 'mailbox'],
    ]);
  });

  it('sets no password where a second factor is enrolled, and changes no factor', async () => {
    const thief = stage.agent();
    await thief.fill('/lost', '/lost', { address: 'ada@patient.example' });
    const code = await stage.accountCode('ada@patient.example');
    const entered = await thief.fill('/lost/code', '/lost/code', { code });
    expect(entered.headers.location).toBe('/lost/password');
    const password = 'mallory was here today';
    const tried = await thief.fill('/lost/password', '/lost/password', {
      password,
      again: password,
      totp: '000000',
    });
    expect(tried.status).toBe(403);
    const token = tokenOf(await thief.get('/inbox'));
    for (const path of [
      '/account/password',
      '/account/authenticator',
      '/account/authenticator/remove',
      '/account/passkey',
      '/account/passkey/remove',
    ]) {
      const before = stage.kept();
      const answer = await thief.post(path, { token, password, again: password, code: '000000' });
      expect([path, answer.status, answer.headers.location]).toEqual([path, 303, '/account/confirm']);
      expect(stage.kept() === before).toBe(true);
    }
    const wanted = await thief.get(`/inbox/${adas.item}`);
    expect([wanted.status, wanted.headers.location]).toEqual([303, `/inbox/${adas.item}/steps`]);
    expect(await refusals(thief.network)).toEqual(['portal.proof-refused: wrong totp']);
    expect((await ada.agent.moved().get('/account')).status).toBe(200);
  });
});

describe('while a message is open', () => {
  const shut = async (agent: Agent, item: Placed) => {
    const token = tokenOf(await agent.get('/inbox'));
    const from = agent.moved();
    for (const path of [...itemPages, ...stepPages]) {
      const answer = await from.get(pathTo(path, item));
      expect([path, answer.status]).toEqual([path, 404]);
      expectNothingOf(answer);
    }
    const form = multipart([
      ['token', token],
      ['to', SENDER],
      ['text', 'too late'],
    ]);
    expect((await from.send('POST', `/inbox/${item.item}/reply`, form)).status).toBe(404);
    return refusals(from.network);
  };

  it('taking it back shuts every page of it', async () => {
    const item = await stage.place('open@patient.example', 'code');
    const reader = await stage.signedIn(item);
    expect((await reader.get(`/inbox/${item.item}`)).text).toContain(SECRET_SUBJECT);
    await stage.home.run(['portal', 'revoke', item.item, '--reason', 'sent to the wrong person']);
    expect(await shut(reader, item)).toEqual(times(18, 'portal.refused: the item is revoked'));
  });

  it('its end shuts every page of it', async () => {
    const item = await stage.place('late@patient.example', 'code');
    const reader = await stage.signedIn(item);
    expect((await reader.get(`/inbox/${item.item}`)).text).toContain(SECRET_SUBJECT);
    endItem(stage.home, item.item);
    const reasons = await shut(reader, item);
    expect(reasons).toHaveLength(18);
    for (const reason of reasons) expect(reason).toMatch(/the item is (?:past its time|expired)$/);
  });
});

describe('at the end', () => {
  it('there is no secret in the logs, and the audit log is whole', () => expectNoSecretLeft(cast));
});
