import { Writable } from 'node:stream';
import { simpleParser } from 'mailparser';
import { beforeEach, describe, expect, it } from 'vitest';
import { ownMail } from '../../../../src/deliver/own-mail.js';
import { systemDecision } from '../../../../src/model/system-decision.js';
import { createLog } from '../../../../src/ops/log.js';
import { firstLink } from '../../../../src/portal/after/link.js';
import { createPortalOperations } from '../../../../src/portal/after/operate.js';
import { createRecall } from '../../../../src/portal/after/recall.js';
import { readRecallRequest } from '../../../../src/portal/after/recall-request.js';
import { asksReceiptFor } from '../../../../src/portal/after/receipt.js';
import { createRemind } from '../../../../src/portal/after/remind.js';
import { createPages } from '../../../../src/portal/pages.js';
import { commitRead } from '../../../../src/portal/reading.js';
import { createInTurn } from '../../../../src/shared/in-turn.js';
import type { NewMessage } from '../../../../src/store/ports.js';
import {
  bodies,
  loadedConfig,
  MemoryPortal,
  mailText,
  plainBody,
  SECRET_SUBJECT,
  START,
  storedMessage,
} from '../harness.js';

/* What happens to a message in the portal until somebody reads it, and what its sender hears and can do. */

const DAY = 86_400_000;
const codeKey = new Uint8Array(32).fill(7);
const DOCTOR = 'doctor@clinic.example';

let store: MemoryPortal;
let clock: { time: number; now(): number };
const log = createLog(
  { level: 'error', addresses: 'full' },
  new Writable({ write: (_c, _e, done) => done() }),
);

beforeEach(() => {
  store = new MemoryPortal();
  clock = {
    time: START,
    now() {
      return this.time;
    },
  };
});

const deps = (settings: Readonly<Record<string, string>> = {}) => ({
  loaded: () => loadedConfig(settings),
  portal: store.portal,
  queue: store.queue,
  bodies,
  ownMail,
  codeKey,
  inTurn: createInTurn(),
  clock,
  log,
});

async function parsed(mail: NewMessage | undefined) {
  const all = mailText(mail);
  expect(all).not.toContain(SECRET_SUBJECT);
  return { ...(await simpleParser(all)), raw: all };
}

/** As the judge asks, with what the store has of the message. */
async function recallOf(recall: ReturnType<typeof createRecall>, id: string): Promise<boolean> {
  const [message, recipients] = await Promise.all([store.queue.message(id), store.queue.recipients(id)]);
  if (message === undefined) throw new Error('no such message');
  return recall(message, recipients);
}

const types = () => store.events.map(({ type }) => type);

