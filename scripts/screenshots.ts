import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { generate } from 'otplib';
import { type BrowserVisitor, startBrowser } from '../test/support/browser.js';
import { exampleMail } from '../test/support/portal-pages.js';
import { startPortalStage } from '../test/support/portal-stage.js';
import { readMail } from '../test/support/portal-visitor.js';
import { DESK, draw, FOLDER, LOOKS } from './drawing.js';

/*
 * Draws every page of the portal for the documentation: a whole relay with made-up people, looked at by chromium.
 * Run by `npm run screenshots`.
 */

const ROE = 'roe@patient.example';
const POE = 'poe@patient.example';
const WARD = 'ward3@clinic.example';
const PASSWORD = 'plum violin harbour nine';

mkdirSync(FOLDER, { recursive: true });
for (const name of readdirSync(FOLDER)) if (/^(?!review-).*\.png$/.test(name)) rmSync(FOLDER + name);

// The organisation's gateway for codes to telephones, which takes all of them.
const gateway = createServer((request, response) => {
  request.resume();
  response.writeHead(204).end();
});
await new Promise<void>((done) => gateway.listen(0, '127.0.0.1', done));
const bound = gateway.address();
const gatewayPort = typeof bound === 'object' && bound !== null ? bound.port : 0;

const stage = await startPortalStage(
  { remember_device: '30d', sms: { url: `http://127.0.0.1:${gatewayPort}/send` } },
  'by-subject',
);
const browser = await startBrowser([stage.url]);

/** Draws pages of one's own on a phone, dark and in Spanish. */
async function drawLooks(pages: readonly (readonly [name: string, path: string])[], from: BrowserVisitor) {
  const storageState = await from.context.storageState();
  for (const [suffix, options] of LOOKS) {
    const visitor = await browser.visitor({ ...options, storageState });
    for (const [name, path] of pages) {
      await visitor.page.goto(new URL(path, stage.url).href);
      await draw(`${name}-${suffix}`, visitor);
    }
    await visitor.close();
  }
}

/** The number of two groups in the next mail to an address with this Subject. */
async function told(address: string, subject: RegExp): Promise<string> {
  const mail = await stage.sink.next((one) => one.recipients.includes(address) && subject.test(one.text));
  return /\d{4} \d{4}/.exec((await readMail(mail)).text ?? '')?.[0] ?? '';
}

