import { generate } from 'otplib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
import { CANARY, submit } from '../support/submit.js';

/* Messages that ask for more than the mailbox: what recipient, sender and organisation do to have one read. */

const POLICY = `version: 1
rules:
  - { id: by-telephone, when: { subject: "[telephone]" }, demand: { require: [portal], portal: shared-secret } }
  - { id: with-account, when: { subject: "[account]" }, demand: { require: [portal], portal: account } }
  - { id: second-factor, when: { subject: "[factor]" }, demand: { require: [portal], portal: account-second-factor } }
`;
const SENDER = 'ward3@clinic.example';
const ROE = 'roe@patient.example';
const MIA = 'mia@patient.example';
const PASSWORD = 'plum violin harbour nine';
const TELL = 'Enter the passphrase that the sender told you';

let home: RelayHome;
let relay: RunningRelay;
let sink: Sink;
const seen = new Set<Sunk>();

beforeAll(async () => {
  const ca = await testCa();
  sink = await startSink({ certificate: await ca.issue('mx.patient.example') });
  home = await relayHome(
    {
      delivery: {
        routes: [
          { name: 'sink', domains: ['*'], host: '127.0.0.1', port: sink.port, kind: 'recipient-server' },
        ],
        first_retry: '1s',
        max_retry: '1s',
      },
    },
    { policies: { 'portal.yaml': POLICY } },
  );
  relay = await home.start();
});

afterAll(async () => {
  await home?.remove();
  await sink?.close();
});

async function next(fits: (mail: Sunk) => boolean): Promise<Sunk> {
  const mail = await sink.next((one) => !seen.has(one) && fits(one));
  seen.add(mail);
  return mail;
}

/** Sends a mail that waits in the portal; gives the link in the notice. */
async function place(to: string, subject: string): Promise<string> {
  await submit(relay, { from: SENDER, to: [to], subject, text: `The text: ${CANARY}` });
  return pickupLink(await next(isNoticeFor(to)));
}

/** By the mailed code, as far as that leads. */
async function proveMailbox(visitor: Visitor, link: string, address: string): Promise<Page> {
  const asked = await visitor.submit(await visitor.open(link), 'Send me a code');
  return visitor.submit(asked, 'Open the message', {
    code: await mailedCode(await next(isCodeFor(address))),
  });
}

const digits = async (mail: Sunk) => /\d{4} \d{4}/.exec((await readMail(mail)).text ?? '')?.[0] ?? '';
const isPassphrase = (mail: Sunk) =>
  mail.recipients.includes(SENDER) && /^Subject: A passphrase to tell/m.test(mail.text);
const isAccountNotice = (mail: Sunk) =>
  mail.recipients.includes(ROE) && /^Subject: Your account with/m.test(mail.text);

