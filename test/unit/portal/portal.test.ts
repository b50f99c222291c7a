import { afterEach, describe, expect, it } from 'vitest';
import {
  type Browser,
  DAMAGED,
  formToken,
  linkSecret,
  mailedCode,
  mailText,
  ORIGIN,
  SAMPLE,
  SECRET_SUBJECT,
  START,
  signInTo,
  startWorld,
  type World,
} from './harness.js';

const worlds: World[] = [];
async function world(...args: Parameters<typeof startWorld>): Promise<World> {
  const one = await startWorld(...args);
  worlds.push(one);
  return one;
}
afterEach(async () => {
  for (const one of worlds.splice(0)) await one.portal.close();
});

const link = (n: number) => `/m/${linkSecret(n)}`;
const inbox = (n: number) => `/inbox/item${n}`;

describe('the way in', () => {
  it('goes from the link by a mailed code to the message, and records each step', async () => {
    const w = await world();
    w.store.add(1);
    const browser = w.browser();
    const start = await browser.get(link(1));
    expect(start.status).toBe(200);
    expect(start.body).toContain('Send me a code');
    expect(start.body).toContain('Willow &lt;Clinic&gt;');
    expect(start.body).not.toContain('patient1');
    expect(start.body).not.toContain('doctor');

    const asked = await browser.post(`${link(1)}/code`, { token: formToken(start, 'code') });
    expect([asked.status, asked.headers.location]).toEqual([303, `${link(1)}/code`]);
    expect(w.woken).toBe(1);
    const mail = w.store.mails[0];
    expect(mail?.message.origin).toBe('access-code');
    expect(mail?.message.sender).toBe('');
    expect(mail?.recipients[0]?.address).toBe('patient1@mail.test');
    const code = mailedCode(w.store);
    expect(code).toMatch(/^\d{8}$/);
    expect(mailText(mail)).not.toContain(linkSecret(1));
    expect(JSON.stringify([...w.store.codes.values()])).not.toContain(code);

    const enter = await browser.get(`${link(1)}/code`);
    const typed = `${code.slice(0, 4)} ${code.slice(4)}`;
    const signedIn = await browser.post(`${link(1)}/sign-in`, {
      token: formToken(enter, 'sign-in'),
      code: typed,
    });
    expect([signedIn.status, signedIn.headers.location]).toEqual([303, inbox(1)]);
    const cookie = String(signedIn.headers['set-cookie']);
    expect(cookie).toMatch(/^pickup=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=1800$/);

    const page = await browser.get(inbox(1));
    expect(page.status).toBe(200);
    expect(page.body).toContain(SECRET_SUBJECT);
    expect(page.body).not.toMatch(/<title>[^<]*Canary/);
    expect(page.body).toMatch(/2 November 2026(?: at|,) 09:30 UTC/);
    expect(page.body).toContain(`<iframe sandbox src="${inbox(1)}/html"`);
    expect(page.body).not.toContain('framed-canary');
    expect((await browser.get(`${inbox(1)}/html`)).body).toContain('framed-canary');
    expect((await browser.get(`${inbox(1)}/text`)).body).toContain('text-canary');
    expect((await browser.get(`${inbox(1)}/attachments/0`)).body).toBe('%PDF-canary');
    expect((await browser.get(`${inbox(1)}/message.eml`)).body).toContain('hello from m1');

    const out = await browser.post('/sign-out', { token: formToken(page, 'sign-out') });
    expect(out.status).toBe(200);
    expect(browser.cookies.has('pickup')).toBe(false);
    expect(w.store.types()).toEqual([
      'portal.opened',
      'portal.code-sent',
      'notice.queued',
      'portal.opened',
      'portal.signed-in',
      'portal.message-read',
      'portal.message-read',
      'portal.message-read',
      'portal.attachment-read',
      'portal.message-read',
      'portal.signed-out',
    ]);
    expect(w.store.events.at(-2)?.data).toEqual({
      messageId: 'm1',
      recipient: 'patient1@mail.test',
      item: 'item1',
      clientAddress: '127.0.0.1',
      view: 'original',
    });
  });

  it('marks the first read, once, and lets the message be read again', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    expect(w.store.items.get('item1')?.state).toBe('waiting');
    w.clock.time += 1000;
    await browser.get(inbox(1));
    expect(w.store.items.get('item1')).toMatchObject({ state: 'picked-up', firstReadAt: START + 1000 });
    expect(w.store.rows[0]?.state).toBe('picked-up');
    w.clock.time += 1000;
    const again = await browser.get(inbox(1));
    expect(again.body).toContain(SECRET_SUBJECT);
    expect(w.store.items.get('item1')?.firstReadAt).toBe(START + 1000);
    expect(w.store.types().filter((type) => type === 'portal.message-read')).toHaveLength(2);
  });

  it.each([
    ['1h', START + 3_600_000],
    ['60d', START + 14 * 86_400_000],
  ])('keeps a message for %s after its first reading, and never longer than its time', async (kept, end) => {
    const w = await world({ retention_after_pickup: kept });
    w.store.add(1);
    const browser = await signInTo(w, 1);
    await browser.get(inbox(1));
    expect(w.store.items.get('item1')?.expiresAt).toBe(end);
    w.clock.time += 60_000;
    await browser.get(inbox(1));
    expect(w.store.items.get('item1')?.expiresAt).toBe(end);
  });

  it('leaves what another recipient opened in the same browser, and keeps what the same one opened', async () => {
    const w = await world();
    w.store.add(1);
    w.store.add(2);
    w.store.add(3, { recipient: 'patient1@mail.test' });
    const browser = await signInTo(w, 1);
    expect((await browser.get(inbox(1))).status).toBe(200);
    expect((await browser.get(inbox(3))).status).toBe(200);
    await signInTo(w, 2, browser);
    expect((await browser.get(inbox(2))).status).toBe(200);
    expect((await browser.get(inbox(1))).status).toBe(404);
    expect(w.store.sessions.size).toBe(1);
  });
});

