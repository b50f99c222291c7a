import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Agent, type Answer, type Fields, multipart, tokenOf } from '../support/portal-agent.js';
import {
  type AttackCast,
  expectNoSecretLeft,
  expectNothingOf,
  SESSION,
  startAttackCast,
  times,
} from '../support/portal-attack-cast.js';
import { PASSWORD, SECRET_SUBJECT, SENDER } from '../support/portal-attack-stage.js';

/*
 * Another site, or a sender of mail, that makes the portal do something in somebody's name: by forms, by names of files
 * and people, by line ends, hosts and addresses of other sites. All of it is refused and on record.
 */

let cast: AttackCast;
let stage: AttackCast['stage'];
let routes: AttackCast['routes'];
let vera: AttackCast['vera'];
let veras: AttackCast['veras'];
let mallory: AttackCast['mallory'];
let ada: AttackCast['ada'];
let adas: AttackCast['adas'];
let refusals: AttackCast['refusals'];

beforeAll(async () => {
  cast = await startAttackCast();
  ({ stage, routes, vera, veras, mallory, ada, adas, refusals } = cast);
});

afterAll(async () => {
  await stage?.close();
});

describe('forged forms', () => {
  let forms: Readonly<Record<string, () => Promise<{ readonly agent: Agent; readonly path: string }>>>;

  beforeAll(async () => {
    const anonymous = async (path: string) => {
      const agent = stage.agent();
      await agent.get('/sign-in');
      return { agent, path };
    };
    const ofVera = async (path: string) => ({ agent: veras.moved(), path });
    const ofAda = async (path: string) => ({ agent: ada.agent.moved(), path });
    const fresh = await stage.place('vera@patient.example', 'code');
    const withPassword = async () => {
      const agent = stage.agent();
      await agent.fill('/sign-in', '/sign-in', { address: 'ada@patient.example', password: PASSWORD });
      return agent;
    };
    const rita = await stage.place('rita@patient.example', 'account');
    const sam = await stage.place('sam@patient.example', 'factor');
    const tom = await stage.place('tom@patient.example', 'telephone');
    const dan = await stage.place('dan@patient.example', 'code');
    const [ritas, sams, toms] = [
      await stage.signedIn(rita),
      await stage.signedIn(sam),
      await stage.signedIn(tom),
    ];
    const dans = stage.agent();
    await stage.proveMailbox(dans, dan, { remember: 'yes' });
    dans.cookies.delete(SESSION);
    const kept = await replied();
    const lostOne = stage.agent();
    await lostOne.fill('/lost', '/lost', { address: 'ada@patient.example' });
    await lostOne.fill('/lost/code', '/lost/code', { code: await stage.accountCode('ada@patient.example') });
    const at = (agent: Agent, path: string) => async () => ({ agent: agent.moved(), path });
    forms = {
      '/m/:secret/code': () => anonymous(`${fresh.link}/code`),
      '/m/:secret/sign-in': () => anonymous(`${fresh.link}/sign-in`),
      '/m/:secret/password': () => anonymous(`${adas.link}/password`),
      '/m/:secret/passkey': () => anonymous(`${adas.link}/passkey`),
      '/m/:secret/totp': async () => ({ agent: await withPassword(), path: `${adas.link}/totp` }),
      '/m/:secret/passphrase': at(toms, `${tom.link}/passphrase`),
      '/m/:secret/register': at(ritas, `${rita.link}/register`),
      '/m/:secret/device': at(dans, `${dan.link}/device`),
      '/m/:secret/sms': at(sams, `${sam.link}/sms`),
      '/m/:secret/sms/code': at(sams, `${sam.link}/sms/code`),
      '/inbox/:item/steps/code': () => ofVera(`/inbox/${fresh.item}/steps/code`),
      '/inbox/:item/steps/sign-in': () => ofVera(`/inbox/${fresh.item}/steps/sign-in`),
      '/inbox/:item/steps/password': at(lostOne, `/inbox/${adas.item}/steps/password`),
      '/inbox/:item/steps/passkey': at(lostOne, `/inbox/${adas.item}/steps/passkey`),
      '/inbox/:item/steps/totp': async () => ({
        agent: await withPassword(),
        path: `/inbox/${adas.item}/steps/totp`,
      }),
      '/inbox/:item/steps/passphrase': at(toms, `/inbox/${tom.item}/steps/passphrase`),
      '/inbox/:item/steps/register': at(ritas, `/inbox/${rita.item}/steps/register`),
      '/inbox/:item/steps/sms': at(sams, `/inbox/${sam.item}/steps/sms`),
      '/inbox/:item/steps/sms/code': at(sams, `/inbox/${sam.item}/steps/sms/code`),
      '/sign-in': () => anonymous('/sign-in'),
      '/sign-in/passkey': () => anonymous('/sign-in/passkey'),
      '/sign-in/totp': async () => ({ agent: await withPassword(), path: '/sign-in/totp' }),
      '/lost': () => anonymous('/lost'),
      '/lost/code': () => anonymous('/lost/code'),
      '/lost/of/:organisation': () => anonymous('/lost/of/0'),
      '/lost/of/:organisation/code': () => anonymous('/lost/of/0/code'),
      '/lost/password': at(lostOne, '/lost/password'),
      '/lost/passkey': at(lostOne, '/lost/passkey'),
      '/account/confirm': () => ofAda('/account/confirm'),
      '/account/confirm/passkey': () => ofAda('/account/confirm/passkey'),
      '/account/confirm/send': () => ofVera('/account/confirm/send'),
      '/account/confirm/code': () => ofVera('/account/confirm/code'),
      '/account/authenticator': () => ofAda('/account/authenticator'),
      '/account/authenticator/remove': () => ofAda('/account/authenticator/remove'),
      '/account/passkey': () => ofAda('/account/passkey'),
      '/account/passkey/remove': () => ofAda('/account/passkey/remove'),
      '/account/password': () => ofAda('/account/password'),
      '/account/language': () => ofAda('/account/language'),
      '/account/device/forget': () => ofVera('/account/device/forget'),
      '/account/sign-out-everywhere': () => ofAda('/account/sign-out-everywhere'),
      '/sign-out': () => ofVera('/sign-out'),
      '/language': () => ofVera('/language'),
      '/inbox/:item/reply': () => ofVera(`/inbox/${vera.item}/reply`),
      '/inbox/sent/:reply/delete': () => ofVera(`/inbox/sent/${kept}/delete`),
    };
  });

  /** A reply of Vera's whose copy she keeps. */
  async function replied(): Promise<string> {
    const token = tokenOf(await veras.get(`/inbox/${vera.item}/reply`));
    const form = multipart([
      ['token', token],
      ['to', SENDER],
      ['text', 'Thank you.'],
      ['keep', 'yes'],
    ]);
    expect((await veras.send('POST', `/inbox/${vera.item}/reply`, form)).status).toBe(303);
    return /href="\/inbox\/sent\/([^"/]+)"/.exec((await veras.get('/inbox/sent')).text)?.[1] ?? '';
  }

  it('do nothing on any route that takes forms', async () => {
    const posts = routes.filter(({ method }) => !['GET', 'HEAD'].includes(method));
    expect(posts.every(({ method }) => method === 'POST')).toBe(true);
    expect(posts.map(({ path }) => path).sort()).toEqual(Object.keys(forms).sort());
    const foreign = tokenOf(await mallory.get('/inbox'));
    const networks = new Map<string, string>();
    for (const { path: route } of posts) {
      const { agent, path } = await forms[route]!();
      const own = tokenOf(await agent.get(agent.cookies.has(SESSION) ? '/inbox' : '/sign-in'));
      expect([route, own]).not.toEqual([route, '']);
      const variants: readonly (readonly [string, string | undefined, Fields])[] = [
        ['no token', undefined, {}],
        ['an empty token', '', {}],
        ['another session’s token', foreign, {}],
        ['another site', own, { 'sec-fetch-site': 'cross-site' }],
        ['another host of the domain', own, { 'sec-fetch-site': 'same-site' }],
        ['another origin', own, { origin: 'https://evil.example' }],
      ];
      const from = agent.moved();
      networks.set(route, from.network);
      const before = stage.kept();
      for (const [what, token, headers] of variants) {
        const answer = await sendForm(from, path, token, headers);
        expect([route, what, answer.status]).toEqual([route, what, 403]);
        expect([route, what, answer.text.includes('Please try again')]).toEqual([route, what, true]);
        expectNothingOf(answer);
      }
      expect([route, stage.kept() === before]).toEqual([route, true]);
    }
    const all = await stage.events();
    for (const [route, network] of networks) {
      const reasons = all
        .filter(({ type, data }) => type === 'portal.refused' && data.clientAddress === network)
        .map(({ data }) => data.reason);
      expect([route, reasons]).toEqual([
        route,
        [...times(3, 'a form without its token'), ...times(3, 'a form from another site')],
      ]);
    }
  });

  it('are not taken in other types either, which another site could send without asking', async () => {
    const from = veras.moved();
    const token = tokenOf(await from.get('/inbox'));
    for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x']) {
      const answer = await from.send('POST', '/sign-out', {
        headers: { 'content-type': type, 'sec-fetch-site': 'same-origin' },
        body: `token=${token}`,
      });
      expect([type, answer.status]).toEqual([type, 415]);
    }
    const refused = (await stage.events(from.network)).filter(({ type }) => type === 'portal.refused');
    expect(refused.map(({ data }) => data.reason)).toEqual(times(3, 'a request of another type than a form'));
    expect((await from.get('/inbox')).status).toBe(200);
  });

  function sendForm(agent: Agent, path: string, token: string | undefined, headers: Fields): Promise<Answer> {
    if (!path.endsWith('/reply')) return agent.post(path, token === undefined ? {} : { token }, headers);
    const form = multipart([
      ...(token === undefined ? [] : [['token', token] as const]),
      ['to', SENDER],
      ['text', 'forged'],
    ]);
    return agent.send('POST', path, { ...form, headers: { ...form.headers, ...headers } });
  }
});

