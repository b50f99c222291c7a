import { request as httpRequest } from 'node:http';
import { simpleParser } from 'mailparser';
import { afterEach, describe, expect, it } from 'vitest';
import { type FormPart, multipartForm } from '../../../support/multipart-form.js';
import {
  type Answer,
  type Browser,
  mailText,
  ORIGIN,
  plainBody,
  signInTo,
  startWorld,
  type World,
} from '../harness.js';

/*
 * A recipient answers in the portal: only those whom the message names can be reached, limits hold while the form still
 * arrives, and what leaves is a mail that nobody can take for the organisation's or for somebody else's.
 */

const ORIGINAL = [
  'From: Dr. Doe <doctor@clinic.example>',
  'To: patient1@mail.test, "boss@clinic.example" <ward@clinic.example>, stranger@elsewhere.test',
  'Cc: cousin@mail.test',
  'Message-ID: <first@clinic.example>',
  'References: <older@clinic.example>',
  'Subject: Lab result',
  '',
  'text',
].join('\r\n');

let world: World;
afterEach(() => world?.portal.close());

async function open(settings: Readonly<Record<string, string>> = {}): Promise<Browser> {
  world = await startWorld(settings);
  const item = world.store.add(1, { body: plainBody(ORIGINAL) });
  world.store.messages.set(item.messageId, {
    ...(world.store.messages.get(item.messageId) ?? raise()),
    headerMessageId: '<first@clinic.example>',
  });
  world.store.rows.push({
    messageId: item.messageId,
    index: 1,
    address: 'cousin@mail.test',
    domain: 'mail.test',
    state: 'in-portal',
    attempts: 0,
  });
  world.rendered = { subject: 'Lab result', from: '', to: '', attachments: [] };
  return signInTo(world, 1);
}

function raise(): never {
  throw new Error('the test is wrong');
}

/** Sends a form with files as browsers do, in pieces of 16 KB. */
function send(
  browser: Browser,
  path: string,
  parts: readonly FormPart[],
  headers: Record<string, string> = {},
) {
  const { contentType, body } = multipartForm(parts);
  return new Promise<Answer>((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: world.portal.port,
        method: 'POST',
        path,
        agent: false,
        headers: {
          cookie: [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          'content-type': contentType,
          'content-length': String(body.length),
          'sec-fetch-site': 'same-origin',
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    request.on('error', reject);
    for (let at = 0; at < body.length; at += 16_384) request.write(body.subarray(at, at + 16_384));
    request.end();
  });
}

const PATH = '/inbox/item1/reply';

async function form(browser: Browser): Promise<{ readonly page: Answer; readonly token: FormPart }> {
  const page = await browser.get(PATH);
  const token =
    /name="token" value="([^"]+)"/.exec(page.body.slice(page.body.indexOf('id="reply"')))?.[1] ?? '';
  return { page, token: { name: 'token', value: token } };
}

async function sentMail() {
  const mail = world.store.mails.at(-1) ?? raise();
  return { mail, parsed: await simpleParser(mailText(mail)), raw: mailText(mail) };
}

