import { describe, expect, it } from 'vitest';
import { HtmlTooComplex } from '../../../src/inspect/html-bounds.js';
import { renderMessage } from '../../../src/inspect/render.js';
import { sanitiseHtml } from '../../../src/inspect/sanitise.js';

/* Cleaning HTML takes more than linear time for some of it: what nobody writes for people isn't cleaned at all. */

const MANY = 2_000_000;
const REFUSED: readonly (readonly [string, string])[] = [
  ['unclosed elements', '<div>'.repeat(MANY)],
  ['a quarter of a million unclosed elements', '<div>'.repeat(250_000)],
  ['deeply nested elements', '<div>'.repeat(40_000) + '</div>'.repeat(40_000)],
  ['very many elements', '<b>x</b>'.repeat(200_000)],
  ['very many attributes', `<p ${Array.from({ length: 300_000 }, (_, at) => `a${at}`).join(' ')}>`],
  ['very many references', '&amp;'.repeat(500_000)],
  ['very much style', `<p style="${'color:red;'.repeat(300_000)}">`],
  ['text without an end', 'word '.repeat(MANY)],
  ['elements within what is not shown', `<select>${'<option>'.repeat(60_000)}`],
];

describe('HTML beyond the bounds', () => {
  it.each(REFUSED)('is refused within moments: %s', (_name, html) => {
    const started = performance.now();
    expect(() => sanitiseHtml(html)).toThrow(HtmlTooComplex);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  it('is not shown, but the text is', async () => {
    const html = `${'<div>'.repeat(250_000)}hello`;
    const rendered = await renderMessage(
      Buffer.from(`Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n${html}\r\n`),
    );
    expect([rendered.html, rendered.text]).toEqual([undefined, 'hello']);
  });
});

describe('HTML within the bounds', () => {
  it.each([
    [
      'a large table',
      `<table>${`<tr>${'<td style="color:red">x</td>'.repeat(9)}</tr>`.repeat(4000)}</table>`,
    ],
    ['elements that programs nest', `${'<div>'.repeat(150)}x${'</div>'.repeat(150)}`],
    ['a large picture', `<img src="data:image/png;base64,${'A'.repeat(8_000_000)}" alt="x">`],
  ])('is shown: %s', (_name, html) => {
    expect(sanitiseHtml(html).length).toBeGreaterThan(html.length / 2);
  });
});
