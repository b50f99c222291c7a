import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Agent } from '../support/portal-agent.js';
import { readMail } from '../support/portal-visitor.js';
import {
  CANARY_SUBJECT,
  CANARY_TEXT,
  REVIEW_HOST,
  type ReviewStage,
  startReviewStage,
  tokenOf,
} from '../support/review-stage.js';
import { untilState } from '../support/until-state.js';

/*
 * The review page over a running relay: what reviewers see and decide there, what is on record of it, and everything that
 * people without the right to it try. All people and identifiers are made up.
 */

const SENDER = 'ward3@clinic.example';
const SESSION = '__Host-review';

let stage: ReviewStage;
/** Held, to be left alone by tests that change something. */
let lasting: string;
let refusals: (agent: Agent) => Promise<readonly unknown[]>;

const mailTo = (to: string, subject = 'figures') => ({
  to: [to],
  subject: `${subject} ${CANARY_SUBJECT}`,
  raw: `From: ${SENDER}\r\nTo: ${to}\r\nSubject: ${subject} ${CANARY_SUBJECT}\r\nMIME-Version: 1.0\r\nMessage-ID: <${Math.random()}@clinic.example>\r\nDate: Mon, 02 Nov 2026 09:00:00 +0000\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>${CANARY_TEXT}, SSN 212-55-0187</p><script>parent.x=1</script><form action="https://evil.example/"><input name=q></form><img src="https://evil.example/pixel.gif"><a href="javascript:alert(1)">x</a>\r\n--b\r\nContent-Type: text/html; name="../../evil.html"\r\nContent-Disposition: attachment; filename="../../evil.html"\r\n\r\n<script>alert(1)</script>\r\n--b--\r\n`,
});

const target = (page: string): string => /\/held\/[^/"]+\/to\/[\w-]{22}(?=")/.exec(page)?.[0] ?? '';

const shows = (text: string): boolean =>
  text.includes(CANARY_TEXT) || text.includes(CANARY_SUBJECT) || text.includes('212-55-0187');

beforeAll(async () => {
  stage = await startReviewStage();
  for (const name of ['rita', 'rob', 'eve', 'mallet']) await stage.add(name, 'reviewer');
  await stage.add('oscar', 'auditor');
  lasting = await stage.hold(mailTo('lasting@institute.example'));
  refusals = async (agent) =>
    (await stage.events('review.refused'))
      .filter(({ data }) => data.clientAddress === agent.network)
      .map(({ data }) => data.reason);
});

afterAll(async () => {
  await stage?.close();
});