describe('injection', () => {
  it('through names of files and people leaves headers as they are', async () => {
    const names = [
      `filename*=utf-8''a%0D%0ASet-Cookie%3A%20evil%3D1.pdf`,
      `filename="=?utf-8?Q?b=0D=0ALocation:_https://evil.example?=.pdf"`,
      'filename="c\\"; filename=evil.html; x=\\".pdf"',
      'filename="../../etc/cron.d/evil"',
      `filename*=utf-8''%E2%80%AEfdp.exe`,
      `filename*=utf-8''e%00.html`,
    ];
    await expect(
      stage.place('names@patient.example', 'code', (headers) =>
        headers.replace('Ward 3', '=?utf-8?Q?Ward=0D=0ASet-Cookie:_evil=3D1?='),
      ),
    ).rejects.toThrow(/550 5\.7\.1/);
    const item = await stage.place('names@patient.example', 'code', (headers) =>
      [
        headers
          .replace(/^To: (.*)$/m, 'To: =?utf-8?Q?x=0D=0ASet-Cookie:_evil=3D1=3Cscript=3E?= <$1>')
          .replace(SECRET_SUBJECT, '=?utf-8?Q?y=0D=0ASet-Cookie:_evil=3D1=3Cscript=3E?='),
        'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n',
        ...names.map(
          (name) =>
            `--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment; ${name}\r\n\r\n<script>evil()</script>\r\n`,
        ),
        '--b--\r\n',
      ].join(''),
    );
    const reader = await stage.signedIn(item);
    for (let i = 0; i < names.length; i++) {
      const file = await reader.get(`/inbox/${item.item}/attachments/${i}`);
      expect([names[i], file.status]).toEqual([names[i], 200]);
      expect(file.headers['set-cookie']).toBeUndefined();
      expect(file.headers.location).toBeUndefined();
      expect(file.headers['content-type']).toBe('application/octet-stream');
      expect(file.headers['x-content-type-options']).toBe('nosniff');
      expect(file.headers['content-disposition']).toMatch(
        /^attachment; filename="[A-Za-z0-9 ._()+-]{1,130}"; filename\*=UTF-8''[A-Za-z0-9!#$&+.^_`|~%-]+$/,
      );
      expect(file.headers['content-disposition']).not.toMatch(/%0[0AD]|%2F|%5C|%E2%80%AE|\.\./i);
    }
    const page = await reader.get(`/inbox/${item.item}`);
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/<script|\/etc\//);
    expect(page.headers['set-cookie']).toBeUndefined();
  });

  it('through a reply reaches nobody else and adds no header', async () => {
    const from = veras.moved();
    const path = `/inbox/${vera.item}/reply`;
    const token = tokenOf(await from.get(path));
    for (const to of [
      'evil@evil.example',
      `${SENDER}\r\nBcc: evil@evil.example`,
      `${SENDER},evil@evil.example`,
    ]) {
      const form = multipart([
        ['token', token],
        ['to', to],
        ['text', 'hello'],
      ]);
      expect((await from.send('POST', path, form)).status).toBe(400);
    }
    const form = multipart(
      [
        ['token', token],
        ['to', SENDER],
        ['subject', 'x\r\nBcc: evil@evil.example'],
        ['text', 'marker-of-the-reply\r\n.\r\nMAIL FROM:<evil@evil.example>\r\n'],
      ],
      [
        { disposition: `filename*=utf-8''a%0D%0ABcc%3A%20evil%40evil.example.txt`, content: 'a' },
        { disposition: 'filename="../../b%0d%0aX-Evil: 1.txt"', content: 'b' },
      ],
    );
    expect((await from.send('POST', path, form)).headers.location).toBe('/inbox/sent/done');
    const mail = await stage.sink.next((one) => one.text.includes('marker-of-the-reply'));
    expect(mail.recipients).toEqual([SENDER]);
    expect(mail.sender).toBe('pickup@clinic.example');
    expect(mail.text).not.toMatch(/^(?:Bcc|X-Evil):/im);
    const reasons = await refusals(from.network);
    expect(reasons).toEqual(times(3, 'portal.reply-refused: it names somebody whom the message does not'));
  });

  it('of line ends in every field changes no header of an answer', async () => {
    const evil = 'x\r\nSet-Cookie: evil=1\r\nLocation: https://evil.example/';
    for (const [page, target, fields] of [
      ['/sign-in', '/sign-in', ['address', 'password']],
      ['/lost', '/lost', ['address']],
      ['/lost/code', '/lost/code', ['code']],
      ['/sign-in', '/language', ['path', 'language']],
      [vera.link, `${vera.link}/code`, ['token2', 'path']],
      [`${vera.link}/code`, `${vera.link}/sign-in`, ['code', 'remember']],
    ] as const) {
      const agent = stage.agent();
      const answer = await agent.fill(page, target, Object.fromEntries(fields.map((field) => [field, evil])));
      expect([target, answer.status]).not.toEqual([target, 500]);
      expect(String(answer.headers['set-cookie'])).not.toContain('evil');
      expect(String(answer.headers.location)).not.toContain('evil');
    }
  });

  it('of another site into a redirection leads nowhere but here', async () => {
    for (const path of [
      'https://evil.example/',
      '//evil.example/',
      '/\\evil.example',
      '/%2f%2fevil.example',
      '/inbox\r\nLocation: https://evil.example',
      'javascript:alert(1)',
      '/inbox/../../evil',
      '/./evil',
      '/.//evil.example',
    ]) {
      const answer = await stage.agent().fill('/sign-in', '/language', { path, language: 'en' });
      expect([path, answer.status, answer.headers.location]).toEqual([path, 303, '/inbox']);
    }
    for (const query of ['?next=https://evil.example', '?redirect=//evil.example', '?path=//evil.example']) {
      const answer = await stage.agent().get(`/account${query}`);
      expect(answer.headers.location).toBeUndefined();
    }
  });

  it('of a host changes nothing that is answered', async () => {
    const one = await stage.agent().get(vera.link);
    const other = await stage.agent().get(vera.link, {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'http',
      forwarded: 'host=evil.example',
    });
    const bare = ({ text }: Answer) => text.replace(/value="[A-Za-z0-9_-]{43}"/g, '');
    expect(bare(other)).toBe(bare(one));
    expect(String(other.headers['set-cookie'])).toContain('Secure');
    const item = await stage.place('host@patient.example', 'code');
    const victim = stage.agent();
    const page = await victim.get(item.link, { host: 'evil.example' });
    await victim.post(`${item.link}/code`, { token: tokenOf(page) }, { host: 'evil.example' });
    await stage.code(item.recipient);
    for (const mail of stage.sink.messages) expect(mail.text).not.toContain('evil.example/');
  });
});

describe('at the end', () => {
  it('there is no secret in the logs, and the audit log is whole', () => expectNoSecretLeft(cast));
});