describe('fetching the link without pressing anything', () => {
  it('changes nothing and tells nothing, however often and by whatever method', async () => {
    const w = await world();
    w.store.add(1);
    const before = w.store.state();
    const unread = await w.browser().get(link(1));
    for (let i = 0; i < 5; i++) {
      const head = await w.browser().head(link(1));
      expect([head.status, head.body]).toEqual([200, '']);
      await w.browser().get(`${link(1)}/code`);
      await w.browser().get(`${link(1)}?utm_source=scanner&__proto__=1`);
    }
    expect(w.store.state()).toBe(before);
    expect(new Set(w.store.types())).toEqual(new Set(['portal.opened']));

    await (await signInTo(w, 1)).get(inbox(1));
    const read = await w.browser().get(link(1));
    const bare = (page: { body: string }) => page.body.replace(/value="[^"]*"/g, '');
    expect(bare(read)).toBe(bare(unread));
  });

  it.each(['sec-purpose', 'purpose'])('does not take %s: prefetch for reading', async (header) => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    const ahead = await browser.get(inbox(1), { [header]: 'prefetch;prerender' });
    expect([ahead.status, ahead.body]).toEqual([503, '']);
    expect(w.store.items.get('item1')?.state).toBe('waiting');
  });
});

describe('codes', () => {
  async function atCode(w: World): Promise<{ browser: Browser; token: string }> {
    const browser = w.browser();
    const start = await browser.get(link(1));
    const token = formToken(start, 'code');
    await browser.post(`${link(1)}/code`, { token });
    return { browser, token };
  }
  const other = (code: string) => String((Number(code) + 1) % 100_000_000).padStart(8, '0');
  const lastReason = (w: World) => {
    const event = w.store.events.at(-1);
    return event?.type === 'portal.code-refused' ? event.data.reason : event?.type;
  };

  it('refuses all that is not the code with one and the same page', async () => {
    const w = await world({ code_tries: '20' });
    w.store.add(1);
    w.store.add(2);
    const { browser, token } = await atCode(w);
    const good = mailedCode(w.store);
    const pages: string[] = [];
    for (const code of [
      other(good),
      '',
      '1234',
      'abcdefgh',
      `${good}0`,
      good.slice(1),
      '１２３４５６７８',
      `0${'9'.repeat(500)}`,
    ]) {
      const page = await browser.post(`${link(1)}/sign-in`, { token, code });
      expect(page.status).toBe(403);
      expect(lastReason(w)).toBe('wrong code');
      pages.push(page.body);
    }
    w.clock.time += 15 * 60_000;
    const late = await browser.post(`${link(1)}/sign-in`, { token, code: good });
    expect([late.status, lastReason(w)]).toEqual([403, 'the code is past its time']);
    pages.push(late.body);
    w.store.codes.clear();
    const none = await browser.post(`${link(1)}/sign-in`, { token, code: good });
    expect([none.status, lastReason(w)]).toEqual([403, 'no code is open']);
    pages.push(none.body);
    expect(new Set(pages).size).toBe(1);
    expect(w.store.sessions.size).toBe(0);
  });

  it('works once', async () => {
    const w = await world();
    w.store.add(1);
    const { browser, token } = await atCode(w);
    const code = mailedCode(w.store);
    expect((await browser.post(`${link(1)}/sign-in`, { token, code })).status).toBe(303);
    expect((await browser.post(`${link(1)}/sign-in`, { token, code })).status).toBe(403);
    expect(w.store.sessions.size).toBe(1);
  });

  it('only the newest counts', async () => {
    const w = await world();
    w.store.add(1);
    const { browser, token } = await atCode(w);
    const first = mailedCode(w.store);
    await browser.post(`${link(1)}/code`, { token });
    const second = mailedCode(w.store);
    if (first !== second)
      expect((await browser.post(`${link(1)}/sign-in`, { token, code: first })).status).toBe(403);
    expect((await browser.post(`${link(1)}/sign-in`, { token, code: second })).status).toBe(303);
  });

  it('is closed after the tries it has, also when they all come at once', async () => {
    const w = await world({ code_tries: '3' });
    w.store.add(1);
    const { browser, token } = await atCode(w);
    const code = mailedCode(w.store);
    await Promise.all(
      Array.from({ length: 8 }, () => browser.post(`${link(1)}/sign-in`, { token, code: other(code) })),
    );
    expect(w.store.codes.get('item1')?.failedTries).toBe(3);
    expect((await browser.post(`${link(1)}/sign-in`, { token, code })).status).toBe(403);
    expect(lastReason(w)).toBe('too many tries');
  });

  it('of one item opens no other', async () => {
    const w = await world();
    w.store.add(1);
    w.store.add(2);
    const { browser } = await atCode(w);
    const codeOfOne = mailedCode(w.store);
    const start = await browser.get(link(2));
    const token = formToken(start, 'code');
    await browser.post(`${link(2)}/code`, { token });
    if (mailedCode(w.store) !== codeOfOne)
      expect((await browser.post(`${link(2)}/sign-in`, { token, code: codeOfOne })).status).toBe(403);
    // Not even when the stored hash itself is carried over.
    const stolen = w.store.codes.get('item1');
    if (stolen !== undefined) w.store.codes.set('item2', { ...stolen, itemId: 'item2' });
    expect((await browser.post(`${link(2)}/sign-in`, { token, code: codeOfOne })).status).toBe(403);
  });

  it('are limited in number an hour, also when asked for at once', async () => {
    const w = await world({ codes_per_hour: '2' });
    w.store.add(1);
    const { browser, token } = await atCode(w);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => browser.post(`${link(1)}/code`, { token })),
    );
    expect(answers.map((one) => one.status).sort()).toEqual([303, 429, 429, 429, 429]);
    expect(w.store.mails).toHaveLength(2);
    expect(lastReason(w)).toBe('too many codes asked for');
    w.clock.time += 3_600_001;
    expect((await browser.post(`${link(1)}/code`, { token })).status).toBe(303);
  });
});

