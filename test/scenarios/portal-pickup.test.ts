import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openReadOnly } from '../../src/store/read-only.js';
import { endItem } from '../support/end-item.js';
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
import { type Sink, startSink, testCa } from '../support/sink.js';
import { CANARY, LAB_RESULT, submit } from '../support/submit.js';
import { untilState } from '../support/until-state.js';

/*
 * A message with `[secure]` waits in the portal. What a recipient without any software does to read it, what the
 * sender's organisation can still do about it, and how it ends.
 */

const SCAN = randomBytes(200_000);
const SUBJECT = 'Befund [secure] of Jane Roe';
const HTML = `<p onclick="steal()">framed ${CANARY}</p><script>steal()</script><img src="https://tracker.example/x.png">`;
const GONE = 'gone@patient.example';
const ITEM_LIFETIME_HOURS = 30;

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;

beforeAll(async () => {
  const ca = await testCa();
  sink = await startSink({
    certificate: await ca.issue('mx.patient.example'),
    refuse: (recipient) => (recipient === GONE ? 550 : undefined),
  });
  home = await relayHome({
    delivery: {
      routes: [
        { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
      ],
      first_retry: '1s',
      max_retry: '1s',
    },
  });
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

describe('picking a message up', () => {
  const recipient = 'roe@patient.example';
  let id: string;
  let link: string;
  let visitor: Visitor;
  let page: Page;

  it('sends a notice without patient data and without the Subject', async () => {
    id = await submitSecure(recipient);
    const notice = await sink.next(isNoticeFor(recipient));
    link = await pickupLink(notice);
    const shown = await readMail(notice);
    const all = [notice.text, shown.text, shown.html, shown.subject].join('\n');
    expect(all).not.toMatch(/Befund|Roe, Jane|00482913|diabetes|scan\.bin/);
    expect(all).not.toContain(CANARY);
    expect(all).not.toContain(SCAN.toString('base64').slice(0, 60));
    expect(notice.sender).toBe('');
    expect(notice.tls).toBeDefined();
    expect(shown.from?.value[0]?.address).toBe('pickup@clinic.example');
  });

  it('tells whoever has the link nothing, and asks for a code that goes to the same mailbox', async () => {
    visitor = portalVisitor(new URL(link).origin);
    page = await visitor.open(link);
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/Befund|Jane|ward3|roe@|scan/);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect(page.headers['cache-control']).toBe('no-store');

    page = await visitor.submit(page, 'Send me a code');
    expect(page.path).toMatch(/\/code$/);
    const mail = await sink.next(isCodeFor(recipient));
    expect(mail.recipients).toEqual([recipient]);
    expect(mail.text).not.toMatch(/^Subject:.*\d{4}/m);
  });

  it('refuses a wrong code, and every page before the right one', async () => {
    const code = await mailedCode(await sink.next(isCodeFor(recipient)));
    const wrong = code.startsWith('0') ? `1${code.slice(1)}` : `0${code.slice(1)}`;
    const refused = await visitor.submit(page, 'Open the message', { code: wrong });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('That code did not work');
    const path = `/inbox/${await itemOf(id)}`;
    for (const one of ['/inbox', path, `${path}/html`, `${path}/attachments/0`, `${path}/message.eml`]) {
      const early = await visitor.open(one);
      expect([one, early.status]).toEqual([one, 403]);
      expect(early.text).not.toContain(CANARY);
    }
    page = await visitor.submit(refused, 'Open the message', { code });
    expect(page.status).toBe(200);
    expect(page.path).toBe(path);
  });

  it('shows the message, its HTML only inside the sandboxed frame', async () => {
    expect(page.text).toContain(SUBJECT);
    expect((await visitor.open(linkTo(page, 'Text only'))).text).toContain('plain part');
    expect(page.text).not.toContain('framed');
    expect(page.text).not.toMatch(/<script|onclick|tracker\.example/);
    const frame = /<iframe sandbox src="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const framed = await visitor.open(frame);
    expect(framed.status).toBe(200);
    expect(framed.text).toContain(`framed ${CANARY}`);
    expect(framed.text).not.toMatch(/<script|onclick|tracker\.example/);
    const policy = String(framed.headers['content-security-policy']).split(';');
    expect(policy).toContain('sandbox');
    expect(policy).toContain("default-src 'none'");
    expect(policy.join(';')).not.toMatch(/allow-scripts|allow-same-origin/);
  });

  it('gives the attachment back byte by byte, and the whole message', async () => {
    const attachment = await visitor.open(linkTo(page, 'scan.bin'));
    expect(attachment.status).toBe(200);
    expect(attachment.bytes.equals(SCAN)).toBe(true);
    expect(attachment.headers['content-disposition']).toMatch(/^attachment;/);
    expect(attachment.headers['x-content-type-options']).toBe('nosniff');
    const original = await visitor.open(linkTo(page, 'Save the whole message as a file'));
    expect(original.text).toContain(`Subject: ${SUBJECT}`);
  });

  it('does not let another browser in by the link alone, nor by the used code', async () => {
    const code = await mailedCode(await sink.next(isCodeFor(recipient)));
    const stranger = portalVisitor(new URL(link).origin);
    expect((await stranger.open(page.path)).status).toBe(403);
    await stranger.open(link);
    const form = await stranger.open(`${new URL(link).pathname}/code`);
    expect((await stranger.submit(form, 'Open the message', { code })).status).toBe(403);
  });

  it('ends the session when the visitor signs out', async () => {
    const before = new Map(visitor.cookies);
    await visitor.submit(page, 'Sign out');
    expect((await visitor.open(page.path)).status).toBe(403);
    // The cookie that was kept is worth nothing either.
    for (const [name, value] of before) visitor.cookies.set(name, value);
    expect((await visitor.open(page.path)).status).toBe(403);
  });

  it('is picked up, and every step is on record', async () => {
    await untilState(home, id, recipient, 'picked-up');
    const seen = await eventTypes(id);
    for (const type of [
      'portal.item-created',
      'portal.opened',
      'portal.code-sent',
      'portal.code-refused',
      'portal.signed-in',
      'portal.message-read',
      'portal.attachment-read',
    ])
      expect(seen).toContain(type);
    // Signing out ends what the recipient proved, for all messages.
    const ofRecipient = await home.run(['audit', 'search', '--recipient', recipient, '--json']);
    expect(ofRecipient.stdout).toContain('portal.signed-out');
    expect(seen.indexOf('portal.signed-in')).toBeLessThan(seen.indexOf('portal.message-read'));
    const story = await home.run(['audit', 'show', id]);
    expect(story.status).toBe(0);
    expect(story.stdout).toMatch(/picked.up/);
    expect(story.stdout).not.toMatch(/Befund|scan\.bin/);
    expect(story.stdout).not.toContain(CANARY);
  });

  it('keeps the link, the code and the content out of the log and the data directory', async () => {
    const secret = link.slice(link.lastIndexOf('/') + 1);
    const code = await mailedCode(await sink.next(isCodeFor(recipient)));
    for (const text of [secret, code, CANARY, 'Befund', 'scan.bin'])
      expect(relay.output()).not.toContain(text);
  });
});

describe('taking a message back', () => {
  it('ends an open session at once', async () => {
    const recipient = 'doe@patient.example';
    const id = await submitSecure(recipient);
    const { visitor, page } = await signedIn(recipient);
    expect(page.status).toBe(200);

    const listed = JSON.parse((await home.run(['portal', 'list', '--message', id, '--json'])).stdout);
    expect(listed).toMatchObject([{ messageId: id, recipient, state: 'picked-up' }]);
    expect(JSON.stringify(listed)).not.toMatch(/link|hash/i);

    // The message's own content goes: what was read is a copy under a key of its own.
    await expect.poll(() => bodyOf(id)).toBeUndefined();
    const own = ownBodyOf(listed[0].id);
    expect(readdirSync(join(home.dataDir, 'bodies'))).toContain(own);

    const revoked = await home.run([
      'portal',
      'revoke',
      listed[0].id,
      '--reason',
      'sent to the wrong person',
    ]);
    expect(revoked).toMatchObject({ status: 0, stderr: '' });
    expect(revoked.stdout).toContain('it had been read before');
    await expect.poll(() => readdirSync(join(home.dataDir, 'bodies'))).not.toContain(own);
    for (const path of [page.path, `${page.path}/message.eml`, linkTo(page, 'scan.bin')])
      expect((await visitor.open(path)).status).toBe(404);

    const after = JSON.parse((await home.run(['portal', 'list', '--recipient', recipient, '--json'])).stdout);
    expect(after).toMatchObject([{ state: 'revoked' }]);
    expect(await eventTypes(id)).toContain('portal.revoked');
    const again = await home.run(['portal', 'revoke', listed[0].id, '--reason', 'once more']);
    expect(again.status).toBe(1);
    expect(again.stderr).toContain('has ended already');
    expect((await home.run(['portal', 'revoke', 'no-such-item', '--reason', 'x'])).status).toBe(1);
    expect((await home.run(['portal', 'revoke', listed[0].id])).status).toBe(2);
  });

  it('ends a message that nobody read without telling the recipient, and its link opens nothing', async () => {
    const recipient = 'poe@patient.example';
    const id = await submitSecure(recipient);
    const link = await pickupLink(await sink.next(isNoticeFor(recipient)));
    const [item] = JSON.parse((await home.run(['portal', 'list', '--message', id, '--json'])).stdout);
    expect((await home.run(['portal', 'revoke', item.id, '--reason', 'a mistake'])).stdout).not.toContain(
      'had been read',
    );
    await untilState(home, id, recipient, 'ended');
    const visitor = portalVisitor(new URL(link).origin);
    expect((await visitor.open(link)).status).toBe(404);
  });
});

describe('a notice that bounces', () => {
  it('closes the item and tells the sender, who learns the recipient and no content', async () => {
    const id = await submitSecure(GONE);
    await untilState(home, id, GONE, 'bounced');
    const dsn = await sink.next((one) => one.text.includes('multipart/report') && one.text.includes(GONE));
    expect(dsn.recipients).toEqual(['ward3@clinic.example']);
    expect(dsn.sender).toBe('');
    expect(dsn.text).toMatch(/Action: failed/);
    expect(dsn.text).not.toMatch(/Befund|\/m\//);
    const [item] = JSON.parse((await home.run(['portal', 'list', '--message', id, '--json'])).stdout);
    expect(item.state).toBe('undeliverable');
    expect(await eventTypes(id)).toContain('portal.notice-undeliverable');
  });
});

describe('a message that nobody picks up', () => {
  it('expires: the sender is told, the link is dead, the content is destroyed', async () => {
    const { account } = relay;
    await relay.kill('SIGTERM');
    home.configure({
      portal: {
        address: '127.0.0.1:0',
        url: 'https://127.0.0.1:1',
        sender: 'pickup@clinic.example',
        item_lifetime: `${ITEM_LIFETIME_HOURS}h`,
      },
    });
    relay = await home.start();
    const recipient = 'late@patient.example';
    const id = await submitSecure(recipient, account);
    await untilState(home, id, recipient, 'in-portal');
    await expect.poll(() => bodyOf(id)).toBeUndefined();
    const [item] = JSON.parse((await home.run(['portal', 'list', '--message', id, '--json'])).stdout);
    const file = ownBodyOf(item.id);
    expect(readdirSync(join(home.dataDir, 'bodies'))).toContain(file);
    expect(item.expiresAt - item.createdAt).toBe(ITEM_LIFETIME_HOURS * 3_600_000);
    endItem(home, item.id);
    // Any work makes the relay look what is over; without any it looks every half minute.
    await submit(relay, { to: ['anyone@shop.example'] }, account);
    await untilState(home, id, recipient, 'expired');

    const dsn = await sink.next(
      (one) => one.text.includes('multipart/report') && one.text.includes(recipient),
    );
    expect(dsn.recipients).toEqual(['ward3@clinic.example']);
    expect(dsn.text).toMatch(/Status: 4\.4\.7/);
    expect(dsn.text).not.toContain('Befund');
    await expect.poll(() => ownBodyOf(item.id)).toBeUndefined();
    await expect.poll(() => readdirSync(join(home.dataDir, 'bodies'))).not.toContain(file);
    expect(await eventTypes(id)).toEqual(expect.arrayContaining(['portal.expired', 'content.destroyed']));
    expect((await home.run(['audit', 'verify'])).status).toBe(0);
  });
});

/** A message for the portal, large enough for a body file of its own. */
async function submitSecure(to: string, account = relay.account): Promise<string> {
  const mail = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  const built = await mail.sendMail({
    from: 'ward3@clinic.example',
    to,
    subject: SUBJECT,
    text: `plain part\n${LAB_RESULT}`,
    html: HTML,
    attachments: [{ filename: 'scan.bin', content: SCAN, contentType: 'application/octet-stream' }],
  });
  if (!Buffer.isBuffer(built.message)) throw new Error('the mail was not built');
  const id = await submit(relay, { to: [to], raw: built.message }, account);
  await untilState(home, id, to, 'in-portal', 'bounced');
  return id;
}

async function signedIn(recipient: string): Promise<{ readonly visitor: Visitor; readonly page: Page }> {
  const link = await pickupLink(await sink.next(isNoticeFor(recipient)));
  const visitor = portalVisitor(new URL(link).origin);
  const form = await visitor.submit(await visitor.open(link), 'Send me a code');
  const code = await mailedCode(await sink.next(isCodeFor(recipient)));
  return { visitor, page: await visitor.submit(form, 'Open the message', { code }) };
}

/** The item that a message's only recipient has. */
async function itemOf(id: string): Promise<string> {
  const [item] = JSON.parse((await home.run(['portal', 'list', '--message', id, '--json'])).stdout);
  return item.id;
}

/** Types of all events about a message, oldest first. */
async function eventTypes(id: string): Promise<readonly string[]> {
  const found = await home.run(['audit', 'search', '--id', id, '--json']);
  expect(found).toMatchObject({ status: 0, stderr: '' });
  const rows: { seq: number; type: string }[] = JSON.parse(found.stdout);
  return [...rows].sort((a, b) => a.seq - b.seq).map((row) => row.type);
}

/** Name of the sealed file of an item's own content; undefined once its key is gone. */
function ownBodyOf(item: string): string | undefined {
  const content = openReadOnly(home.dataDir, (store) => store.item(item))?.body?.content;
  return content?.kind === 'file' ? content.name : undefined;
}

/** Name of the message's sealed file; undefined once its key is gone. */
function bodyOf(id: string): string | undefined {
  const [row] = openReadOnly(home.dataDir, (store) => store.list({ messageId: id, limit: 1 }));
  const content = row?.message.body?.content;
  return content?.kind === 'file' ? content.name : undefined;
}
