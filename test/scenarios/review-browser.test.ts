import type { BrowserContextOptions } from 'playwright-core';
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
import { type ReviewStage, startReviewStage } from '../support/review-stage.js';
import { describeWithTools } from '../support/tools.js';
import { untilState } from '../support/until-state.js';

/* The review page in a real browser: what a reviewer sees, reaches and can do, on any screen and with any means. */

describeWithTools(['chromium'], 'the review page in a browser', () => {
  let stage: ReviewStage;
  let browser: TestBrowser;
  let url: string;
  let id: string;
  let decide: string;
  let storage: Awaited<ReturnType<BrowserVisitor['context']['storageState']>>;

  const signIn = async ({ page }: BrowserVisitor, name: string) => {
    const fields = await stage.fields(name);
    await page.goto(`${url}/`);
    await page.locator('#name').fill(fields.name);
    await page.locator('#secret').fill(fields.secret);
    await page.locator('#code').fill(fields.code);
    await page.locator('main button').click();
    await page.locator('header nav').waitFor();
  };

  beforeAll(async () => {
    stage = await startReviewStage({ url: (port) => `http://127.0.0.1:${port}` });
    url = `http://127.0.0.1:${stage.port}`;
    browser = await startBrowser([url]);
    for (const name of ['rita', 'rob', 'kim', 'noor']) await stage.add(name, 'reviewer');
    id = await stage.hold({
      to: ['sam@institute.example', 'a-rather-long-name-for-a-recipient@research.institute.example'],
      subject: 'research results of Jane Roe',
      text: 'Patient: Roe, Jane. MRN: 00482913. SSN: 212-55-0187.',
      html: '<h1>Results</h1><p>Patient: Roe, Jane</p><p>SSN: 212-55-0187</p>',
    });
    await stage.hold({ to: ['lee@institute.example'], subject: 'figures', text: 'Only text.' });
    const visitor = await browser.visitor();
    await signIn(visitor, 'rita');
    await visitor.page.goto(`${url}/held/${id}`);
    decide =
      (await visitor.page
        .getByRole('link', { name: 'Decide about sam@institute.example' })
        .getAttribute('href')) ?? '';
    await visitor.page.getByRole('button', { name: 'Show the content' }).click();
    await visitor.page.getByRole('heading', { name: 'research results of Jane Roe' }).waitFor();
    storage = await visitor.context.storageState();
    await visitor.close();
  });

  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });

  const pages: readonly (readonly [string, () => string])[] = [
    ['the list', () => '/held'],
    ['a message', () => `/held/${id}`],
    ['its content', () => `/held/${id}/content`],
    ['its HTML in the frame', () => `/held/${id}/html`],
    ['deciding', () => decide],
    ['deciding about all', () => `/held/${id}/to/all`],
    ['what was done', () => '/done/approved'],
    ['what is not there', () => '/held/nothing'],
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
      await dropPolicies(visitor, /\/html$/);
    });
    afterAll(async () => {
      await visitor?.close();
    });

    it.each(pages)('can be used by everybody: %s', async (_name, path) => {
      await visitor.page.goto(`${url}${path()}`);
      expect(await accessibilityViolations(visitor.page)).toEqual([]);
      expect(await sidewaysOverflow(visitor.page)).toBe(0);
      expect(visitor.strayRequests).toEqual([]);
      expect(visitor.surprises).toEqual([]);
    });

    it('can be used by everybody: signing in, and being refused', async () => {
      const { page, close } = await browser.visitor(options);
      await page.goto(`${url}/sign-in`);
      expect(await accessibilityViolations(page)).toEqual([]);
      await page.locator('#name').fill('nobody');
      await page.locator('#secret').fill('sallyport-made-up');
      await page.locator('#code').fill('000000');
      await toAnotherPage(page, () => page.locator('main button').click());
      await page.getByRole('alert').waitFor();
      expect(await accessibilityViolations(page)).toEqual([]);
      expect(await sidewaysOverflow(page)).toBe(0);
      await close();
    });
  });

  it('works without JavaScript, from signing in to a release by two', async () => {
    const release = async (name: string) => {
      const visitor = await browser.visitor({ javaScriptEnabled: false });
      const { page } = visitor;
      await signIn(visitor, name);
      expect(await page.locator('script').count()).toBe(0);
      await page.goto(`${url}/held/${id}`);
      await page.getByRole('link', { name: 'Decide about sam@institute.example' }).click();
      await page.getByLabel(/plain mail/).check();
      await page.getByLabel('Why you release it').fill('asked by telephone');
      await toAnotherPage(page, () => page.getByRole('button', { name: 'Release' }).click());
      const said = await page.locator('h1').textContent();
      expect(visitor.strayRequests).toEqual([]);
      await visitor.close();
      return said;
    };
    expect(await release('kim')).toBe('Approved');
    expect(await release('noor')).toBe('Released');
    await untilState(stage.home, id, 'sam@institute.example', 'delivered');
  });

  it('works with the keyboard alone, and shows where it is', async () => {
    const visitor = await browser.visitor();
    const { page } = visitor;
    const fields = await stage.fields('rob');
    await page.goto(`${url}/`);
    for (const [label, text] of [
      ['input Name', fields.name],
      ['input Token', fields.secret],
      ['input Code of your authenticator app', fields.code],
    ] as const) {
      await tabTo(page, label);
      await page.keyboard.type(text);
    }
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await page.getByRole('heading', { level: 1, name: 'Held mail' }).waitFor();
    await tabTo(page, 'a From ward3@clinic.example to lee@institute.example');
    await toAnotherPage(page, () => page.keyboard.press('Enter'));
    await page.getByRole('heading', { level: 1, name: 'A held message' }).waitFor();
    const stops = await keyboardStops(page);
    expect(stops.filter((stop) => !stop.visible)).toEqual([]);
    expect(stops.map(({ name }) => name)).toEqual([
      'a Skip to the content',
      'a Held mail',
      'button Sign out',
      'button Show the content',
      'a Decide about lee@institute.example',
      'a Back to held mail',
    ]);
    await visitor.close();
  });

  it('shows the content in a frame that runs nothing, after the button alone', async () => {
    const visitor = await browser.visitor({ storageState: storage });
    const { page } = visitor;
    const other = await stage.hold({
      to: ['max@institute.example'],
      subject: 'figures',
      html: '<p>Figures</p><script>parent.document.title="taken"</script><img src="https://evil.example/p.gif" onerror="alert(1)"><form action="https://evil.example/"><button>Go</button></form>',
    });
    await page.goto(`${url}/held/${other}/content`);
    expect(page.url()).toBe(`${url}/held/${other}`);
    await page.getByRole('button', { name: 'Show the content' }).click();
    await expect.poll(() => page.frames()[1]?.locator('p').textContent()).toBe('Figures');
    expect(await page.frames()[1]?.locator('script, form, [onerror]').count()).toBe(0);
    expect(await page.title()).not.toContain('taken');
    expect([visitor.strayRequests, visitor.surprises]).toEqual([[], []]);
    await page.goto(`${url}/held`);
    await toAnotherPage(page, () => page.getByRole('button', { name: 'Sign out' }).click());
    await page.goBack();
    expect(await page.content()).not.toContain('max@institute.example');
    await visitor.close();
  });
});