describe('reminders', () => {
  const remind = (settings = {}) => createRemind(deps(settings))(() => false);
  const add = (change = {}) => {
    const link = firstLink(codeKey, 'item1');
    return store.add(1, { linkHash: link.hash, nextReminderAt: START + 3 * DAY, ...change });
  };

  it('come once each: to the recipient, with the link that works, then to the sender, then before the end', async () => {
    add();
    expect(await remind()).toBe(false);
    const seen: unknown[] = [];
    for (const day of [3, 3.5, 5, 5.5, 12, 13]) {
      clock.time = START + day * DAY;
      const before = store.mails.length;
      await remind();
      await remind();
      seen.push(
        ...store.mails.slice(before).map((mail) => [day, mail.message.origin, mail.recipients[0]?.address]),
      );
    }
    expect(seen).toEqual([
      [3, 'pickup-reminder', 'patient1@mail.test'],
      [5, 'portal-receipt', DOCTOR],
      [12, 'pickup-reminder', 'patient1@mail.test'],
    ]);
    expect(store.items.get('item1')).toMatchObject({ reminders: 2 });
    expect(store.items.get('item1')?.nextReminderAt).toBeUndefined();
    const [first, told, last] = await Promise.all(store.mails.map(parsed));
    expect(first?.text).toContain(`/m/${firstLink(codeKey, 'item1').secret}`);
    expect(first?.headers.get('auto-submitted')).toBe('auto-generated');
    expect(first?.headers.has('list-unsubscribe')).toBe(false);
    expect(last?.subject).toContain('ends soon');
    expect(told?.subject).toContain('[item1]');
    expect(told?.subject).not.toMatch(/recall/i);
    expect(told?.text).toContain('RECALL');
    expect(types().filter((type) => type === 'portal.reminded')).toHaveLength(3);
  });

  it('make a new link where the one before cannot be made again', async () => {
    store.add(1, { nextReminderAt: START + 3 * DAY });
    const before = store.items.get('item1')?.linkHash;
    clock.time = START + 3 * DAY;
    await remind();
    expect(store.items.get('item1')?.linkHash).not.toEqual(before);
    expect(store.mails).toHaveLength(1);
    expect(store.items.get('item1')?.noticeId).toBe(store.mails[0]?.message.id);
  });

  it.each([
    ['was read', { state: 'picked-up' as const }],
    ['was taken back', { state: 'revoked' as const }],
  ])('stop when the message %s', async (_, change) => {
    add(change);
    clock.time = START + 6 * DAY;
    await remind();
    expect(store.mails).toHaveLength(0);
  });

  it('stop when a person ended the recipient', async () => {
    add();
    store.rows = store.rows.map((row) => ({ ...row, state: 'ended' }));
    clock.time = START + 3 * DAY;
    await remind();
    expect(store.mails).toHaveLength(0);
  });

  it('do not come when the message is read in this very moment', async () => {
    const item = add();
    clock.time = START + 3 * DAY;
    const itemsToRemind = async () => [item];
    store.items.set('item1', { ...item, state: 'picked-up' });
    await createRemind({ ...deps(), portal: { ...store.portal, itemsToRemind } })(() => false);
    expect(store.mails).toHaveLength(0);
  });

  it('tell no sender outside the organisation, none who wants to hear nothing, and not the portal itself', async () => {
    for (const [n, change] of [
      [1, { sender: 'else@other.example' }],
      [2, { origin: 'portal-reply' as const, sender: 'pickup@clinic.example' }],
      [3, { sender: '' }],
    ] as const) {
      store.add(n, { nextReminderAt: START + 5 * DAY });
      store.messages.set(`m${n}`, { ...storedMessage(`m${n}`), ...change });
    }
    store.add(4, { nextReminderAt: START + 5 * DAY });
    store.rows = store.rows.map((row) => (row.messageId === 'm4' ? { ...row, notify: ['NEVER'] } : row));
    clock.time = START + 5 * DAY;
    await remind();
    expect(store.mails).toHaveLength(0);
  });
});

describe('a receipt', () => {
  it.each([
    ['doctor@clinic.example', true],
    ['"Dr. Doe, MD" <doctor@CLINIC.example>', true],
    ['<Doctor@clinic.example>', true],
    ['other@clinic.example', false],
    ['doctor@clinic.example, other@clinic.example', false],
    ['doctor@clinic.example <x@y.test>', false],
    ['<x@y.test> <doctor@clinic.example>', false],
    ['', false],
  ])('asked for by %j is wanted: %s', (value, wanted) => {
    expect(asksReceiptFor([value], DOCTOR)).toBe(wanted);
  });

  it('is not wanted by two fields', () => {
    expect(asksReceiptFor([DOCTOR, DOCTOR], DOCTOR)).toBe(false);
  });

  const read = (settings: Readonly<Record<string, string>> = {}) => {
    const item = store.items.get('item1');
    if (item === undefined) throw new Error('the test is wrong');
    const loaded = loadedConfig(settings);
    const portal = loaded.config.portal;
    if (portal === undefined) throw new Error('the test is wrong');
    return commitRead(
      { ...deps(), loaded, config: portal, pages: createPages([]), onQueued: () => undefined },
      item,
      { kind: 'page' },
      '192.0.2.1',
      START + 1000,
    );
  };

  it('goes to the sender at the first reading, once, as a disposition notification without patient data', async () => {
    const item = store.add(1, { receipt: 'wanted' });
    await read();
    await read();
    // Of two readings at once, the second saw the item as it was before.
    store.items.set('item1', item);
    await read();
    expect(store.mails).toHaveLength(1);
    const mail = await parsed(store.mails[0]);
    expect(store.mails[0]?.message).toMatchObject({ origin: 'portal-receipt', sender: '' });
    expect(mail.headers.get('content-type')).toMatchObject({
      value: 'multipart/report',
      params: { 'report-type': 'disposition-notification' },
    });
    expect(mail.raw).toMatch(/Final-Recipient: rfc822; patient1@mail\.test\r\n/);
    expect(mail.raw).toMatch(/Original-Message-ID: <m1@clinic\.example>\r\n/);
    expect(mail.raw).toMatch(/Disposition: manual-action\/MDN-sent-automatically; displayed\r\n/);
    expect(mail.inReplyTo).toBe('<m1@clinic.example>');
    expect(mail.from?.value[0]?.address).toBe('pickup@clinic.example');
    expect(mail.to).toMatchObject({ value: [{ address: DOCTOR }] });
    expect(types().filter((type) => type === 'portal.message-read')).toHaveLength(3);
    expect(types().filter((type) => type === 'notice.queued')).toHaveLength(1);
  });

  it('names no Message-ID in which something was found, nor does word that nobody came yet', async () => {
    store.add(1, { receipt: 'wanted', nextReminderAt: START });
    const decision = { ...systemDecision('patient1@mail.test'), hideMessageIds: true as const };
    store.rows.forEach((row, i) => {
      store.rows[i] = { ...row, decision };
    });
    clock.time = START + 5 * DAY;
    await createRemind(deps())(() => false);
    await read();
    const toSender = store.mails.filter(({ message }) => message.origin === 'portal-receipt');
    expect(toSender).toHaveLength(2);
    for (const mail of toSender) expect(mailText(mail)).not.toMatch(/m1@clinic\.example|In-Reply-To/);
  });

  it.each([
    ['nobody asked', 'none' as const, {}],
    ['it was sent', 'sent' as const, {}],
    ['the organisation sends none', 'wanted' as const, { receipts: 'false' }],
  ])('is not sent where %s', async (_, receipt, settings) => {
    store.add(1, { receipt });
    await read(settings);
    expect(store.mails).toHaveLength(0);
    expect(store.items.get('item1')?.state).toBe('picked-up');
  });
});

