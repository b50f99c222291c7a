import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { startBrowser } from '../test/support/browser.js';
import { startReviewStage } from '../test/support/review-stage.js';
import { DESK, draw, FOLDER, LOOKS } from './drawing.js';

/*
 * Draws the review page for the documentation: a whole relay with made-up people, looked at by chromium. Run by
 * `npm run screenshots`.
 */

mkdirSync(FOLDER, { recursive: true });
for (const name of readdirSync(FOLDER)) if (/^review-.*\.png$/.test(name)) rmSync(FOLDER + name);

const stage = await startReviewStage({ url: (port) => `http://127.0.0.1:${port}` });
const url = `http://127.0.0.1:${stage.port}`;
const browser = await startBrowser([url]);

try {
  for (const name of ['rita', 'rob']) await stage.add(name, 'reviewer');
  const id = await stage.hold({
    to: ['sam@institute.example'],
    subject: 'research results of Jane Roe',
    html: '<h2>Results</h2><table><tr><td>Patient</td><td>Roe, Jane</td></tr><tr><td>SSN</td><td>212-55-0187</td></tr><tr><td>Hemoglobin A1c</td><td>8.1 %</td></tr></table>',
  });
  await stage.hold({
    to: ['lee@institute.example'],
    subject: 'figures',
    text: 'SSN: 212-55-0187',
  });
  const visitor = await browser.visitor(DESK);
  const { page } = visitor;
  const signIn = async (name: string) => {
    const fields = await stage.fields(name);
    await page.goto(`${url}/sign-in`);
    await page.locator('#name').fill(fields.name);
    await page.locator('#secret').fill(fields.secret);
    await page.locator('#code').fill(fields.code);
    await page.locator('main button').click();
    await page.locator('header nav').waitFor();
  };
  await page.goto(`${url}/sign-in`);
  await draw('review-sign-in', visitor);

  // The first word of two, so that the list shows what it waits for.
  await signIn('rob');
  await page.goto(`${url}/held/${id}/to/all`);
  await page.getByLabel(/TLS/).check();
  await page.getByLabel('Why you release it').fill('The contract with the institute was checked');
  await page.getByRole('button', { name: 'Release', exact: true }).click();
  await page.getByRole('heading', { name: 'Approved' }).waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();

  await signIn('rita');
  await draw('review-held', visitor);
  await page.goto(`${url}/held/${id}`);
  await draw('review-message', visitor);
  await page.getByRole('button', { name: 'Show the content' }).click();
  await page.getByRole('heading', { name: 'research results of Jane Roe' }).waitFor();
  await draw('review-content', visitor);
  await page.goto(`${url}/held/${id}/to/all`);
  await draw('review-decide', visitor);
  const storageState = await visitor.context.storageState();
  for (const [suffix, options] of LOOKS) {
    const other = await browser.visitor({ ...options, storageState });
    await other.page.goto(`${url}/held/${id}`);
    await draw(`review-message-${suffix}`, other);
    await other.close();
  }
} finally {
  await browser.close();
  await stage.close();
}