describe('sessions', () => {
  it('of one recipient read nothing of another, who gets the answer for what is not there', async () => {
    const w = await world();
    w.store.add(1);
    w.store.add(2);
    const browser = await signInTo(w, 1);
    for (const path of ['', '/html', '/attachments/0', '/message.eml']) {
      const page = await browser.get(inbox(2) + path);
      expect(page.status).toBe(404);
      expect(page.body).not.toMatch(/canary|hello/i);
    }
    expect(w.store.events.at(-1)).toMatchObject({
      type: 'portal.refused',
      data: { recipient: 'patient1@mail.test', clientAddress: '127.0.0.1', reason: 'unknown item' },
    });
    expect(w.store.items.get('item2')?.state).toBe('waiting');
  });

  it('are never the ones that somebody else chose', async () => {
    const w = await world();
    w.store.add(1);
    const browser = w.browser();
    const planted = linkSecret(99);
    browser.cookies.set('pickup', planted);
    await signInTo(w, 1, browser);
    expect(browser.cookies.get('pickup')).not.toBe(planted);
    const attacker = w.browser();
    attacker.cookies.set('pickup', planted);
    expect((await attacker.get(inbox(1))).status).toBe(403);
  });

  const later = (milliseconds: number) => (w: World) => {
    w.clock.time += milliseconds;
  };
  const endings: readonly [string, (w: World) => void, number][] = [
    ['after their time', later(30 * 60_000), 403],
    ['when the item has expired', later(20 * 60_000), 404],
    [
      'when the item is revoked',
      (w) => void w.store.change({ changePortalItems: [{ id: 'item1', state: 'revoked' }] }),
      404,
    ],
    [
      'when the recipient was ended',
      (w) =>
        void w.store.change({
          recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['picked-up'], set: { state: 'ended' } }],
        }),
      404,
    ],
    [
      'when the content was destroyed',
      (w) => {
        const { body: _, ...item } = w.store.items.get('item1')!;
        w.store.items.set('item1', item);
        const { body: __, ...message } = w.store.messages.get('m1')!;
        w.store.messages.set('m1', message);
      },
      404,
    ],
  ];
  it.each(endings)('end %s', async (_name, change, status) => {
    const w = await world();
    w.store.add(1, { expiresAt: START + 20 * 60_000 });
    const browser = await signInTo(w, 1);
    expect((await browser.get(inbox(1))).status).toBe(200);
    change(w);
    for (const path of ['', '/html', '/attachments/0', '/message.eml']) {
      const page = await browser.get(inbox(1) + path);
      expect(page.status).toBe(status);
      expect(page.body).not.toMatch(/canary|hello/i);
    }
  });

  it('end at sign-out, for a copied cookie too', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    const copied = browser.cookies.get('pickup') ?? '';
    const page = await browser.get(inbox(1));
    await browser.post('/sign-out', { token: formToken(page, 'sign-out') });
    browser.cookies.set('pickup', copied);
    expect((await browser.get(inbox(1))).status).toBe(403);
  });

  it('show nothing of an item that is revoked while the message is being prepared', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    const revoke = () => void w.store.change({ changePortalItems: [{ id: 'item1', state: 'revoked' }] });
    w.rendered = {
      ...SAMPLE,
      get subject() {
        revoke();
        return SECRET_SUBJECT;
      },
    };
    const page = await browser.get(inbox(1));
    expect(page.status).toBe(404);
    expect(page.body).not.toMatch(/canary/i);
    expect(w.store.items.get('item1')?.state).toBe('revoked');
  });

  it('show nothing, and bring nothing back, when the revocation comes right before the first read', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    w.store.beforeWrite = (events) => {
      if (events.some((event) => event.type === 'portal.message-read'))
        w.store.change({
          changePortalItems: [{ id: 'item1', state: 'revoked' }],
          recipients: [{ key: { messageId: 'm1', index: 0 }, from: ['in-portal'], set: { state: 'ended' } }],
        });
    };
    const page = await browser.get(inbox(1));
    expect(page.status).toBe(404);
    expect(page.body).not.toMatch(/canary/i);
    expect(w.store.items.get('item1')?.state).toBe('revoked');
    expect(w.store.rows[0]?.state).toBe('ended');
  });
});