describe('what counts as a request to take a message back', () => {
  const ID = '01m2x3y4z5a6b7c8d9e0fg';
  const header = (subject: string, more = {}) => ({ subject, answers: '', ...more });
  it.each([
    [`RECALL RE: Not picked up yet: your message to x@y.test [${ID}]`, { kind: 'id', ids: [ID] }],
    [`Re: recall [${ID}]`, { kind: 'id', ids: [ID] }],
    ['Recall jane@mail.test', { kind: 'recipient', address: 'jane@mail.test' }],
    ['recall <abc.123@clinic.example>', { kind: 'message-id', value: '<abc.123@clinic.example>' }],
    [`Re: Not picked up yet [${ID}]`, undefined],
    [`recalled [${ID}]`, undefined],
    ['recall', undefined],
    ['Product recall: infusion pumps', undefined],
    ['', undefined],
  ])('%j', (subject, target) => {
    expect(readRecallRequest(header(subject), 'gw.clinic.example')).toEqual(target);
  });

  it('is an answer to one of our mails, or the trigger header, but nothing that a machine wrote', () => {
    const answers = `<x@y.test> <${ID}@GW.clinic.example>`;
    expect(readRecallRequest(header('recall', { answers }), 'gw.clinic.example')).toEqual({
      kind: 'id',
      ids: [ID],
    });
    expect(readRecallRequest(header('recall', { answers }), 'other.example')).toBeUndefined();
    expect(readRecallRequest(header('x', { trigger: ID }), 'gw.clinic.example')).toEqual({
      kind: 'id',
      ids: [ID],
    });
    expect(
      readRecallRequest(header(`recall ${ID}`, { autoSubmitted: 'auto-replied' }), 'gw.clinic.example'),
    ).toBeUndefined();
  });
});