try {
  const visitor = await browser.visitor(DESK);
  const { page } = visitor;
  const open = (path: string) => page.goto(new URL(path, stage.url).href);
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click();

  // From the link to the message.
  const dental = await stage.place({
    to: ROE,
    from: 'Desk <desk@dental.example>',
    subject: 'Your visit',
    text: 'See you on Monday.',
  });
  const { link } = await stage.place(exampleMail(ROE));
  await open(dental.link);
  await draw('link-brand', visitor);
  await open(link);
  await draw('link', visitor);
  await press('Send me a code');
  await page.getByLabel('One-time code').fill('0000 0000');
  await press('Open the message');
  await draw('code-refused', visitor);
  await open(`${link}/code`);
  await draw('code', visitor);
  await page.getByLabel('One-time code').fill(await stage.code(ROE));
  await page.getByLabel('Remember this browser').check();
  await press('Open the message');
  await page.waitForURL(/\/inbox\/[^/]+$/);
  await draw('message', visitor);
  const message = new URL(page.url()).pathname;
  for (const [name, path] of [
    ['text', '/text'],
    ['print', '/print'],
    ['preview', '/attachments/0/preview/1'],
  ] as const) {
    await open(message + path);
    await draw(name, visitor);
  }

  // Answering.
  await open(`${message}/reply`);
  await page.getByLabel('Your message').fill('Thank you.\n\nI will come on Monday.');
  await draw('reply', visitor);
  await page.locator('input[type=file]').setInputFiles({
    name: 'form.pdf',
    mimeType: 'application/pdf',
    buffer: Buffer.from('%PDF-1.4\n'),
  });
  await page.locator('main form button[type=submit]').first().click();
  await page.waitForURL(/\/inbox\/sent\/done$/);
  await draw('sent', visitor);
  await page.locator('main a[href^="/inbox/sent/"]').first().click();
  await draw('sent-message', visitor);

  // A message that asks for more, in the list and on the way to it.
  const phoned = await stage.place({ to: ROE, subject: 'A result [telephone]', text: 'All is well.' });
  const passphrase = await told(WARD, /^Subject: A passphrase to tell/m);
  await open('/inbox');
  await draw('inbox', visitor);
  await drawLooks(
    [
      ['inbox', '/inbox'],
      ['message', message],
    ],
    visitor,
  );
  await page.getByRole('listitem').filter({ hasText: 'Asks for more' }).getByRole('link').click();
  await draw('steps', visitor);
  await page.locator('main a.button').first().click();
  await draw('passphrase', visitor);
  await page.getByLabel('Passphrase').fill(passphrase);
  await press('Continue');
  await page.waitForURL(/\/inbox\/[^/]+$/);

  // The account. A factor that is enrolled now counts: the passphrase stands behind it.
  await open('/account');
  await draw('account-new', visitor);
  await open('/account/password');
  await draw('password', visitor);
  await page.locator('#password').fill(PASSWORD);
  await page.locator('#again').fill(PASSWORD);
  await page.locator('main form button[type=submit]').first().click();
  await page.waitForURL(/\/account$/);
  await open('/account/authenticator');
  await draw('totp', visitor);
  const secret = (await page.locator('.secret').textContent())?.replaceAll(' ', '') ?? '';
  const codeOfApp = (later = 0) => generate({ secret, epoch: Math.floor(Date.now() / 1000) + later });
  await page.locator('main input[name=code]').fill(await codeOfApp());
  await page.locator('main form button[type=submit]').first().click();
  await page.waitForURL(/\/account$/);
  await draw('account', visitor);
  await open('/account/passkey');
  await draw('passkey', visitor);
  await open('/account/confirm');
  await draw('confirm', visitor);
  await drawLooks([['account', '/account']], visitor);

  // Signing in without a link, a lost password, and a lost second factor.
  await visitor.context.clearCookies();
  await open('/sign-in');
  await draw('sign-in', visitor);
  await drawLooks([['sign-in', '/sign-in']], visitor);
  await page.getByLabel('Address').fill(ROE);
  await page.locator('#password').fill('not the password');
  await press('Sign in');
  await draw('sign-in-refused', visitor);
  await page.getByLabel('Address').fill(ROE);
  await page.locator('#password').fill(PASSWORD);
  await press('Sign in');
  await page.waitForURL(/\/sign-in\/totp$/);
  await draw('sign-in-totp', visitor);
  await visitor.context.clearCookies();
  await open('/lost');
  await draw('lost', visitor);
  await page.getByLabel('Address').fill(ROE);
  await page.locator('main form button[type=submit]').first().click();
  await page.waitForURL(/\/lost\/code$/);
  await draw('lost-code', visitor);
  await page.locator('main input[name=code]').fill(await told(ROE, /^Subject: Your code for/m));
  await press('Continue');
  await page.waitForURL(/\/lost\/password$/);
  await draw('lost-factor', visitor);

  // Other ways in: a first password, a code by the organisation's gateway.
  await visitor.context.clearCookies();
  const bill = await stage.place({ to: POE, subject: 'Your bill [account]', text: 'Enclosed.' });
  await open(bill.link);
  await press('Send me a code');
  await page.getByLabel('One-time code').fill(await stage.code(POE));
  await press('Open the message');
  await page.waitForURL(bill.link);
  await draw('link-account', visitor);
  await open(`${bill.link}/register`);
  await draw('register', visitor);
  const factor = await stage.place({ to: POE, subject: 'Your result [factor]', text: 'All is well.' });
  await open(factor.link);
  await draw('link-factor', visitor);
  await page.locator(`form[action$="/sms"] button`).click();
  await page.waitForURL(/\/sms$/);
  await draw('sms', visitor);
  await open('/inbox');
  await page.locator('header button').click();
  await draw('signed-out', visitor);
  await visitor.context.clearCookies();
  await open(phoned.link);
  await draw('link-telephone', visitor);

  // What is refused.
  await open('/inbox/nothing');
  await draw('no-session', visitor);
  await open('/m/nothing');
  await draw('not-valid', visitor);
  await open('/sign-in');
  await visitor.context.clearCookies();
  await page.getByLabel('Address').fill(ROE);
  await page.locator('#password').fill(PASSWORD);
  await press('Sign in');
  await draw('try-again', visitor);
  await open('/lost');
  await page.evaluate("document.querySelector('main form').enctype = 'text/plain'");
  await page.getByLabel('Address').fill(ROE);
  await page.locator('main form button[type=submit]').first().click();
  await draw('bad-request', visitor);
  await open(phoned.link);
  for (let count = 0; count < 6; count++) {
    await open(phoned.link);
    await press('Send me a code');
  }
  await draw('no-more-codes', visitor);
} finally {
  await browser.close();
  await stage.close();
  gateway.close();
}