describe('links that open nothing', () => {
  it('get one answer, byte by byte, for every method and path', async () => {
    const w = await world(
      {},
      { limits: { requestsPerNetwork: 10_000, refusalsPerNetwork: 10_000, formsPerLink: 10_000 } },
    );
    w.store.add(1, { state: 'revoked' });
    w.store.add(2, { state: 'expired' });
    w.store.add(3, { state: 'undeliverable' });
    w.store.add(4, { expiresAt: START });
    w.store.add(5);
    w.store.change({
      recipients: [{ key: { messageId: 'm5', index: 0 }, from: ['in-portal'], set: { state: 'ended' } }],
    });
    const spare = linkSecret(6).slice(0, -1);
    w.store.add(6);
    const links = [1, 2, 3, 4, 5, 200].map(link);
    // The same 32 bytes in other spellings of base64url, and no base64url at all.
    for (const last of ['H', 'F', '=', '.']) links.push(`/m/${spare}${last}`);
    links.push('/m/x', '/m/', `/m/${'A'.repeat(43)}/x/y`, `/m/${'A'.repeat(110)}`);
    const answers = new Set<string>();
    for (const one of links) {
      for (const rest of ['', '/code', '/sign-in', '/message']) {
        const { status, headers, body } = await w.browser().get(one + rest);
        const { date: _, ...kept } = headers;
        answers.add(JSON.stringify([status, kept, body]));
      }
      for (const rest of ['/code', '/sign-in', '/nothing']) {
        const { status, body } = await w.browser().post(one + rest, { token: 'x', code: '12345678' });
        answers.add(JSON.stringify([status, 0, body]));
      }
    }
    const bodies = new Set([...answers].map((one) => JSON.parse(one)[2]));
    const statuses = new Set([...answers].map((one) => JSON.parse(one)[0]));
    expect([...statuses]).toEqual([404]);
    expect(bodies.size).toBe(1);
    expect(answers.size).toBe(2);
    expect(w.store.mails).toHaveLength(0);
    expect(new Set(w.store.types())).toEqual(new Set(['portal.refused']));
  });

  it('say in the log which item it was, and never the link', async () => {
    const w = await world();
    w.store.add(1, { state: 'revoked' });
    await w.browser().get(link(1));
    await w.browser().get(link(9));
    expect(w.store.events.map((event) => event.data)).toEqual([
      {
        messageId: 'm1',
        recipient: 'patient1@mail.test',
        item: 'item1',
        clientAddress: '127.0.0.1',
        reason: 'the item is revoked',
      },
      { clientAddress: '127.0.0.1', reason: 'unknown link' },
    ]);
  });
});

