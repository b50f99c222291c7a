import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  accessibilityViolations,
  type BrowserVisitor,
  sidewaysOverflow,
  startBrowser,
  type TestBrowser,
  toAnotherPage,
} from '../support/browser.js';
import { linkSecret } from '../support/memory-portal.js';
import { freePort } from '../support/relay-process.js';
import { describeWithTools } from '../support/tools.js';
import { mailedCode, startWorld, type World } from '../unit/portal/harness.js';

/* A passkey from its making to its use, with the browser's own virtual authenticator: our script is what talks to it. */

describeWithTools(['chromium'], 'a passkey in a browser', () => {
  let world: World;
  let browser: TestBrowser;
  let visitor: BrowserVisitor;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    // Passkeys are bound to host names: an address would not do.
    url = `http://localhost:${port}`;
    world = await startWorld({ address: `127.0.0.1:${port}`, url });
    world.clock.time = Date.now();
    world.store.add(1, { expiresAt: Date.now() + 86_400_000 });
    browser = await startBrowser([url]);
    visitor = await browser.visitor();
    const devtools = await visitor.context.newCDPSession(visitor.page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
  });

  afterAll(async () => {
    await visitor?.close();
    await browser?.close();
    await world?.portal.close();
  });

  it('is added to an account, and signs in with nothing typed', async () => {
    const { page } = visitor;
    await page.goto(`${url}/m/${linkSecret(1)}`);
    await toAnotherPage(page, () => page.getByRole('button', { name: 'Send me a code' }).click());
    await page.getByLabel('One-time code').fill(mailedCode(world.store));
    await page.getByRole('button', { name: 'Open the message' }).click();
    await page.waitForURL(/\/inbox\/item1$/);
    await page.goto(`${url}/account`);
    await page.getByRole('link', { name: 'Add a passkey' }).click();
    await page.getByLabel('Name').fill('Test phone');
    await page.getByRole('button', { name: 'Add the passkey' }).click();
    await page.waitForURL(`${url}/account`);
    await page.getByText('Test phone', { exact: true }).waitFor();
    expect(world.store.passkeys).toHaveLength(1);

    await visitor.context.clearCookies();
    await page.goto(`${url}/sign-in`);
    await page.getByRole('button', { name: 'Use a passkey' }).click();
    await page.waitForURL(`${url}/inbox`);
    expect([...world.store.sessions.values()].at(-1)?.proofs).toEqual(['passkey']);
    expect([visitor.strayRequests, visitor.surprises]).toEqual([[], []]);
  });

  it.each([
    ['on a light page', { colorScheme: 'light' }],
    [
      'on a dark, narrow page in Spanish',
      {
        colorScheme: 'dark',
        viewport: { width: 320, height: 640 },
        locale: 'es-ES',
      },
    ],
  ] as const)('has pages around it that everybody can use, %s', async (_, options) => {
    const storageState = await visitor.context.storageState();
    const owner = await browser.visitor({ ...options, storageState });
    const stranger = await browser.visitor(options);
    const pages = [
      [stranger, '/sign-in'],
      [stranger, '/lost'],
      [stranger, '/lost/code'],
      [owner, '/account'],
      [owner, '/account/confirm'],
      [owner, '/account/password'],
      [owner, '/account/passkey'],
    ] as const;
    for (const [who, path] of pages) {
      await who.page.goto(`${url}${path}`);
      expect([path, new URL(who.page.url()).pathname]).toEqual([path, path]);
      expect([path, await accessibilityViolations(who.page)]).toEqual([path, []]);
      expect([path, await sidewaysOverflow(who.page)]).toEqual([path, 0]);
      expect([path, who.surprises]).toEqual([path, []]);
    }
    await owner.close();
    await stranger.close();
  });

  it('is said to be impossible where scripts are off, beside the ways that work', async () => {
    const plain = await browser.visitor({ javaScriptEnabled: false });
    await plain.page.goto(`${url}/sign-in`);
    await plain.page.getByText('Passkeys need a browser that knows them').waitFor();
    expect(await plain.page.getByRole('button', { name: 'Use a passkey' }).isVisible()).toBe(false);
    expect(await plain.page.getByLabel('Password').isVisible()).toBe(true);
    await plain.close();
  });
});