describe('a reviewer', () => {
  it('signs in with name, token and code, which is on record, and out', async () => {
    const agent = stage.agent();
    const answer = await agent.fill('/sign-in', '/sign-in', await stage.fields('eve'));
    expect([answer.status, answer.headers.location]).toEqual([303, '/held']);
    const [cookie = ''] = answer.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^__Host-review=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const logins = await stage.events('operator.logged-in');
    expect(logins.at(-1)?.data).toEqual({
      operator: 'eve',
      clientAddress: agent.network,
      secondFactor: true,
    });
    const kept = agent.cookies.get(SESSION) ?? '';
    expect((await agent.fill('/held', '/sign-out')).status).toBe(200);
    agent.cookies.set(SESSION, kept);
    expect((await agent.get('/held')).status).toBe(403);
    expect((await stage.events('operator.signed-out')).at(-1)?.data).toMatchObject({ operator: 'eve' });
  });

  it('is led there by the notice of what is held', async () => {
    const reviewer = 'privacy@clinic.example';
    const notice = await stage.sink.next(
      (mail) => mail.recipients.includes(reviewer) && mail.text.includes(lasting),
    );
    expect((await readMail(notice)).text).toContain(`https://${REVIEW_HOST}/held/${lasting}\n`);
  });

  it('sees what is held and why, with masked values and nothing of the content', async () => {
    const rita = await stage.signedIn('rita');
    const list = await rita.get('/held');
    expect(list.status).toBe(200);
    for (const part of [SENDER, 'lasting@institute.example', 'figures leave the house', `/held/${lasting}`])
      expect(list.text).toContain(part);
    const message = await rita.get(`/held/${lasting}`);
    expect(message.text).toContain('us-ssn');
    expect(message.text).toContain('<code>');
    expect(message.text).toContain('figures');
    expect([shows(list.text), shows(message.text), message.text.includes('evil')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(await stage.events('held.content-viewed')).toEqual([]);
  });

  it('sees the content after a press of the button, on record before, sanitised and fenced', async () => {
    const rita = await stage.signedIn('rita');
    const path = `/held/${lasting}`;
    for (const part of ['content', 'html', 'attachments/0', 'message.eml']) {
      const early = await rita.get(`${path}/${part}`);
      expect([part, early.status, early.headers.location]).toEqual([part, 303, path]);
    }
    expect(await stage.events('held.content-viewed')).toEqual([]);
    const pressed = await rita.fill(path, `${path}/open`);
    expect([pressed.status, pressed.headers.location]).toEqual([303, `${path}/content`]);
    expect(await stage.events('held.content-viewed', lasting)).toMatchObject([
      { data: { actor: 'rita', clientAddress: rita.network } },
    ]);
    const page = await rita.get(`${path}/content`);
    expect(page.text).toContain(CANARY_SUBJECT);
    expect(page.text).toContain('sandbox');
    expect(page.text).not.toContain('../../');
    const html = await rita.get(`${path}/html`);
    expect(html.text).toContain(CANARY_TEXT);
    expect(html.text).not.toMatch(/<script|<form|javascript:|evil\.example/);
    expect(String(html.headers['content-security-policy']).split(';')).toContain('sandbox');
    const file = await rita.get(`${path}/attachments/0`);
    expect([file.status, file.headers['content-type'], file.headers['content-disposition']]).toEqual([
      200,
      'application/octet-stream',
      expect.stringMatching(/^attachment; filename="evil\.html"/),
    ]);
    expect((await rita.get(`${path}/attachments/7`)).status).toBe(404);
    // The page and its frame are one look; each file is one more.
    expect((await stage.events('held.content-viewed', lasting)).length).toBeGreaterThanOrEqual(2);
    for (const headers of [{ purpose: 'prefetch' }, { 'sec-purpose': 'prefetch' }])
      expect((await rita.get(`${path}/content`, headers)).status).toBe(503);
  });

  it('releases by an allowed method with a reason, and rejects to the sender', async () => {
    const rita = await stage.signedIn('rita');
    const id = await stage.hold(mailTo('one@institute.example'));
    const at = target((await rita.get(`/held/${id}`)).text);
    const none = await rita.fill(at, `${at}/release`, { method: 'plain', reason: '  ' });
    expect([none.status, none.text]).toEqual([400, expect.stringContaining('Write a reason')]);
    const foreign = await rita.fill(at, `${at}/release`, { method: 'smime', reason: 'asked for' });
    expect([foreign.status, foreign.text]).toEqual([400, expect.stringContaining('Choose how it travels')]);
    const done = await rita.fill(at, `${at}/release`, { method: 'plain', reason: 'asked by telephone' });
    expect([done.status, done.headers.location]).toEqual([303, '/done/released']);
    expect((await rita.get('/done/released')).text).toContain('on its way');
    await untilState(stage.home, id, 'one@institute.example', 'delivered');
    expect(await stage.events('recipient.released', id)).toMatchObject([
      { data: { actor: 'rita', method: 'plain', reason: 'asked by telephone' } },
    ]);
    const gone = await rita.moved().get(at);
    expect(gone.status).toBe(404);

    const other = await stage.hold(mailTo('two@institute.example'));
    const there = target((await rita.get(`/held/${other}`)).text);
    const rejected = await rita.fill(there, `${there}/reject`, { reason: 'ask the privacy office' });
    expect(rejected.headers.location).toBe('/done/rejected');
    await untilState(stage.home, other, 'two@institute.example', 'bounced', 'ended');
    const bounce = await stage.sink.next(
      (mail) => mail.recipients.includes(SENDER) && mail.text.includes('ask the privacy office'),
    );
    expect(bounce.text).not.toContain(CANARY_TEXT);
  });

  it('has it decided again, and decides about all recipients at once', async () => {
    const rita = await stage.signedIn('rita');
    const both = ['three@institute.example', 'four@institute.example'];
    const id = await stage.hold({ to: both, subject: `figures ${CANARY_SUBJECT}`, text: CANARY_TEXT });
    const all = `/held/${id}/to/all`;
    const again = await rita.fill(all, `${all}/redecide`);
    expect(again.headers.location).toBe('/done/redecided');
    expect(await stage.events('held.decide-again', id)).toHaveLength(2);
    for (const to of both) await untilState(stage.home, id, to, 'held');
    const done = await rita.fill(all, `${all}/release`, { method: 'plain', reason: 'both asked' });
    expect(done.headers.location).toBe('/done/released');
    for (const to of both) await untilState(stage.home, id, to, 'delivered');
  });
});

describe('mail that two must release', () => {
  it('goes by two operators at the page, with both names on record', async () => {
    const recipient = 'sam@institute.example';
    const id = await stage.hold(mailTo(recipient, 'research'));
    const rita = await stage.signedIn('rita');
    const at = target((await rita.get(`/held/${id}`)).text);
    const first = await rita.fill(at, `${at}/release`, { method: 'plain', reason: 'checked' });
    expect(first.headers.location).toBe('/done/approved');
    expect((await rita.get('/held')).text).toContain('You have approved: plain');
    const same = await rita.fill(at, `${at}/release`, { method: 'plain', reason: 'checked again' });
    expect([same.status, same.text]).toEqual([409, expect.stringContaining('you approved it already')]);
    await untilState(stage.home, id, recipient, 'held');
    const rob = await stage.signedIn('rob');
    expect((await rob.get(`/held/${id}`)).text).toContain('rita has approved: plain');
    const second = await rob.fill(at, `${at}/release`, { method: 'plain', reason: 'checked, too' });
    expect(second.headers.location).toBe('/done/released');
    await untilState(stage.home, id, recipient, 'delivered');
    expect(await stage.events('recipient.released', id)).toMatchObject([
      { data: { actor: 'rob', approvedBy: 'rita', method: 'plain', reason: 'checked, too' } },
    ]);
  });
});

describe('whoever guesses', () => {
  it('learns nothing about names: unknown ones, wrong tokens and wrong codes have one answer', async () => {
    const { token } = stage.person('rob');
    const bodies = new Set<string>();
    for (const fields of [
      { name: 'nobody', secret: 'sallyport-made-up', code: '000000' },
      { name: 'rob', secret: 'sallyport-made-up', code: '000000' },
      { name: 'rob', secret: token, code: 'abcdef' },
      { name: '../../etc', secret: '', code: '' },
    ]) {
      const agent = stage.agent();
      const answer = await agent.fill('/sign-in', '/sign-in', fields);
      bodies.add(`${answer.status} ${answer.text.replace(/value="[^"]*"/g, '')}`);
      const failed = (await stage.events('operator.login-failed')).at(-1)?.data;
      expect(failed?.clientAddress).toBe(agent.network);
      expect(JSON.stringify(failed)).not.toMatch(/nobody|etc|made-up/);
    }
    expect(bodies.size).toBe(1);
  });

  it('tokens: is not listened to any more, and nobody else is locked out', async () => {
    const agent = stage.agent();
    const token = tokenOf(await agent.get('/sign-in'));
    const statuses: number[] = [];
    for (let i = 0; i < 12; i++)
      statuses.push(
        (await agent.post('/sign-in', { token, name: 'rita', secret: `sallyport-${i}`, code: '000000' }))
          .status,
      );
    expect(statuses).toEqual([...Array(10).fill(403), 429, 429]);
    expect(await refusals(agent)).toEqual(['too many failed log-ins']);
    expect((await (await stage.signedIn('rita')).get('/held')).status).toBe(200);
  });

  it('codes beside a right token: is locked from everywhere, and told so', async () => {
    const { token: secret } = stage.person('mallet');
    const answers: number[] = [];
    let last = '';
    for (let i = 0; i < 7; i++) {
      const answer = await stage
        .agent()
        .fill('/sign-in', '/sign-in', { name: 'mallet', secret, code: String(100_000 + i) });
      answers.push(answer.status);
      last = answer.text;
    }
    expect(answers).toEqual(Array(7).fill(403));
    expect(last).toContain('too many wrong codes');
    const right = await stage.agent().fill('/sign-in', '/sign-in', await stage.fields('mallet'));
    expect(right.status).toBe(403);
  });

  it('floods: forms of one network are few a minute', async () => {
    const agent = stage.agent();
    const statuses: number[] = [];
    for (let i = 0; i < 22; i++) statuses.push((await agent.post('/sign-in', { token: 'x' })).status);
    expect(statuses).toEqual([...Array(20).fill(403), 429, 429]);
    expect(await refusals(agent)).toEqual([...Array(20).fill('a form without its token'), 'too many forms']);
  });
});

describe('whoever has no session of their own', () => {
  it('gets nothing by one that was set before, or taken from the portal', async () => {
    const agent = stage.agent();
    const planted = 'A'.repeat(43);
    agent.cookies.set(SESSION, planted);
    expect((await agent.get('/held')).status).toBe(403);
    const token = tokenOf(await agent.get('/sign-in'));
    await stage.add('fay', 'reviewer');
    const entered = await agent.post('/sign-in', { token, ...(await stage.fields('fay')) });
    expect(entered.status).toBe(303);
    const first = agent.cookies.get(SESSION);
    expect(first).not.toBe(planted);
    const old = stage.agent();
    old.cookies.set(SESSION, first ?? '');
    const signedIn = await old.get('/held');
    expect(signedIn.status).toBe(200);
    // Signing in once more gives another session, and ends the one before.
    await agent.post('/sign-in', { token: tokenOf(signedIn), ...(await stage.fields('fay')) });
    expect(agent.cookies.get(SESSION)).not.toBe(first);
    expect((await agent.get('/held')).status).toBe(200);
    expect((await old.moved().get('/held')).status).toBe(403);
    const portal = stage.agent();
    portal.cookies.set('__Host-pickup', first ?? '');
    expect((await portal.get('/held')).status).toBe(403);
    expect(await refusals(portal)).toEqual(['no session']);
  });

  it('is answered alike on every path', async () => {
    const paths = [
      '/held',
      '/held/page/1',
      `/held/${lasting}`,
      '/held/nothing',
      `/held/${lasting}/content`,
      `/held/${lasting}/html`,
      `/held/${lasting}/message.eml`,
      `/held/${lasting}/attachments/0`,
      `/held/${lasting}/to/all`,
      '/done/released',
    ];
    const agent = stage.agent();
    const said = new Set<string>();
    for (const path of paths) {
      const { status, text, headers } = await agent.get(path);
      said.add(`${status} ${text.replace(/value="[^"]*"/g, '')}`);
      expect([path, shows(text), headers['x-frame-options']]).toEqual([
        path,
        false,
        expect.stringMatching(/^(?:DENY|SAMEORIGIN)$/i),
      ]);
    }
    expect([...said]).toEqual([expect.stringMatching(/^403 /)]);
    expect(await refusals(agent)).toEqual(paths.map(() => 'no session'));
  });

  it('is out at once when an administrator disables the operator', async () => {
    await stage.add('gus', 'reviewer');
    const gus = await stage.signedIn('gus');
    expect((await gus.get('/held')).status).toBe(200);
    await stage.home.run(['operators', 'disable', 'gus'], '', await stage.as('ada'));
    expect((await gus.get('/held')).status).toBe(403);
    expect((await gus.get(`/held/${lasting}/content`)).status).toBe(403);
  });
});

describe('forged requests', () => {
  const forms = (id: string, at: string): readonly (readonly [string, Record<string, string>])[] => [
    ['/sign-out', {}],
    [`/held/${id}/open`, {}],
    [`${at}/release`, { method: 'plain', reason: 'forged' }],
    [`${at}/reject`, { reason: 'forged' }],
    [`${at}/redecide`, {}],
  ];

  it('do nothing: without a token, with another one’s, or from another site', async () => {
    const rita = await stage.signedIn('rita');
    const rob = await stage.signedIn('rob');
    const at = target((await rita.get(`/held/${lasting}`)).text);
    const own = tokenOf(await rita.get('/held'));
    const robs = tokenOf(await rob.get('/held'));
    const before = (await stage.events('held.content-viewed')).length;
    for (const [path, fields] of forms(lasting, at)) {
      const cases: readonly (readonly [Record<string, string>, Record<string, string>])[] = [
        [{}, {}],
        [{ token: robs }, {}],
        [{ token: own }, { 'sec-fetch-site': 'cross-site' }],
        [{ token: own }, { 'sec-fetch-site': 'same-site' }],
        [{ token: own }, { origin: 'https://pickup.clinic.example' }],
      ];
      const agent = rita.moved();
      for (const [token, headers] of cases) {
        const answer = await agent.post(path, { ...fields, ...token }, headers);
        expect([path, answer.status]).toEqual([path, 403]);
      }
      expect(await refusals(agent)).toEqual([
        'a form without its token',
        'a form without its token',
        'a form from another site',
        'a form from another site',
        'a form from another site',
      ]);
    }
    await untilState(stage.home, lasting, 'lasting@institute.example', 'held');
    expect((await stage.events('held.content-viewed')).length).toBe(before);
    expect((await rita.get('/held')).status).toBe(200);
  });

  it('sign nobody in as somebody else', async () => {
    const agent = stage.agent();
    const answer = await agent.post('/sign-in', { name: 'rita', secret: 'x', code: '0' });
    expect([answer.status, agent.cookies.has(SESSION)]).toEqual([403, false]);
  });
});

describe('whoever has a session and no right', () => {
  it.each(['ada', 'oscar'])(
    '%s sees the list and findings, no content, and decides nothing',
    async (name) => {
      const agent = await stage.signedIn(name);
      const page = await agent.get(`/held/${lasting}`);
      expect([page.status, page.text.includes('/open"'), target(page.text), shows(page.text)]).toEqual([
        200,
        false,
        '',
        false,
      ]);
      const token = tokenOf(page);
      const viewed = (await stage.events('held.content-viewed')).length;
      const opened = await agent.post(`/held/${lasting}/open`, { token });
      expect(opened.status).toBe(403);
      for (const part of ['content', 'html', 'attachments/0', 'message.eml', 'to/all']) {
        const answer = await agent.get(`/held/${lasting}/${part}`);
        expect([part, answer.status, shows(answer.text)]).toEqual([part, 403, false]);
      }
      for (const [act, fields] of [
        ['release', { method: 'plain', reason: 'mine' }],
        ['reject', { reason: 'mine' }],
        ['redecide', {}],
      ] as const) {
        const answer = await agent.post(`/held/${lasting}/to/all/${act}`, { token, ...fields });
        expect([act, answer.status]).toEqual([act, 409]);
      }
      const refused = (await stage.events('operator.refused')).filter(({ data }) => data.actor === name);
      expect(refused.map(({ data }) => data.act)).toEqual(['held release', 'held reject', 'held redecide']);
      expect((await refusals(agent)).length).toBe(6);
      expect((await stage.events('held.content-viewed')).length).toBe(viewed);
      await untilState(stage.home, lasting, 'lasting@institute.example', 'held');
    },
  );

  it('another reviewer’s open content is nobody else’s', async () => {
    const rita = await stage.signedIn('rita');
    await rita.fill(`/held/${lasting}`, `/held/${lasting}/open`);
    expect(shows((await rita.get(`/held/${lasting}/html`)).text)).toBe(true);
    const rob = await stage.signedIn('rob');
    const answer = await rob.get(`/held/${lasting}/html`);
    expect([answer.status, shows(answer.text)]).toEqual([303, false]);
  });
});

describe('requests that no browser makes', () => {
  it('put nothing into mail or headers', async () => {
    const rita = await stage.signedIn('rita');
    const at = target((await rita.get(`/held/${lasting}`)).text);
    for (const reason of ['a\r\nBcc: x@evil.example', 'a\nb', 'a\u2028b', 'a\u0000b', 'x'.repeat(301)]) {
      const answer = await rita.fill(at, `${at}/reject`, { reason });
      expect([reason.slice(0, 8), answer.status]).toEqual([reason.slice(0, 8), 400]);
    }
    const large = await rita.post(`${at}/reject`, { token: 'x', reason: 'x'.repeat(20_000) });
    expect(large.status).toBe(413);
    const json = await rita.send('POST', `${at}/reject`, {
      headers: { 'content-type': 'application/json' },
      body: '{"reason":"x"}',
    });
    expect(json.status).toBe(415);
    for (const path of [
      '/held/%0d%0aset-cookie:x=1',
      '/held/..%2f..%2fetc',
      '/held/__proto__',
      `/held/${lasting}/attachments/-1`,
      '/held/page/0',
      '/held/page/99999',
    ]) {
      const answer = await rita.moved().get(path);
      expect([path, [303, 404].includes(answer.status), answer.headers['set-cookie']]).toEqual([
        path,
        true,
        undefined,
      ]);
    }
    await untilState(stage.home, lasting, 'lasting@institute.example', 'held');
  });

  it('every answer is fenced against frames, scripts and caches', async () => {
    const rita = await stage.signedIn('rita');
    await rita.fill(`/held/${lasting}`, `/held/${lasting}/open`);
    for (const path of [
      '/sign-in',
      '/held',
      `/held/${lasting}`,
      `/held/${lasting}/content`,
      `/held/${lasting}/html`,
      `/held/${lasting}/message.eml`,
      '/nothing',
    ]) {
      const { headers } = await rita.moved().get(path);
      const policy = String(headers['content-security-policy']);
      const framed = path.endsWith('/html') || path.endsWith('.eml');
      expect([path, policy]).toEqual([path, expect.stringContaining("default-src 'none'")]);
      expect([path, policy]).toEqual([
        path,
        expect.stringContaining(`frame-ancestors ${framed ? "'self'" : "'none'"}`),
      ]);
      expect([path, policy]).not.toEqual([path, expect.stringContaining('script-src')]);
      expect([path, headers['cache-control'], headers['referrer-policy']]).toEqual([
        path,
        'no-store',
        'no-referrer',
      ]);
      expect([path, headers['strict-transport-security']]).toEqual([path, 'max-age=31536000']);
    }
  });
});

describe('at the end', () => {
  it('nothing secret stands in logs, and the audit log is whole', async () => {
    const { stdout } = await stage.home.run(['audit', 'search', '--json', '--limit', '100000']);
    const output = stage.relay.output();
    for (const name of ['ada', 'rita', 'rob', 'oscar', 'mallet']) {
      const { token, secret } = stage.person(name);
      for (const text of [stdout, output])
        expect([text.includes(token), text.includes(secret)]).toEqual([false, false]);
    }
    expect([shows(stdout), shows(output)]).toEqual([false, false]);
    expect((await stage.home.run(['audit', 'verify'])).status).toBe(0);
  });
});