describe('forged requests', () => {
  it.each([
    ['no token', {}, {}],
    ['a token of nobody', { token: 'A'.repeat(43) }, {}],
    ['another site (Sec-Fetch-Site)', undefined, { 'sec-fetch-site': 'cross-site' }],
    ['a sister site', undefined, { 'sec-fetch-site': 'same-site' }],
    ['another Origin', undefined, { origin: 'https://evil.example' }],
    ['another port of this machine', undefined, { origin: 'http://127.0.0.1:1' }],
  ])('%s is refused and recorded', async (_name, form, headers) => {
    const w = await world();
    w.store.add(1);
    const browser = w.browser();
    const token = formToken(await browser.get(link(1)), 'code');
    const before = w.store.state();
    const clean = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
    for (const action of ['code', 'sign-in']) {
      const page = await browser.post(
        `${link(1)}/${action}`,
        { ...(form ?? { token }), code: '12345678' },
        clean,
      );
      expect(page.status).toBe(403);
      expect(w.store.events.at(-1)?.type).toBe('portal.refused');
    }
    expect(w.store.state()).toBe(before);

    await signInTo(w, 1, browser);
    const message = await browser.get(inbox(1));
    const out = await browser.post('/sign-out', form ?? { token: formToken(message, 'sign-out') }, clean);
    expect(out.status).toBe(403);
    expect(w.store.sessions.size).toBe(1);
  });

  it('a token is worth nothing in another browser or after signing in', async () => {
    const w = await world();
    w.store.add(1);
    w.store.add(2);
    const browser = w.browser();
    const token = formToken(await browser.get(link(1)), 'code');
    const another = w.browser();
    await another.get(link(1));
    expect((await another.post(`${link(1)}/code`, { token })).status).toBe(403);
    expect((await w.browser().post(`${link(1)}/code`, { token })).status).toBe(403);
    await signInTo(w, 1, browser);
    expect((await browser.post('/sign-out', { token })).status).toBe(403);
  });

  it.each([
    ['our own origin', { origin: ORIGIN }],
    ['Origin: null, as browsers send under no-referrer', { origin: 'null' }],
  ])('%s is let through', async (_name, headers) => {
    const w = await world();
    w.store.add(1);
    const browser = w.browser();
    const token = formToken(await browser.get(link(1)), 'code');
    expect((await browser.post(`${link(1)}/code`, { token }, headers)).status).toBe(303);
  });

  it.each([
    [
      'JSON',
      'application/json',
      '{"token":"x","__proto__":{"a":1}}',
      415,
      'a request of another type than a form',
    ],
    ['multipart', 'multipart/form-data; boundary=x', '--x--', 415, 'a request of another type than a form'],
    [
      'a huge form',
      'application/x-www-form-urlencoded',
      `token=${'x'.repeat(5000)}`,
      413,
      'a request that is too large',
    ],
    [
      'a repeated field',
      'application/x-www-form-urlencoded',
      'token=a&token=b',
      403,
      'a form without its token',
    ],
    [
      'field names of objects',
      'application/x-www-form-urlencoded',
      '__proto__=1&constructor=2',
      403,
      'a form without its token',
    ],
  ])('%s is refused, and on record', async (_name, type, body, status, reason) => {
    const w = await world();
    w.store.add(1);
    const browser = w.browser();
    await browser.get(link(1));
    const answer = await fetch(`http://127.0.0.1:${w.portal.port}${link(1)}/code`, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
      redirect: 'manual',
    });
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(w.store.mails).toHaveLength(0);
    expect(w.store.events.at(-1)).toMatchObject({
      type: 'portal.refused',
      data: { clientAddress: '127.0.0.1', reason },
    });
  });
});

