import { request } from 'node:https';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { multipartForm } from '../support/multipart-form.js';
import {
  isCodeFor,
  isNoticeFor,
  linkTo,
  mailedCode,
  type Page,
  pickupLink,
  portalVisitor,
  readMail,
  type Visitor,
} from '../support/portal-visitor.js';
import { type RelayHome, type RunningRelay, relayHome } from '../support/relay-process.js';
import { type Sink, type Sunk, startSink, testCa } from '../support/sink.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * What comes after a message was put into the portal: reminders and a receipt, an answer with a file that goes through
 * the gateway like any mail, a sender who takes a message back by mail, and what operators do about it.
 */

const WARD = 'ward3@clinic.example';
const PICKUP = 'pickup@clinic.example';

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  const ca = await testCa();
  sink = await startSink({ certificate: await ca.issue('mx.patient.example') });
  home = await relayHome({
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
      first_retry: '1s',
      max_retry: '1s',
    },
    portal: { reminders: { recipient_after: ['1s'], sender_after: '1s', before_expiry: '1h' } },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

const to =
  (recipient: string, subject: RegExp) =>
  (one: Sunk): boolean =>
    one.recipients.includes(recipient) && subject.test(one.text);

describe('a message that is picked up late', () => {
  const recipient = 'roe@patient.example';
  let id: string;
  let item: { readonly id: string };
  let visitor: Visitor;
  let page: Page;
  let origin: string;

  it('is brought to mind, with the same link, and its sender hears that nobody came', async () => {
    id = await submitSecure(recipient);
    item = await itemOf(id);
    const link = await pickupLink(await sink.next(isNoticeFor(recipient)));
    // Its time may have been over, and other work done, before anybody looked: then it was sent already.
    const isReminder = to(recipient, /^Subject: A protected message from .* still/m);
    await expect
      .poll(async () => (await itemOf(id)).nextReminderAt < Date.now() || sink.messages.some(isReminder), {
        interval: 200,
      })
      .toBe(true);
    // Any work makes the relay look what is due; without any it looks every half minute.
    await submit(relay, { to: ['anyone@shop.example'] });
    const reminder = await sink.next(isReminder);
    const told = await sink.next(to(WARD, /^Subject: Not picked up yet/m));
    expect(await pickupLink(reminder)).toBe(link);
    for (const mail of [reminder, told]) {
      expect(mail.sender).toBe('');
      expect(mail.text).not.toMatch(/Befund|Jane|00482913|diabetes/);
      expect(mail.text).not.toContain(CANARY);
    }
    expect((await readMail(told)).subject).toContain(`[${item.id}]`);
    origin = new URL(link).origin;
    ({ visitor, page } = await signedIn(recipient, link));
    expect(page.path).toBe(`/inbox/${item.id}`);
  });

  it('tells the sender who asked, once, that it was opened', async () => {
    const receipt = await sink.next(to(WARD, /disposition-notification/));
    expect(receipt.text).toMatch(/Final-Recipient: rfc822; roe@patient\.example/);
    expect(receipt.text).toMatch(/Disposition: manual-action\/MDN-sent-automatically; displayed/);
    expect(receipt.text).not.toMatch(/Befund/);
    await visitor.open(page.path);
    expect(sink.messages.filter(to(WARD, /disposition-notification/))).toHaveLength(1);
  });

  it('is answered with a file: through inspection and policy, threaded, from the portal’s address', async () => {
    const form = await visitor.open(linkTo(page, 'Reply'));
    expect(form.text).toContain(`value="${WARD}" checked`);
    const sent = await upload(visitor, new URL(origin), form, {
      to: WARD,
      text: 'Thank you. Is that serious?',
      file: { name: '../../photo.bin', bytes: Buffer.alloc(300_000, 7) },
    });
    expect([sent.status, sent.location]).toEqual([303, '/inbox/sent/done']);
    const answer = await sink.next(to(WARD, /^Subject: Re: Befund/m));
    expect(answer.sender).toBe(PICKUP);
    const mail = await readMail(answer);
    expect(mail.from?.value).toEqual([{ name: recipient, address: PICKUP }]);
    expect(mail.replyTo?.value[0]?.address).toBe(recipient);
    expect(mail.inReplyTo).toBe('<lab.1@clinic.example>');
    expect(mail.references).toContain('<lab.1@clinic.example>');
    expect(mail.text).toContain('Is that serious?');
    expect(mail.attachments.map((one) => [one.filename, one.content.length])).toEqual([
      ['photo.bin', 300_000],
    ]);
    // It has arrived; that may not be on record yet.
    await expect.poll(async () => (await visitor.open('/inbox/sent')).text).toContain('Delivered');
    const replyId = (await events(id)).find(({ type }) => type === 'portal.reply-sent')?.data?.replyId;
    expect(await eventTypes(replyId ?? '')).toEqual(
      expect.arrayContaining([
        'message.accepted',
        'message.inspected',
        'recipient.decided',
        'recipient.delivered',
      ]),
    );
    const list = await visitor.open('/inbox/sent');
    const copy = await visitor.open(linkTo(list, 'Read your copy'));
    expect(copy.text).toContain('Is that serious?');
    expect((await visitor.open(linkTo(copy, 'photo.bin'))).bytes).toHaveLength(300_000);
    const gone = await visitor.submit(copy, 'Delete this copy');
    expect(gone.text).toContain('Your copy was deleted');
    expect(gone.text).not.toContain('Read your copy');
  });
});

describe('a sender who takes a message back', () => {
  const recipient = 'poe@patient.example';

  it('does it by mail to the portal’s address; another sender does not', async () => {
    const id = await submitSecure(recipient);
    const { id: item } = await itemOf(id);
    const link = await pickupLink(await sink.next(isNoticeFor(recipient)));
    const ask = (from: string) =>
      submit(relay, { from, to: [PICKUP], subject: `RECALL RE: Not picked up yet [${item}]` });

    await untilState(home, await ask('nosy@clinic.example'), PICKUP, 'ended');
    const refused = await sink.next(to('nosy@clinic.example', /^Subject: Your request/m));
    expect((await readMail(refused)).text).toMatch(/no message of yours/);
    expect((await itemOf(id)).state).toBe('waiting');

    await untilState(home, await ask(WARD), PICKUP, 'ended');
    const done = await sink.next(to(WARD, /^Subject: Your request/m));
    expect((await readMail(done)).text).toMatch(/taken\s+back\.\s+Nobody\s+had\s+opened\s+it/);
    expect((await itemOf(id)).state).toBe('revoked');
    await untilState(home, id, recipient, 'ended');
    expect((await portalVisitor(new URL(link).origin).open(link)).status).toBe(404);
    expect(await eventTypes(id)).toEqual(expect.arrayContaining(['portal.recalled', 'portal.revoked']));
    expect(sink.messages.some(to(PICKUP, /./))).toBe(false);
  });
});

describe('what operators do', () => {
  const recipient = 'doe@patient.example';

  it('shows, extends, sends again and revokes by item, message or recipient', async () => {
    const id = await submitSecure(recipient);
    const before = await itemOf(id);
    const link = await pickupLink(await sink.next(isNoticeFor(recipient)));
    expect((await home.run(['portal', 'show', recipient])).stdout).toContain(`${before.id}  waiting`);
    expect(
      JSON.parse((await home.run(['portal', 'list', recipient, '--state', 'waiting', '--json'])).stdout),
    ).toHaveLength(1);

    const extended = await home.run(['portal', 'extend', id, '--by', '7d', '--reason', 'on holiday']);
    expect(extended).toMatchObject({ status: 0, stderr: '' });
    expect((await itemOf(id)).expiresAt).toBe(before.expiresAt + 7 * 86_400_000);

    const resent = await home.run(['portal', 'resend', before.id, '--reason', 'never arrived', '--json']);
    expect(JSON.parse(resent.stdout)).toMatchObject({ items: [{ item: before.id, recipient }] });
    const again = await sink.next(
      (one) => isNoticeFor(recipient)(one) && !one.text.includes(link.slice(-43)),
    );
    const newLink = await pickupLink(again);
    const visitor = portalVisitor(new URL(link).origin);
    expect((await visitor.open(link)).status).toBe(404);
    expect((await visitor.open(newLink)).status).toBe(200);

    const revoked = await home.run(['portal', 'revoke', recipient, '--reason', 'wrong person']);
    expect(revoked.stdout).toContain(`revoked ${before.id}`);
    expect((await visitor.open(newLink)).status).toBe(404);
    expect(await eventTypes(id)).toEqual(
      expect.arrayContaining(['portal.extended', 'portal.resent', 'portal.revoked']),
    );
    for (const [args, status] of [
      [['portal', 'show', 'nothing'], 1],
      [['portal', 'extend', id, '--by', 'soon', '--reason', 'x'], 2],
      [['portal', 'extend', id, '--by', '7d', '--reason', 'x'], 1],
      [['portal', 'resend', 'nobody@patient.example', '--reason', 'x'], 1],
      [['portal', 'resend', id], 2],
    ] as const)
      expect([args, (await home.run(args)).status]).toEqual([args, status]);
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });
});

let sent = 0;

async function submitSecure(recipient: string): Promise<string> {
  const raw = [
    `From: Ward 3 <${WARD}>`,
    `To: ${recipient}`,
    'Subject: Befund [secure] of Jane Roe',
    `Message-ID: <lab.${++sent}@clinic.example>`,
    `Disposition-Notification-To: ${WARD}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    '',
    LAB_RESULT.replaceAll('\n', '\r\n'),
  ].join('\r\n');
  const id = await submit(relay, { to: [recipient], raw });
  await untilState(home, id, recipient, 'in-portal');
  return id;
}

async function itemOf(id: string) {
  return JSON.parse((await home.run(['portal', 'show', id, '--json'])).stdout)[0];
}

async function signedIn(recipient: string, link: string): Promise<{ visitor: Visitor; page: Page }> {
  const visitor = portalVisitor(new URL(link).origin);
  const form = await visitor.submit(await visitor.open(link), 'Send me a code');
  const code = await mailedCode(await sink.next(isCodeFor(recipient)));
  return { visitor, page: await visitor.submit(form, 'Open the message', { code }) };
}

async function eventTypes(id: string): Promise<readonly string[]> {
  return (await events(id)).map(({ type }) => type);
}

async function events(
  id: string,
): Promise<readonly { readonly type: string; readonly data?: { readonly replyId?: string } }[]> {
  const found = await home.run(['audit', 'search', '--id', id, '--json']);
  expect(found).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(found.stdout);
}

/** Sends the reply form with a file. */
function upload(
  visitor: Visitor,
  origin: URL,
  form: Page,
  reply: { readonly to: string; readonly text: string; readonly file: { name: string; bytes: Buffer } },
): Promise<{ readonly status: number; readonly location: string | undefined }> {
  const token = /id="reply">\s*<input type="hidden" name="token" value="([^"]+)"/.exec(form.text)?.[1] ?? '';
  const { contentType, body } = multipartForm([
    { name: 'token', value: token },
    { name: 'to', value: reply.to },
    { name: 'text', value: reply.text },
    { name: 'keep', value: 'yes' },
    { name: 'files', value: reply.file.bytes, file: reply.file.name, type: 'text/html' },
  ]);
  return new Promise((resolve, reject) => {
    const asked = request(
      new URL(form.path, origin),
      {
        method: 'POST',
        agent: false,
        rejectUnauthorized: false,
        headers: {
          cookie: [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          'sec-fetch-site': 'same-origin',
          'content-type': contentType,
          'content-length': body.length,
        },
      },
      (response) => {
        response.resume();
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, location: response.headers.location }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}