describe('taking a message back', () => {
  const ID = '01m2x3y4z5a6b7c8d9e0fg';
  const ask = async (
    subject: string,
    {
      settings = {},
      sender = DOCTOR,
      to = ['pickup@clinic.example'],
      header = '',
    }: {
      settings?: Readonly<Record<string, string>>;
      sender?: string;
      to?: readonly string[];
      header?: string;
    } = {},
  ) => {
    store.messages.set('ask', {
      ...storedMessage('ask'),
      sender,
      state: 'received',
      body: plainBody(`From: ${sender}\r\nSubject: ${subject}\r\n${header}\r\nbody`),
    });
    store.rows = store.rows.filter((row) => row.messageId !== 'ask');
    for (const [index, address] of to.entries())
      store.rows.push({
        messageId: 'ask',
        index,
        address,
        domain: 'clinic.example',
        state: 'received',
        attempts: 0,
      });
    return recallOf(createRecall(deps(settings)), 'ask');
  };
  const answer = async () => (await parsed(store.mails.at(-1))).text?.replace(/\s+/g, ' ') ?? '';
  const add = (change = {}) => {
    const item = { ...store.add(1, change), id: ID };
    store.items.delete('item1');
    store.items.set(ID, item);
    return item;
  };

  it('closes what nobody has read, ends the request, and says so', async () => {
    add();
    expect(await ask(`RECALL [${ID}]`)).toBe(true);
    expect(store.items.get(ID)?.state).toBe('revoked');
    expect(store.rows.map(({ messageId, state }) => [messageId, state])).toEqual([
      ['m1', 'ended'],
      ['ask', 'ended'],
    ]);
    expect(await answer()).toContain('taken back. Nobody had opened it');
    expect(store.mails.at(-1)).toMatchObject({
      message: { origin: 'recall-notice', sender: '' },
      recipients: [{ address: DOCTOR }],
    });
    expect(types()).toEqual([
      'portal.recalled',
      'portal.revoked',
      'recipient.ended',
      'recipient.ended',
      'notice.queued',
    ]);
  });

  const wasRead = { state: 'picked-up' as const, firstReadAt: START + DAY };
  it('keeps what was read, and says when', async () => {
    add(wasRead);
    await ask(`RECALL [${ID}]`);
    expect(store.items.get(ID)?.state).toBe('picked-up');
    expect(await answer()).toMatch(/not taken back\. It had been opened on\s+3 November 2026/);
    expect(types()).toContain('portal.recall-refused');
  });

  it('closes what was read where the organisation says so, and says that it was read', async () => {
    add(wasRead);
    await ask(`RECALL [${ID}]`, { settings: { recall: 'always' } });
    expect(store.items.get(ID)?.state).toBe('revoked');
    expect(await answer()).toMatch(/taken back, but it had been opened on\s+3\s+November/);
  });

  it('judges a reading in this very moment as a reading', async () => {
    const item = add();
    store.rows = store.rows.map((row) => ({ ...row, state: 'picked-up' }));
    let asked = 0;
    const portal = {
      ...store.portal,
      item: async (id: string) => (id === ID ? (asked++ === 0 ? item : { ...item, ...wasRead }) : undefined),
    };
    store.messages.set('ask', {
      ...storedMessage('ask'),
      state: 'received',
      body: plainBody(`Subject: recall ${ID}\r\n\r\n`),
    });
    store.rows.push({
      messageId: 'ask',
      index: 0,
      address: 'pickup@clinic.example',
      domain: 'clinic.example',
      state: 'received',
      attempts: 0,
    });
    expect(await recallOf(createRecall({ ...deps(), portal }), 'ask')).toBe(true);
    expect(store.items.get(ID)?.state).toBe('waiting');
    expect(await answer()).toContain('not taken back');
  });

  it.each([
    ['by its ID', `RECALL [${ID}]`],
    ['by its message', 'recall <m1@clinic.example>'],
    ['by its recipient', 'recall patient1@mail.test'],
  ])('never touches another sender’s %s', async (_, subject) => {
    add();
    expect(await ask(subject, { sender: 'nosy@clinic.example' })).toBe(true);
    expect(store.items.get(ID)?.state).toBe('waiting');
    expect(await answer()).toMatch(/no message of yours/);
    expect(types()).toContain('portal.recall-refused');
  });

  it.each([
    ['by its recipient', 'Recall patient1@mail.test', ''],
    ['by its recipient in angle brackets', 'Recall Jane <patient1@mail.test>', ''],
    ['by its Message-ID', 'recall <m1@clinic.example>', ''],
    [
      'by an encoded Subject',
      `=?utf-8?B?${Buffer.from(`RECALL: Aún sin recoger [${ID}]`).toString('base64')}?=`,
      '',
    ],
    ['by the header', 'hello', `X-Sallyport-Recall: <m1@clinic.example>\r\n`],
  ])('finds a message %s', async (_, subject, header) => {
    add();
    expect(await ask(subject, { header })).toBe(true);
    expect(store.items.get(ID)?.state).toBe('revoked');
  });

  it('finds the message that one of our mails is about, by an answer to it', async () => {
    add();
    const notice = '01notice0notice0notice';
    store.messages.set(notice, { ...storedMessage(notice), origin: 'portal-receipt', aboutPortalItem: ID });
    await ask('recall please', { header: `In-Reply-To: <${notice}@gateway.clinic.example>\r\n` });
    expect(store.items.get(ID)?.state).toBe('revoked');
  });

  it('is answered without its own Message-ID, into which nobody has looked', async () => {
    add();
    await ask(`RECALL [${ID}]`);
    const [notice] = store.mails;
    expect(store.messages.get('ask')?.headerMessageId).toBe('<ask@clinic.example>');
    expect(mailText(notice)).not.toMatch(/ask@clinic\.example|In-Reply-To/);
  });

  it('does not choose among several messages, but names them', async () => {
    store.add(1);
    store.add(2, { recipient: 'patient1@mail.test' });
    await ask('recall patient1@mail.test');
    expect([store.items.get('item1')?.state, store.items.get('item2')?.state]).toEqual([
      'waiting',
      'waiting',
    ]);
    expect(await answer()).toMatch(/RECALL item1[\s\S]*RECALL item2|RECALL item2[\s\S]*RECALL item1/);
  });

  it.each([
    ['that is switched off', `RECALL [${ID}]`, { settings: { recall: 'off' } }],
    ['to somebody else as well', `RECALL [${ID}]`, { to: ['pickup@clinic.example', 'x@clinic.example'] }],
    ['to somebody else', `RECALL [${ID}]`, { to: ['x@clinic.example'] }],
    ['from outside', `RECALL [${ID}]`, { sender: 'doctor@elsewhere.test' }],
    ['from nobody', `RECALL [${ID}]`, { sender: '' }],
    ['that a machine sent', `RECALL [${ID}]`, { header: 'Auto-Submitted: auto-replied\r\n' }],
    ['that names nothing', 'Recall of infusion pumps', {}],
  ])('leaves mail alone %s', async (_, subject, options) => {
    add();
    expect(await ask(subject, options)).toBe(false);
    expect(store.items.get(ID)?.state).toBe('waiting');
    expect(store.mails).toHaveLength(0);
    expect(store.events).toHaveLength(0);
  });

  it('leaves mail alone that cannot be read', async () => {
    add();
    await ask(`RECALL [${ID}]`);
    store.items.set(ID, { ...add(), state: 'waiting' });
    store.messages.set('ask2', {
      ...storedMessage('ask2'),
      state: 'received',
      body: { wrappedKey: new Uint8Array(), size: 20, content: { kind: 'file', name: 'x' } },
    });
    store.rows.push({
      messageId: 'ask2',
      index: 0,
      address: 'pickup@clinic.example',
      domain: 'clinic.example',
      state: 'received',
      attempts: 0,
    });
    expect(await recallOf(createRecall(deps()), 'ask2')).toBe(false);
  });
});