describe('limits', () => {
  it('stop a network that asks too much, and record it once', async () => {
    const w = await world(
      {},
      { limits: { requestsPerNetwork: 5, refusalsPerNetwork: 100, formsPerLink: 100 } },
    );
    w.store.add(1);
    const statuses: number[] = [];
    for (let i = 0; i < 9; i++) statuses.push((await w.browser().get(link(1))).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429, 429, 429]);
    expect(w.store.types().filter((type) => type === 'portal.refused')).toHaveLength(1);
    expect((await w.browser().get('/nothing')).status).toBe(429);
  });

  it('record bodies that are no forms one by one, but no flood of them', async () => {
    const w = await world(
      {},
      { limits: { requestsPerNetwork: 100, refusalsPerNetwork: 3, formsPerLink: 100 } },
    );
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++)
      statuses.push((await w.browser().post('/sign-in', {}, { 'content-type': 'text/plain' })).status);
    expect(statuses).toEqual([415, 415, 415, 429, 429, 429, 429]);
    expect(w.store.events.map(({ data }) => 'reason' in data && data.reason)).toEqual([
      ...Array(3).fill('a request of another type than a form'),
      'too many refusals',
    ]);
  });

  it('stop a network that tries links, without filling the log', async () => {
    const w = await world(
      {},
      { limits: { requestsPerNetwork: 100, refusalsPerNetwork: 3, formsPerLink: 100 } },
    );
    w.store.add(1);
    const statuses: number[] = [];
    for (let i = 10; i < 16; i++) statuses.push((await w.browser().get(link(i))).status);
    expect(statuses).toEqual([404, 404, 404, 429, 429, 429]);
    expect(w.store.events.map(({ data }) => 'reason' in data && data.reason)).toEqual([
      ...Array(3).fill('unknown link'),
      'too many refusals',
    ]);
    expect((await w.browser().get(link(1))).status).toBe(200);
  });

  it('stop forms of one link, and of that link only', async () => {
    const w = await world(
      { code_tries: '20' },
      { limits: { requestsPerNetwork: 100, refusalsPerNetwork: 100, formsPerLink: 3 } },
    );
    w.store.add(1);
    w.store.add(2);
    const browser = w.browser();
    const token = formToken(await browser.get(link(1)), 'code');
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++)
      statuses.push((await browser.post(`${link(1)}/sign-in`, { token, code: '1' })).status);
    expect(statuses).toEqual([403, 403, 403, 429, 429]);
    const other = formToken(await browser.get(link(2)), 'code');
    expect((await browser.post(`${link(2)}/code`, { token: other })).status).toBe(303);
  });
});

