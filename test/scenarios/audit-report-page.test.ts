import { afterAll, beforeAll, expect, it } from 'vitest';
import { reportHtml } from '../../src/audit/report/as-html.js';
import type { ReportDocument } from '../../src/audit/report/document.js';
import { accessibilityViolations, startBrowser, type TestBrowser } from '../support/browser.js';

/* The report as a page, in a real browser: readable by everybody, loading nothing, running nothing. */

const HOSTILE = '<script>alert(1)</script>"\'><img src=//evil.example/x onerror=alert(2)>';
const REPORT: ReportDocument = {
  title: 'Mail gateway activity',
  about: ['Example Clinic', HOSTILE],
  notes: ['Shadow mode: all decisions were recorded and not enforced.', HOSTILE],
  sections: [
    {
      title: HOSTILE,
      text: 'All of this mail left as ordinary mail.',
      tables: [
        {
          caption: 'Senders',
          columns: [{ name: 'Sender' }, { name: 'Count', number: true }],
          rows: [
            [HOSTILE, '2'],
            ['ward3@clinic.example', '1'],
          ],
          empty: 'none',
          note: '3 more, together 4',
        },
        { caption: 'Failures', columns: [{ name: 'Reason' }], rows: [], empty: 'none' },
      ],
    },
  ],
};

let browser: TestBrowser;
beforeAll(async () => {
  browser = await startBrowser([]);
});
afterAll(async () => {
  await browser?.close();
});

it.each(['light', 'dark'] as const)('has nothing that axe finds wrong (%s)', async (colorScheme) => {
  const { page, surprises, strayRequests, context } = await browser.visitor({ colorScheme });
  await page.setContent(reportHtml(REPORT));
  expect(await accessibilityViolations(page)).toEqual([]);
  expect(await page.locator('script, img').count()).toBe(0);
  expect(await page.locator('tbody th').first().textContent()).toBe(HOSTILE);
  expect([surprises, strayRequests]).toEqual([[], []]);
  await context.close();
});
