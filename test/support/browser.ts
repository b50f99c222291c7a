import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { findTool } from './find-tool.js';

/** A browser for tests of pages, and what became of its requests. */
export interface TestBrowser {
  /**
   * A visitor with cookies of its own. Its requests go to `origins` alone; all others are counted and answered by
   * nobody.
   */
  visitor(options?: BrowserContextOptions): Promise<BrowserVisitor>;
  close(): Promise<void>;
}

export interface BrowserVisitor {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Requests to other places than the site: none may ever be made. */
  readonly strayRequests: readonly string[];
  /** Scripts' errors, dialogs and pop-ups. */
  readonly surprises: readonly string[];
  close(): Promise<void>;
}

/** Starts Debian's chromium without a screen. @param origins of the site, as `https://host:port` */
export async function startBrowser(origins: readonly string[]): Promise<TestBrowser> {
  const executablePath = findTool('chromium');
  if (executablePath === undefined) throw new Error('chromium is not installed');
  // Its own home, so that nothing of the user's is read or written.
  const home = mkdtempSync(join(tmpdir(), 'sallyport-browser-'));
  const browser: Browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--disable-gpu',
      // In a process of its own, a sandboxed frame gets clicks that were meant for what has just been scrolled there.
      '--disable-features=IsolateSandboxedIframes',
      // No name leads anywhere: what isn't asked for through a request, such as a look-up ahead of one, ends here.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
    env: { ...process.env, HOME: home },
  });
  return {
    visitor: (options = {}) => newVisitor(browser, origins, options),
    close: async () => {
      await browser.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

async function newVisitor(
  browser: Browser,
  origins: readonly string[],
  options: BrowserContextOptions,
): Promise<BrowserVisitor> {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB', ...options });
  const strayRequests: string[] = [];
  const surprises: string[] = [];
  // Browsers resolve names and connect before they ask; what isn't the site's is cut off before that.
  await context.route(
    (url) => !origins.includes(url.origin) && url.protocol !== 'data:' && url.protocol !== 'about:',
    async (route) => {
      strayRequests.push(route.request().url());
      await route.abort();
    },
  );
  const page = await context.newPage();
  page.setDefaultTimeout(120_000);
  page.on('dialog', async (dialog) => {
    surprises.push(`dialog: ${dialog.message()}`);
    await dialog.dismiss();
  });
  page.on('pageerror', (error) => surprises.push(`error: ${error.message}`));
  context.on('page', (other) => surprises.push(`page: ${other.url()}`));
  return { context, page, strayRequests, surprises, close: () => context.close() };
}

/** One thing that axe-core found wrong, in few words. */
export interface Violation {
  readonly rule: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

/**
 * Runs axe-core on a page without its frames: the rules of WCAG 2.0 to 2.2, A and AA, and what axe calls best practices.
 * The page must have been loaded with scripts switched on.
 */
export async function accessibilityViolations(page: Page): Promise<readonly Violation[]> {
  await page.evaluate(axe.source);
  const result: AxeResult = await page.evaluate(RUN_AXE);
  return result.violations.map(({ id, impact, nodes }) => ({
    rule: id,
    impact: impact ?? '',
    nodes: nodes.map((node) => node.html),
  }));
}

/** From now on this visitor's pages come without their policy: axe can't look at what is fenced against all scripts. */
export async function dropPolicies(visitor: BrowserVisitor, path: RegExp): Promise<void> {
  await visitor.context.route(path, async (route) => {
    const response = await route.fetch();
    const { 'content-security-policy': _, ...headers } = response.headers();
    await route.fulfill({ response, headers });
  });
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact?: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

const RUN_AXE = `window.axe.run(document, {
  iframes: false,
  resultTypes: ['violations'],
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
})`;

/** By how many pixels the page is wider than its window: 0 where nothing has to be scrolled sideways. */
export async function sidewaysOverflow(page: Page): Promise<number> {
  const overflows = await Promise.all(
    page
      .frames()
      .map((frame) =>
        frame.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      ),
  );
  return Math.max(...overflows);
}

/**
 * What the keyboard reaches, in order, from the top of the page: role or tag and name of each stop, and whether its focus
 * can be seen.
 */
export async function keyboardStops(
  page: Page,
  most = 60,
): Promise<readonly { readonly name: string; readonly visible: boolean }[]> {
  const stops: { name: string; visible: boolean }[] = [];
  for (let count = 0; count < most; count++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate<{ name: string; visible: boolean } | null>(FOCUSED);
    if (stop === null) break;
    stops.push(stop);
  }
  return stops;
}

/** Moves the focus by Tab until it is on what has this tag and name, such as `button Sign out`. */
export async function tabTo(page: Page, name: string, most = 60): Promise<void> {
  for (let count = 0; count < most; count++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate<{ name: string } | null>(FOCUSED);
    if (stop?.name === name) return;
  }
  throw new Error(`the keyboard does not reach ${name} on ${page.url()}`);
}

const FOCUSED = `(() => {
  const one = document.activeElement;
  if (one === null || one === document.body) return null;
  const label = one.labels?.[0]?.textContent ?? '';
  const name = one.getAttribute('aria-label') || label.trim() || one.textContent?.trim() || one.title || '';
  const style = getComputedStyle(one);
  const box = one.getBoundingClientRect();
  const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const within = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  return { name: one.tagName.toLowerCase() + ' ' + name.replace(/\\s+/g, ' ').slice(0, 60), visible: within && (outlined || one.tagName === 'IFRAME') };
})()`;

/**
 * Does what leads to another page, and waits until that page is there: a click alone may return while the old page is still
 * shown, and what follows would act on it. There with its style sheets: a focus ring or a colour is looked at next.
 */
export async function toAnotherPage(page: Page, act: () => Promise<unknown>): Promise<void> {
  // What this page still loads, such as a picture that is drawn for it, is not the next page.
  await page.waitForLoadState('load');
  await Promise.all([page.waitForEvent('load'), act()]);
}