describe('when records cannot be written', () => {
  it('shows nothing at all', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    w.store.broken = true;
    const own = ['', '/html', '/attachments/0', '/message.eml', '/nonsense'].map((path) => inbox(1) + path);
    for (const path of [link(1), `${link(1)}/code`, `${link(9)}`, ...own]) {
      const page = await browser.get(path);
      expect([path, page.status]).toEqual([path, 503]);
      expect(page.body).not.toMatch(/canary|hello|Send me/i);
      expect(page.headers['content-disposition']).toBeUndefined();
    }
    expect(w.store.items.get('item1')?.state).toBe('waiting');
    expect(w.logged.join('')).toContain('cannot write its records');
  });
});

describe('a message that cannot be rendered', () => {
  it('can be saved as it is, and tells the log nothing of itself', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    w.rendered = new Error(`bad header in ${SECRET_SUBJECT}\n    at ${SECRET_SUBJECT}`);
    const page = await browser.get(inbox(1));
    expect(page.status).toBe(200);
    expect(page.body).toContain('cannot be shown');
    expect(page.body).toContain(`${inbox(1)}/message.eml`);
    expect(page.body).not.toMatch(/canary/i);
    expect(w.store.items.get('item1')?.state).toBe('waiting');
    expect((await browser.get(`${inbox(1)}/html`)).status).toBe(404);

    const saved = await browser.get(`${inbox(1)}/message.eml`);
    expect(saved.headers['content-type']).toBe('message/rfc822');
    expect(saved.headers['content-disposition']).toMatch(/^attachment; filename="message.eml"/);
    expect(saved.headers['x-content-type-options']).toBe('nosniff');
    expect(saved.body).toContain('hello from m1');
    expect(w.store.items.get('item1')?.state).toBe('picked-up');
    expect(w.logged.join('')).toContain('could not be rendered');
    expect(w.logged.join('')).not.toMatch(/canary/i);
  });

  it('gives a page, not a file, when its sealed content is damaged', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    w.store.items.set('item1', { ...w.store.items.get('item1')!, body: DAMAGED });
    expect((await browser.get(inbox(1))).body).toContain('cannot be shown');
    const file = await browser.get(`${inbox(1)}/message.eml`);
    expect([file.status, file.headers['content-type']]).toEqual([500, 'text/html; charset=utf-8']);
    expect(file.headers['content-disposition']).toBeUndefined();
    expect(file.body).toContain('Not available');
  });

  it('an attachment that is not there or cannot be read gives a page, not a file', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    w.attachment = new RangeError('no such part');
    const missing = await browser.get(`${inbox(1)}/attachments/7`);
    expect(missing.status).toBe(404);
    expect(missing.headers['content-disposition']).toBeUndefined();
    expect((await browser.get(`${inbox(1)}/attachments/-1`)).status).toBe(404);
    expect((await browser.get(`${inbox(1)}/attachments/..`)).status).toBe(404);
    expect(w.store.types()).not.toContain('portal.attachment-read');
  });
});

