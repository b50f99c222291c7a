import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  accessibilityViolations,
  type BrowserVisitor,
  sidewaysOverflow,
  startBrowser,
  type TestBrowser,
} from '../support/browser.js';
import { type PortalStage, startPortalStage } from '../support/portal-stage.js';
import { describeWithTools } from '../support/tools.js';

/* Writing a reply in a real browser: with the progress bar and without any script, on a narrow screen, by everybody. */

const RECIPIENT = 'roe@patient.example';

describeWithTools(['chromium'], 'a reply in a browser', () => {
  let stage: PortalStage;
  let browser: TestBrowser;
  let item: string;
  let storage: Awaited<ReturnType<BrowserVisitor['context']['storageState']>>;

  beforeAll(async () => {
    stage = await startPortalStage({ reply: { max_size: '3MB', max_attachments: 2 } });
    browser = await startBrowser([stage.url]);
    const { link } = await stage.place({
      to: RECIPIENT,
      subject: 'Your [secure] visit',
      text: 'See you on Monday.',
    });
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

  const file = (name: string, size: number) => ({
    name,
    mimeType: 'image/png',
    buffer: Buffer.alloc(size, 5),
  });

  it.each([
    ['with scripts', true],
    ['without scripts', false],
  ])('is written and read again %s', async (_, javaScriptEnabled) => {
    const visitor = await browser.visitor({ storageState: storage, javaScriptEnabled });
    const { page } = visitor;
    const word = javaScriptEnabled ? 'scripted' : 'scriptless';
    await page.goto(`${stage.url}${item}`);
    await page.getByRole('link', { name: 'Reply', exact: true }).click();
    await page.getByLabel('Your message').fill(`Thank you, ${word}.`);
    await page.getByLabel('Attachments').setInputFiles([file('a.png', 1_000_000), file('b.png', 500_000)]);
    await page.getByRole('button', { name: 'Send the reply' }).click();
    await page.waitForURL(/\/inbox\/sent\/done$/);
    expect(await page.getByRole('status').textContent()).toContain('Your reply was taken');
    await stage.sink.next((one) => one.text.includes(`Thank you, ${word}.`));
    await page.getByRole('link', { name: 'Read your copy' }).first().click();
    expect(await page.locator('pre').textContent()).toContain(word);
    expect(visitor.strayRequests).toEqual([]);
    expect(visitor.surprises).toEqual([]);
    await visitor.close();
  });

  it('shows how far the upload is, and says what is wrong without losing what was typed', async () => {
    const visitor = await browser.visitor({ storageState: storage });
    const { page } = visitor;
    await page.goto(`${stage.url}${item}/reply`);
    // As text: its own names are the page's, which the compiler doesn't know here.
    await page.evaluate(`
      window.seen = [];
      const bar = document.querySelector('progress');
      new MutationObserver(() => window.seen.push(bar.value)).observe(bar, { attributes: true });
    `);
    expect(await page.getByText('Sending').isVisible()).toBe(false);
    await page.getByLabel('Your message').fill('Too much of it.');
    await page.getByLabel('Attachments').setInputFiles([file('a.png', 4_000_000)]);
    await page.getByRole('button', { name: 'Send the reply' }).click();
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('too large together');
    expect(await page.getByLabel('Your message').inputValue()).toBe('Too much of it.');
    const seen: unknown = await page.evaluate('window.seen');
    expect(seen).toContain(100);
    await page.getByLabel('Attachments').setInputFiles([file('a.png', 1000)]);
    await page.getByRole('button', { name: 'Send the reply' }).click();
    await page.waitForURL(/\/inbox\/sent\/done$/);
    await stage.sink.next((one) => one.text.includes('Too much of it.'));
    expect(stage.sink.messages.filter((one) => one.text.includes('Too much of it.'))).toHaveLength(1);
    await visitor.close();
  });

  it.each([
    ['on a light page', { colorScheme: 'light' as const }],
    ['on a dark page', { colorScheme: 'dark' as const }],
    ['on a narrow screen', { viewport: { width: 320, height: 640 } }],
    ['in Spanish', { locale: 'es-ES' }],
  ])('can be used by everybody %s', async (_, options) => {
    const visitor = await browser.visitor({ ...options, storageState: storage });
    const { page } = visitor;
    await page.goto(`${stage.url}/inbox/sent`);
    const copy = await page.locator('a[href^="/inbox/sent/"]').first().getAttribute('href');
    for (const path of [`${item}/reply`, '/inbox/sent', copy ?? '']) {
      await page.goto(`${stage.url}${path}`);
      expect([path, await accessibilityViolations(page)]).toEqual([path, []]);
      expect([path, await sidewaysOverflow(page)]).toEqual([path, 0]);
    }
    expect(visitor.surprises).toEqual([]);
    await visitor.close();
  });
});
