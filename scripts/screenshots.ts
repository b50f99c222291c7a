import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import { startBrowser } from '../test/support/browser.js';
import { exampleMail } from '../test/support/portal-pages.js';
import { startPortalStage } from '../test/support/portal-stage.js';

/*
 * Draws the pages of the portal for the documentation: a whole relay with made-up people, looked at by chromium.
 * Run by `npm run screenshots`.
 */

const FOLDER = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const RECIPIENT = 'roe@patient.example';
const DESK: BrowserContextOptions = { viewport: { width: 760, height: 640 } };
const PHONE: BrowserContextOptions = { viewport: { width: 320, height: 568 } };

mkdirSync(FOLDER, { recursive: true });
const stage = await startPortalStage();
const browser = await startBrowser([stage.url]);
try {
  await stage.place({
    to: RECIPIENT,
    from: 'Desk <desk@dental.example>',
    subject: 'Your visit',
    text: 'See you on Monday.',
  });
  const { link } = await stage.place(exampleMail(RECIPIENT));

  const first = await browser.visitor(DESK);
  const draw = async (name: string, visitor = first) => {
    const png = await visitor.page.screenshot({ scale: 'css' });
    writeFileSync(`${FOLDER}${name}.png`, png);
    console.log(`docs/screenshots/${name}.png  ${Math.ceil(png.length / 1024)} KB`);
  };
  await first.page.goto(link);
  await draw('link');
  await first.page.getByRole('button', { name: 'Send me a code' }).click();
  await draw('code');
  await first.page.getByLabel('One-time code').fill(await stage.code(RECIPIENT));
  await first.page.getByRole('button', { name: 'Open the message' }).click();
  await first.page.waitForURL(/\/inbox\/[^/]+$/);
  await draw('message');
  const message = first.page.url();
  for (const [name, path] of [
    ['text', '/text'],
    ['print', '/print'],
    ['preview', '/attachments/0/preview/1'],
  ] as const) {
    await first.page.goto(message + path);
    await draw(name);
  }
  await first.page.goto(`${stage.url}/inbox`);
  await draw('inbox');
  await first.page.goto(`${stage.url}/inbox/nothing`);
  await draw('not-valid');

  const storageState = await first.context.storageState();
  for (const [suffix, options] of [
    ['phone', PHONE],
    ['dark', { ...DESK, colorScheme: 'dark' }],
    ['spanish', { ...DESK, locale: 'es-ES' }],
  ] as const) {
    const visitor = await browser.visitor({ ...options, storageState });
    await visitor.page.goto(message);
    await draw(`message-${suffix}`, visitor);
    await visitor.page.goto(`${stage.url}/inbox`);
    await draw(`inbox-${suffix}`, visitor);
    await visitor.close();
  }
} finally {
  await browser.close();
  await stage.close();
}