describe('writing a reply', () => {
  it('offers the sender, and those whom the message names inside the organisation or among its recipients', async () => {
    const { page } = await form(await open());
    expect(page.status).toBe(200);
    const offered = [...page.body.matchAll(/name="to" value="([^"]+)"/g)].map(([, address]) => address);
    expect(offered).toEqual(['doctor@clinic.example', 'ward@clinic.example', 'cousin@mail.test']);
    expect(page.body).toMatch(/value="doctor@clinic.example" checked/);
    expect(page.body).not.toMatch(/stranger@|boss@|value="patient1@/);
    expect(page.headers['content-security-policy']).toMatch(
      /default-src 'none'.*script-src 'nonce-[^']+';connect-src 'self'$/,
    );
  });

  it('is sent once, however often its form is', async () => {
    const browser = await open();
    const { page, token } = await form(browser);
    const mark = { name: 'mark', value: /name="mark" value="([^"]+)"/.exec(page.body)?.[1] ?? raise() };
    const parts = [
      token,
      mark,
      { name: 'to', value: 'doctor@clinic.example' },
      { name: 'text', value: 'Thank you.' },
    ];
    const before = world.store.mails.length;
    const answers = await Promise.all([1, 2, 3].map(() => send(browser, PATH, parts)));
    answers.push(await send(browser, PATH, parts));
    expect(answers.map(({ status, headers }) => [status, headers.location])).toEqual(
      answers.map(() => [303, '/inbox/sent/done']),
    );
    expect(world.store.mails.length - before).toBe(1);
    // Another form is another reply, whatever it says.
    const next = await form(browser);
    const other = { name: 'mark', value: /name="mark" value="([^"]+)"/.exec(next.page.body)?.[1] ?? raise() };
    await send(browser, PATH, [next.token, other, ...parts.slice(2)]);
    expect(world.store.mails.length - before).toBe(2);
  });

  it('is sent where another comes by the same form, as when somebody goes back and writes on', async () => {
    const browser = await open();
    const { page, token } = await form(browser);
    const mark = { name: 'mark', value: /name="mark" value="([^"]+)"/.exec(page.body)?.[1] ?? raise() };
    const to = { name: 'to', value: 'doctor@clinic.example' };
    const text = { name: 'text', value: 'Thank you.' };
    const file = (value: string) => ({ name: 'files', file: 'scan.txt', value });
    const all = [
      [token, mark, to, text],
      [token, mark, to, { name: 'text', value: 'Thank you. And the rash is back.' }],
      [token, mark, { name: 'to', value: 'ward@clinic.example' }, text],
      [token, mark, to, text, file('page one')],
      [token, mark, to, text, file('page two')],
    ];
    const before = world.store.mails.length;
    for (const [index, parts] of [...all, ...all].entries()) {
      const answer = await send(browser, PATH, parts);
      expect(answer.headers.location).toBe('/inbox/sent/done');
      // Told that it was sent, it was.
      expect(world.store.mails.length - before).toBe(Math.min(index + 1, all.length));
    }
  });

  it('is refused where a file comes as something else, not sent without it', async () => {
    const browser = await open();
    const { token } = await form(browser);
    const before = world.store.mails.length;
    const answer = await send(browser, PATH, [
      token,
      { name: 'to', value: 'doctor@clinic.example' },
      { name: 'text', value: 'See the file.' },
      { name: 'files', value: 'content' },
    ]);
    expect(answer.status).toBe(400);
    expect(world.store.mails.length).toBe(before);
  });

  it('queues a threaded mail from the portal that answers the writer, with a copy for the writer', async () => {
    const browser = await open();
    const { token } = await form(browser);
    const answer = await send(browser, PATH, [
      token,
      { name: 'to', value: 'doctor@clinic.example' },
      { name: 'to', value: 'cousin@mail.test' },
      { name: 'text', value: 'Thank you.\nBest, Zebedee ünïcode' },
      { name: 'keep', value: 'yes' },
      {
        name: 'files',
        value: Buffer.from([0, 1, 2, 255]),
        file: '../../etc/x\u202egpj.exe',
        type: 'text/html',
      },
      { name: 'files', value: '', file: '', type: 'application/octet-stream' },
    ]);
    expect([answer.status, answer.headers.location]).toEqual([303, '/inbox/sent/done']);
    const { mail, parsed, raw } = await sentMail();
    expect(mail.message).toMatchObject({
      origin: 'portal-reply',
      sender: 'pickup@clinic.example',
      identity: 'portal',
      listener: 'portal',
    });
    expect(mail.recipients).toEqual([
      { address: 'doctor@clinic.example', domain: 'clinic.example' },
      { address: 'cousin@mail.test', domain: 'mail.test' },
    ]);
    expect(world.received).toEqual([mail.message.id]);
    expect(parsed.from?.value).toEqual([{ name: 'patient1@mail.test', address: 'pickup@clinic.example' }]);
    expect(parsed.replyTo?.value[0]?.address).toBe('patient1@mail.test');
    expect(parsed.subject).toBe('Re: Lab result');
    expect(parsed.inReplyTo).toBe('<first@clinic.example>');
    expect(parsed.references).toEqual(['<older@clinic.example>', '<first@clinic.example>']);
    expect(parsed.messageId).toBe(mail.message.headerMessageId);
    expect(parsed.headers.has('auto-submitted')).toBe(false);
    expect(parsed.text).toContain('Thank you.\nBest, Zebedee ünïcode');
    expect(parsed.attachments.map((one) => [one.filename, one.contentType, [...one.content]])).toEqual([
      ['xgpj.exe', 'application/octet-stream', [0, 1, 2, 255]],
    ]);
    expect(/(?<!\r)\n|\r(?!\n)/.test(raw)).toBe(false);
    expect(world.store.replies[0]?.body?.size).toBe(mail.message.body.size);
    const event = world.store.events.find(({ type }) => type === 'portal.reply-sent');
    expect(event?.data).toMatchObject({ recipients: 2, attachments: 1, kept: true, item: 'item1' });
    expect(world.store.events.some(({ type }) => type === 'message.accepted')).toBe(true);
  });

  it('shows what became of it, gives the copy back, and deletes it', async () => {
    const browser = await open();
    const { token } = await form(browser);
    await send(browser, PATH, [
      token,
      { name: 'to', value: 'doctor@clinic.example' },
      { name: 'text', value: 'Thank you.' },
      { name: 'keep', value: 'yes' },
    ]);
    const id = world.store.replies[0]?.id ?? '';
    const row = (state: 'received' | 'delivered' | 'held' | 'bounced') =>
      world.store.rows.push({
        messageId: id,
        index: world.store.rows.length,
        address: 'doctor@clinic.example',
        domain: 'clinic.example',
        state,
        attempts: 0,
      });
    row('received');
    expect((await browser.get('/inbox/sent/done')).body).toMatch(/Your reply was taken[\s\S]*On its way/);
    row('delivered');
    row('held');
    expect((await browser.get('/inbox/sent')).body).toContain('Being checked');
    row('bounced');
    expect((await browser.get('/inbox/sent')).body).toContain('Not delivered');
    world.rendered = { subject: 'Re: Lab result', from: '', to: '', text: 'Thank you.', attachments: [] };
    const copy = await browser.get(`/inbox/sent/${id}`);
    expect(copy.body).toContain('<pre>Thank you.</pre>');
    const remove = /delete"[\s\S]*?value="([^"]+)"/.exec(copy.body)?.[1] ?? '';
    expect((await browser.post(`/inbox/sent/${id}/delete`, { token: remove })).status).toBe(303);
    expect((await browser.get(`/inbox/sent/${id}`)).status).toBe(404);
    expect(world.store.replies[0]?.body).toBeUndefined();
    expect(world.store.events.map(({ type }) => type)).toContain('portal.reply-copy-deleted');
  });

  it('is on record as a read before it shows who wrote to whom about what, and ends the waiting', async () => {
    const browser = await open();
    expect(world.store.items.get('item1')?.state).toBe('waiting');
    const { page } = await form(browser);
    expect(page.body).toContain('Lab result');
    expect(world.store.items.get('item1')?.state).toBe('picked-up');
    expect(world.store.events.at(-1)).toMatchObject({ type: 'portal.message-read', data: { view: 'reply' } });
  });

  it('shows nothing where the read cannot be put on record, or the item is revoked meanwhile', async () => {
    const browser = await open();
    world.store.broken = true;
    const failed = await browser.get(PATH);
    expect([failed.status, failed.body.includes('Lab result')]).toEqual([503, false]);
    world.store.broken = false;
    world.rendered = {
      ...world.rendered,
      get subject() {
        world.store.change({ changePortalItems: [{ id: 'item1', state: 'revoked' }] });
        return 'Lab result';
      },
    };
    const late = await browser.get(PATH);
    expect([late.status, late.body.includes('Lab result')]).toEqual([404, false]);
    expect(world.store.types()).not.toContain('portal.message-read');
  });

  it('shows no copy whose item is revoked, or whose session ends, while the copy is being prepared', async () => {
    const browser = await open();
    const { token } = await form(browser);
    await send(browser, PATH, [
      token,
      { name: 'to', value: 'doctor@clinic.example' },
      { name: 'text', value: 'Thank you.' },
      { name: 'keep', value: 'yes' },
    ]);
    const path = `/inbox/sent/${world.store.replies[0]?.id}`;
    const { rendered } = world;
    world.rendered = {
      ...rendered,
      get subject() {
        world.store.sessions.clear();
        return 'Re: Lab result';
      },
    };
    const signedOut = await browser.get(path);
    expect([signedOut.status, signedOut.body.includes('Lab result')]).toEqual([404, false]);
    world.rendered = rendered;
    await signInTo(world, 1, browser);
    world.rendered = {
      ...rendered,
      get subject() {
        world.store.change({ changePortalItems: [{ id: 'item1', state: 'revoked' }] });
        return 'Re: Lab result';
      },
    };
    const revoked = await browser.get(path);
    expect([revoked.status, revoked.body.includes('Lab result')]).toEqual([404, false]);
    expect(world.store.types()).not.toContain('portal.reply-read');
  });

  it('names the organisation of the message that was answered where a reply did not arrive', async () => {
    const browser = await open({
      organisations: '[{ domains: [clinic.example], name: Elm House, contact: Ward 3 }]',
    });
    const { token } = await form(browser);
    await send(browser, PATH, [
      token,
      { name: 'to', value: 'doctor@clinic.example' },
      { name: 'text', value: 'Thank you.' },
    ]);
    world.store.rows.push({
      messageId: world.store.replies[0]?.id ?? '',
      index: 0,
      address: 'doctor@clinic.example',
      domain: 'clinic.example',
      state: 'bounced',
      attempts: 0,
    });
    const page = (await browser.get('/inbox/sent')).body;
    expect(page.slice(page.indexOf('<main'), page.indexOf('</main'))).toContain('Elm House');
  });

  it('shows nobody else’s', async () => {
    const browser = await open();
    const { token } = await form(browser);
    await send(browser, PATH, [
      token,
      { name: 'to', value: 'doctor@clinic.example' },
      { name: 'text', value: 'x' },
      { name: 'keep', value: 'yes' },
    ]);
    const id = world.store.replies[0]?.id ?? '';
    world.store.add(2);
    const other = await signInTo(world, 2);
    expect((await other.get('/inbox/sent')).body).not.toContain(id);
    expect((await other.get(`/inbox/sent/${id}`)).status).toBe(404);
    expect((await other.get(PATH)).status).toBe(404);
    expect((await world.browser().get(`/inbox/sent/${id}`)).status).toBe(403);
  });

  const mail = { name: 'to', value: 'doctor@clinic.example' };
  const text = { name: 'text', value: 'hello' };
  const big = (name: string, bytes: number) => ({
    name: 'files',
    value: Buffer.alloc(bytes, 'x'),
    file: name,
    type: 'image/png',
  });
  it.each([
    ['to a stranger', 400, [{ name: 'to', value: 'stranger@elsewhere.test' }, text]],
    ['to itself', 400, [{ name: 'to', value: 'patient1@mail.test' }, text]],
    ['to nobody', 400, [text]],
    [
      'with a header in its recipient',
      400,
      [{ name: 'to', value: 'doctor@clinic.example\r\nBcc: x@y.test' }, text],
    ],
    ['that is empty', 400, [mail, { name: 'text', value: ' \r\n ' }]],
    ['that is too large by one file', 413, [mail, text, big('a.png', 70_000)]],
    ['that is too large by several', 413, [mail, text, big('a.png', 40_000), big('b.png', 40_000)]],
    ['with too many files', 413, [mail, text, big('1', 1), big('2', 1), big('3', 1), big('4', 1)]],
  ])('refuses one %s, and says so on the form', async (_, status, parts) => {
    const browser = await open({ reply: '{ max_size: 64KB, max_attachments: 3 }' });
    const { token } = await form(browser);
    const mails = world.store.mails.length;
    const answer = await send(browser, PATH, [token, ...parts]);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(/class="problem" role="alert"/);
    expect(world.store.mails).toHaveLength(mails);
    // The form comes again with the Subject on it: that is a read, too.
    expect(world.store.types().slice(-2)).toEqual(['portal.reply-refused', 'portal.message-read']);
  });

  it.each([
    ['without the token', [mail, text], {}],
    ['with another’s token', [{ name: 'token', value: 'x'.repeat(43) }, mail, text], {}],
    ['behind a file', [big('a.png', 5000), mail, text], {}],
    ['from another site', [], { 'sec-fetch-site': 'cross-site' }],
  ])('refuses a form %s', async (name, parts, headers) => {
    const browser = await open();
    const { token } = await form(browser);
    const mails = world.store.mails.length;
    const all =
      name === 'behind a file'
        ? [...parts, token]
        : name === 'from another site'
          ? [token, mail, text]
          : parts;
    expect((await send(browser, PATH, all, headers)).status).toBe(403);
    expect(world.store.mails).toHaveLength(mails);
  });

  it('holds next to nothing of a form before its token is there, and bounds its fields afterwards', async () => {
    const browser = await open();
    const { token } = await form(browser);
    const large = { name: 'text', value: 'x'.repeat(399_000) };
    // The right token comes too late: it is not waited for.
    expect((await send(browser, PATH, [large, token, mail])).status).toBe(403);
    const mails = world.store.mails.length;
    const long = { name: 'to', value: `${'x'.repeat(2000)}@mail.test` };
    expect((await send(browser, PATH, [token, mail, long, text])).status).toBe(413);
    const answer = await send(browser, PATH, [token, mail, ...Array.from({ length: 20 }, () => large)]);
    expect(answer.status).toBe(413);
    // What was written comes back, but only once.
    expect(answer.body.length).toBeLessThan(500_000);
    expect(world.store.mails).toHaveLength(mails);
  });

  it('allows so many an hour', async () => {
    const browser = await open({ reply: '{ per_hour: 2 }' });
    const { token } = await form(browser);
    const write = () => send(browser, PATH, [token, mail, text]);
    expect([(await write()).status, (await write()).status, (await write()).status]).toEqual([303, 303, 429]);
    world.clock.time += 20 * 60_000;
    expect((await write()).status).toBe(429);
  });

  it('takes nothing for an item that is closed while the form arrives, or where replies are switched off', async () => {
    const browser = await open();
    const { token } = await form(browser);
    world.store.items.set('item1', { ...(world.store.items.get('item1') ?? raise()), state: 'revoked' });
    const mails = world.store.mails.length;
    expect((await send(browser, PATH, [token, mail, text])).status).toBe(404);
    expect(world.store.mails).toHaveLength(mails);
    await world.portal.close();
    const off = await open({ reply: '{ enabled: false }' });
    expect((await off.get(PATH)).body).toContain('cannot be answered here');
  });

  it('survives forms that are broken off or malformed', async () => {
    const browser = await open();
    for (const parts of [
      [{ name: '__proto__', value: 'x' }],
      [{ name: 'token', value: 'x', type: 'application/json' }],
    ])
      expect((await send(browser, PATH, parts)).status).toBeGreaterThanOrEqual(400);
    const plain = await browser.post(PATH, { token: 'x', text: 'y' }, { origin: ORIGIN });
    expect(plain.status).toBe(400);
    expect((await browser.get('/inbox/item1')).status).toBe(200);
  });
});
