import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  accessibilityViolations,
  type BrowserVisitor,
  dropPolicies,
  keyboardStops,
  sidewaysOverflow,
  startBrowser,
  type TestBrowser,
  tabTo,
  toAnotherPage,
} from '../support/browser.js';
import { exampleMail } from '../support/portal-pages.js';
import { type PortalStage, startPortalStage } from '../support/portal-stage.js';
import { describeWithTools } from '../support/tools.js';

/* The pages of the portal in a real browser: what a person sees, reaches and can do, on any screen and with any means. */

const RECIPIENT = 'roe@patient.example';

const isFrame = (address: string) => address.endsWith('/html');

describeWithTools(['chromium'], 'the portal in a browser', () => {
  let stage: PortalStage;
  let browser: TestBrowser;
  let id: string;
  let link: string;
  let item: string;
  let storage: Awaited<ReturnType<BrowserVisitor['context']['storageState']>>;

  beforeAll(async () => {
    stage = await startPortalStage();
    browser = await startBrowser([stage.url]);
    await stage.place({
      to: RECIPIENT,
      from: 'Desk <desk@dental.example>',
      subject: 'Your visit',
      text: 'See you on Monday.',
    });
    ({ id, link } = await stage.place(exampleMail(RECIPIENT)));
    const visitor = await browser.visitor();
    await stage.signIn(visitor.page, link, RECIPIENT);
    item = new URL(visitor.page.url()).pathname;
    storage = await visitor.context.storageState();
    await visitor.close();
  });

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const follow = (page: Page, name: string) =>
    toAnotherPage(page, () => page.getByRole('link', { name }).click());

  const pages: readonly (readonly [string, () => string])[] = [
    ['the page of a link', () => link],
    ['the list', () => `${stage.url}/inbox`],
    ['a message', () => `${stage.url}${item}`],
    ['its HTML in the frame', () => `${stage.url}${item}/html`],
    ['its text', () => `${stage.url}${item}/text`],
    ['it, to print', () => `${stage.url}${item}/print`],
    ['a page of an attachment', () => `${stage.url}${item}/attachments/0/preview/1`],
    ['what is not there', () => `${stage.url}/inbox/nothing`],
  ];
  const ways: readonly (readonly [string, BrowserContextOptions])[] = [
    ['on a light page', { colorScheme: 'light' }],
    ['on a dark page', { colorScheme: 'dark' }],
    ['on a narrow screen', { viewport: { width: 320, height: 640 } }],
    ['in Spanish', { locale: 'es-ES' }],
  ];

  describe.each(ways)('%s', (_, options) => {
    let visitor: BrowserVisitor;

    beforeAll(async () => {
      visitor = await browser.visitor({ ...options, storageState: storage });
      await dropPolicies(visitor, /\/(?:html|print)$/);
    });
    afterAll(async () => {
      await visitor?.close();
    });

    it.each(pages)('can be used by everybody: %s', async (_name, address) => {
      await visitor.page.goto(address());
      const violations = await accessibilityViolations(visitor.page);
      // A mail in its frame needn't have a heading.
      expect(violations.filter((one) => one.rule !== 'page-has-heading-one' || !isFrame(address()))).toEqual(
        [],
      );
      expect(await sidewaysOverflow(visitor.page)).toBe(0);
      expect(visitor.strayRequests).toEqual([]);
      expect(visitor.surprises).toEqual([]);
    });
  });

  it('can be read without JavaScript, from the link to signing out', async () => {
    const { link: own } = await stage.place(exampleMail('noscript@patient.example'));
    const { page, strayRequests, close } = await browser.visitor({ javaScriptEnabled: false });
    await stage.signIn(page, own, 'noscript@patient.example');
    expect(await page.locator('script').count()).toBe(0);
    await expect.poll(() => page.frames()[1]?.locator('table').textContent()).toContain('Hemoglobin A1c');
    await follow(page, 'Text only');
    expect(await page.locator('pre').textContent()).toContain('normal range');
    await follow(page, 'Back to the message');
    await follow(page, 'Show report.pdf');
    await follow(page, 'Next page');
    expect(await page.getByRole('img', { name: /^Page 2 of 2 of report\.pdf/ }).isVisible()).toBe(true);
    await page.getByLabel('Language').selectOption('es');
    await toAnotherPage(page, () => page.getByRole('button', { name: 'Change' }).click());
    await follow(page, 'Página anterior');
    await follow(page, 'Mensajes');
    await page.getByText('Your results').waitFor();
    await toAnotherPage(page, () => page.locator('header button').click());
    await page.goto(`${stage.url}/inbox`);
    expect(await page.content()).not.toContain('Your results');
    expect(strayRequests).toEqual([]);
    await close();
  });

  it('can be read with the keyboard alone', async () => {
    const recipient = 'keyboard@patient.example';
    const { link: own } = await stage.place(exampleMail(recipient));
    const { page, close } = await browser.visitor();
    await page.goto(own);
    await tabTo(page, 'button Send me a code');
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await page.getByLabel('One-time code').waitFor();
    await tabTo(page, 'input One-time code');
    await page.keyboard.type(await stage.code(recipient));
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await page.getByRole('heading', { level: 1, name: /Your results/ }).waitFor();
    await tabTo(page, 'a Show report.pdf');
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await page.getByRole('img', { name: /^Page 1 of 2/ }).waitFor();
    await close();
  });

  it('leads the keyboard through a message in order, and shows where it is', async () => {
    const visitor = await browser.visitor({ storageState: storage });
    await visitor.page.goto(`${stage.url}${item}`);
    const stops = await keyboardStops(visitor.page);
    expect(stops.filter((stop) => !stop.visible)).toEqual([]);
    const wanted = [
      'a Skip to the content',
      'a Messages',
      'a Account',
      'button Sign out',
      'iframe The message',
      'a report.pdf',
      'a Show report.pdf',
      'a picture.gif',
      'a Show picture.gif',
      'a notes.txt',
      'a Save all attachments in one ZIP file',
      'a Text only',
      'a To print',
      'a Save the whole message as a file',
      'select Language',
      'button Change',
    ];
    const names = stops.map((stop) => stop.name);
    expect(names.filter((name) => wanted.includes(name))).toEqual(wanted);
    await visitor.close();
  });

  it('saves attachments under safe names, alone and in one file, and records each', async () => {
    const visitor = await browser.visitor({ storageState: storage });
    await visitor.page.goto(`${stage.url}${item}`);
    const saved = async (name: string) => {
      const waiting = visitor.page.waitForEvent('download');
      await visitor.page.getByRole('link', { name, exact: true }).click();
      return (await waiting).suggestedFilename();
    };
    expect(await saved('notes.txt')).toBe('notes.txt');
    await follow(visitor.page, 'Show report.pdf');
    await follow(visitor.page, 'Back to the message');
    expect(await saved('Save all attachments in one ZIP file')).toBe('attachments.zip');
    expect(await saved('Save the whole message as a file')).toBe('message.eml');
    await visitor.close();
    const read = (await stage.events(id)).filter((event) => event.type === 'portal.attachment-read');
    expect(read.map((event) => event.data)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ part: '2', as: 'file' }),
        expect.objectContaining({ part: '0', as: 'archive' }),
        expect.objectContaining({ part: '1', as: 'archive' }),
        expect.objectContaining({ part: '2', as: 'archive' }),
        expect.objectContaining({ part: '0', as: 'preview', page: 1 }),
      ]),
    );
  });

  it('shows the organisation of each message, with its colours, logo and words', async () => {
    const visitor = await browser.visitor({ storageState: storage });
    const { page } = visitor;
    await page.goto(`${stage.url}/inbox`);
    const line = page.getByRole('listitem').filter({ hasText: 'Harbour Dental Group' });
    await toAnotherPage(page, () => line.getByRole('link').click());
    await page.getByText('Harbour Dental Group, Exampletown.').waitFor();
    await expect.poll(() => page.evaluate("document.querySelector('header img').naturalWidth")).toBe(96);
    // The text stands in the page before its style sheets have come.
    await expect
      .poll(() => page.evaluate("getComputedStyle(document.querySelector('.views a')).color"))
      .toBe('rgb(10, 92, 54)');
    await visitor.close();
  });

  it('shows nobody what is somebody else’s', async () => {
    const other = 'other@patient.example';
    const { link: theirs } = await stage.place({ to: other, subject: 'For others', text: 'others-canary' });
    const visitor = await browser.visitor();
    await stage.signIn(visitor.page, theirs, other);
    for (const path of [
      '',
      '/html',
      '/text',
      '/print',
      '/attachments/0',
      '/attachments.zip',
      '/message.eml',
    ]) {
      const answer = await visitor.context.request.get(`${stage.url}${item}${path}`);
      expect([path, answer.status()]).toEqual([path, 404]);
    }
    const preview = await visitor.context.request.get(`${stage.url}${item}/attachments/0/preview/1`);
    expect(preview.status()).toBe(404);
    await visitor.page.goto(`${stage.url}/inbox`);
    expect(await visitor.page.getByRole('listitem').count()).toBe(1);
    await visitor.close();
  });
});