describe('what operators do', () => {
  it('gives an item more time, and reminds by its new end', async () => {
    const item = store.add(1);
    clock.time = START + 13 * DAY;
    const operations = createPortalOperations(deps());
    expect(await operations.extend(item, START + 30 * DAY, 'local', 'on holiday')).toBe(true);
    expect(store.items.get('item1')).toMatchObject({
      expiresAt: START + 30 * DAY,
      nextReminderAt: START + 28 * DAY,
    });
    expect(store.events).toMatchObject([
      { type: 'portal.extended', data: { actor: 'local', reason: 'on holiday' } },
    ]);
  });

  it('sends the notice again with another link, and where one is needed, another passphrase to the sender', async () => {
    const first = firstLink(codeKey, 'item1');
    const item = store.add(1, {
      linkHash: first.hash,
      strength: 'shared-secret',
      passphraseTries: 10,
    });
    expect(await createPortalOperations(deps()).resend(item, 'local', 'lost')).toBe(true);
    const now = store.items.get('item1');
    expect(now?.linkHash).not.toEqual(first.hash);
    expect(now).toMatchObject({ passphraseTries: 0, noticeId: store.mails[0]?.message.id });
    expect(store.mails.map(({ message, recipients }) => [message.origin, recipients[0]?.address])).toEqual([
      ['pickup-notice', 'patient1@mail.test'],
      ['passphrase-notice', DOCTOR],
    ]);
    expect(mailText(store.mails[0])).not.toContain(first.secret);
    expect(types()).toEqual(['portal.resent', 'notice.queued', 'portal.passphrase-made', 'notice.queued']);
  });

  it('changes nothing of what was closed meanwhile, and tells where nobody could be told a passphrase', async () => {
    const item = store.add(1);
    store.items.set('item1', { ...item, state: 'expired' });
    const operations = createPortalOperations(deps());
    expect(await operations.extend(item, START + 30 * DAY, 'local', 'x')).toBe(false);
    expect(await operations.resend(item, 'local', 'x')).toBe(false);
    const outside = store.add(2, { strength: 'shared-secret', sender: 'else@other.example' });
    await expect(operations.resend(outside, 'local', 'x')).rejects.toThrow(
      /portal unlock patient2@mail.test/,
    );
    expect(store.mails).toHaveLength(0);
  });
});