describe('hostile content', () => {
  const HOSTILE = `<script>alert(1)</script><img src=x onerror=alert(1)><form action=https://evil.example><meta http-equiv=refresh content="0;url=https://evil.example">`;

  it('is text on our pages, and HTML only in its fence', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    w.rendered = {
      subject: HOSTILE,
      from: `"${HOSTILE}" <a@b.test>`,
      to: HOSTILE,
      date: HOSTILE,
      text: HOSTILE,
      html: HOSTILE,
      attachments: [
        {
          index: 0,
          fileName: `"><script>alert(1)</script>.pdf`,
          mediaType: 'text/html',
          size: 1,
          previewable: false,
        },
      ],
    };
    const page = await browser.get(inbox(1));
    expect(page.body).not.toMatch(/<script|<img|<meta http-equiv|evil\.example>/);
    // Signing out, and the language.
    expect(page.body.match(/<form/g)).toHaveLength(2);
    const frame = await browser.get(`${inbox(1)}/html`);
    expect(frame.body).toContain(HOSTILE);
    expect(frame.headers['content-security-policy']).toBe(
      "sandbox;default-src 'none';img-src data:;style-src 'unsafe-inline';form-action 'none';base-uri 'none';frame-ancestors 'self'",
    );
    expect(frame.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  it.each([
    ['text/html', 'application/octet-stream'],
    ['image/svg+xml', 'application/octet-stream'],
    ['application/xhtml+xml', 'application/octet-stream'],
    ['text/plain\r\nx-evil: 1', 'application/octet-stream'],
    ['application/pdf', 'application/pdf'],
    ['IMAGE/PNG', 'image/png'],
  ])('an attachment of type %j leaves as %s, to be saved', async (mediaType, sent) => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    w.attachment = { bytes: Buffer.from('<script>'), fileName: '../../etc/pas\r\nX-Evil: 1"swd', mediaType };
    const file = await browser.get(`${inbox(1)}/attachments/0`);
    expect(file.status).toBe(200);
    expect(file.headers['content-type']).toBe(sent);
    expect(file.headers['content-disposition']).toMatch(/^attachment; filename="pasX-Evil_ 1_swd";/);
    expect(file.headers['x-evil']).toBeUndefined();
    expect(file.headers['x-content-type-options']).toBe('nosniff');
    expect(file.headers['content-security-policy']).toMatch(/^sandbox;default-src 'none'/);
  });
});

describe('headers', () => {
  it('fence every answer', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    const paths = [
      '/',
      '/nowhere',
      '/%zz',
      '/m/%00',
      '//evil.example/',
      '/m/x',
      link(1),
      `${link(1)}/code`,
      inbox(1),
    ];
    for (const path of paths) {
      const { headers, body } = await browser.get(path);
      expect.soft(headers, path).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy':
          "default-src 'none';style-src 'self';img-src 'self';frame-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-robots-tag': 'noindex, nofollow, noarchive',
        'x-content-type-options': 'nosniff',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      });
      expect.soft(headers['access-control-allow-origin']).toBeUndefined();
      expect.soft(headers['strict-transport-security']).toBeUndefined();
      expect.soft(body, path).not.toMatch(/https?:\/\/|<script|style=/);
    }
    for (const path of ['html', 'attachments/0', 'message.eml']) {
      const { headers } = await browser.get(`${inbox(1)}/${path}`);
      expect.soft(headers, path).toMatchObject({
        'x-frame-options': 'SAMEORIGIN',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      });
      expect.soft(headers['content-security-policy'], path).toMatch(/^sandbox;default-src 'none';/);
    }
  });

  it('never send anybody elsewhere', async () => {
    const w = await world();
    w.store.add(1);
    const browser = w.browser();
    const token = formToken(await browser.get(link(1)), 'code');
    const answer = await browser.post(
      `${link(1)}/code?next=https://evil.example`,
      { token },
      { host: 'evil.example' },
    );
    expect(answer.headers.location).toBe(`${link(1)}/code`);
  });

  it('serves one style sheet', async () => {
    const w = await world();
    const css = await w.browser().get('/portal.css');
    expect([css.status, css.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
    expect(css.body).not.toMatch(/url\(|@import/);
  });
});

describe('the operational log', () => {
  it('holds no link, code, cookie, token or content', async () => {
    const w = await world();
    w.store.add(1);
    const browser = await signInTo(w, 1);
    const page = await browser.get(inbox(1));
    await browser.post(`${link(1)}/sign-in`, { token: 'x', code: '1' });
    w.rendered = new Error(linkSecret(1));
    await browser.get(inbox(1));
    w.store.broken = true;
    await browser.get(inbox(1));
    const written = w.logged.join('') + JSON.stringify(w.store.events);
    expect(w.logged.length).toBeGreaterThan(0);
    for (const secret of [
      linkSecret(1),
      mailedCode(w.store),
      browser.cookies.get('pickup') ?? '',
      browser.cookies.get('pickup-form') ?? '',
      formToken(page, 'sign-out'),
      SECRET_SUBJECT,
      'text-canary',
      'result.pdf',
    ]) {
      expect(secret).not.toBe('');
      expect(written).not.toContain(secret);
    }
  });
});