describe('a message with a passphrase', () => {
  let visitor: Visitor;
  let secret: string;
  let link: string;

  it('is opened by the mailbox with what the sender tells by telephone', async () => {
    link = await place(ROE, 'Result [telephone]');
    const told = await digits(await next(isPassphrase));
    visitor = portalVisitor(new URL(link).origin);
    const start = await proveMailbox(visitor, link, ROE);
    expect(start.text).not.toContain(CANARY);
    const asked = await visitor.open(linkTo(start, TELL));
    const wrong = await visitor.submit(asked, 'Continue', { passphrase: '0000 0000' });
    expect(wrong.status).toBe(403);
    const opened = await visitor.submit(wrong, 'Continue', { passphrase: told });
    expect(opened.path).toMatch(/^\/inbox\//);
    expect(opened.text).toContain(CANARY);
  });

  it('lets the recipient set up an account with a second factor, and tells the owner', async () => {
    const account = await visitor.open('/account');
    const password = await visitor.open(linkTo(account, 'Choose a password'));
    await visitor.submit(password, 'Save the password', { password: PASSWORD, again: PASSWORD });
    expect((await readMail(await next(isAccountNotice))).text).toContain('a password was chosen');
    const app = await visitor.open('/account/authenticator');
    secret = /class="secret">([A-Z2-7 ]+)</.exec(app.text)?.[1]?.replaceAll(' ', '') ?? '';
    const done = await visitor.submit(app, 'Confirm', { code: await generate({ secret }) });
    expect(done.path).toBe('/account');
    expect(done.text).toContain('It counts as a second factor.');
    expect((await readMail(await next(isAccountNotice))).text).toContain('an authenticator app was set up');
  });

  it('needs no passphrase the next time, where a second factor is asked for', async () => {
    const again = await place(ROE, 'Result [factor]');
    const fresh = portalVisitor(new URL(link).origin);
    const signIn = await fresh.open('/sign-in');
    const asked = await fresh.submit(signIn, 'Sign in', { address: ROE, password: PASSWORD });
    expect(asked.path).toBe('/sign-in/totp');
    // The code before was used; the next one counts half a minute ahead.
    const totp = await generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 });
    const inbox = await fresh.submit(asked, 'Continue', { totp });
    expect(inbox.path).toBe('/inbox');
    const open = await fresh.open(linkTo(await fresh.open(again), 'Open the message'));
    expect(open.text).toContain(CANARY);
  });

  it('is unlocked by the organisation for whoever lost the second factor', async () => {
    const wanted = await place(ROE, 'Another [factor]');
    const stranded = portalVisitor(new URL(link).origin);
    const before = await stranded.open(wanted);
    expect(before.text).not.toContain('Send me a code');
    const { stdout } = await home.run(['portal', 'unlock', ROE]);
    const told = /passphrase for \d+ messages: (\d{4} \d{4})/.exec(stdout)?.[1] ?? '';
    const start = await proveMailbox(stranded, wanted, ROE);
    const opened = await stranded.submit(await stranded.open(linkTo(start, TELL)), 'Continue', {
      passphrase: told,
    });
    expect(opened.text).toContain(CANARY);
    const app = await stranded.open('/account/authenticator');
    expect(app.text).toContain('Scan this picture');
    const unknown = await home.run(['portal', 'unlock', 'nobody@patient.example']);
    expect([unknown.status, unknown.stderr]).toEqual([1, expect.stringContaining('no account')]);
  });

  it('is removed by the organisation, whoever holds it', async () => {
    const removed = await home.run(['portal', 'unlock', ROE, '--reset']);
    expect([removed.status, removed.stdout]).toEqual([0, expect.stringContaining('removed the account')]);
    const again = await home.run(['portal', 'unlock', ROE, '--reset', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ reset: false });
  });

  it('leaves each step on record, and no secret', async () => {
    const { stdout } = await home.run(['audit', 'search', '--recipient', ROE, '--json']);
    const rows = JSON.parse(stdout) as { type: string }[];
    const types = new Set(rows.map(({ type }) => type));
    for (const type of [
      'portal.passphrase-made',
      'portal.proof-refused',
      'portal.proved',
      'portal.account-changed',
      'portal.unlocked',
    ])
      expect(types).toContain(type);
    expect(stdout).not.toContain(PASSWORD);
    expect(stdout).not.toContain(secret);
    expect(relay.output()).not.toMatch(/violin|\d{4} \d{4}/);
  });
});

describe('a message that asks for an account', () => {
  it('lets the recipient choose a password, and replace it when it is lost', async () => {
    const link = await place(MIA, 'Bill [account]');
    const visitor = portalVisitor(new URL(link).origin);
    const start = await proveMailbox(visitor, link, MIA);
    const choose = await visitor.open(linkTo(start, 'Choose a password'));
    const opened = await visitor.submit(choose, 'Save the password', { password: PASSWORD, again: PASSWORD });
    expect(opened.text).toContain(CANARY);

    const forgetful = portalVisitor(new URL(link).origin);
    const lost = await forgetful.open('/lost');
    const asked = await forgetful.submit(lost, 'Send the code', { address: MIA });
    const code = await digits(
      await next((mail) => mail.recipients.includes(MIA) && /^Subject: Your code for/m.test(mail.text)),
    );
    const form = await forgetful.submit(asked, 'Continue', { code });
    const other = 'quince ladder north seven';
    const inbox = await forgetful.submit(form, 'Save the password', { password: other, again: other });
    expect(inbox.path).toBe('/inbox');
    // The session of before has ended with the old password.
    expect((await visitor.open('/inbox')).status).toBe(403);
  });
});
