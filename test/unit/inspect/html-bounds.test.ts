import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HtmlTooComplex } from '../../../src/inspect/html-bounds.js';
import { tellsAlikeApart } from '../../../src/inspect/html-elements.js';
import { readHtml } from '../../../src/inspect/html-readings.js';
import { renderMessage } from '../../../src/inspect/render.js';
import { sanitiseHtml } from '../../../src/inspect/sanitise.js';
import { watchProcessor } from '../../support/processor-time.js';

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
    const work = watchProcessor();
    expect(() => sanitiseHtml(html)).toThrow(HtmlTooComplex);
    work.expectBelow(5000);
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

describe('HTML that is read for what it says', () => {
  const attributes = Array.from({ length: 100_000 }, (_, at) => `${at.toString(36)}z`).join(' ');
  const moved = '1<b style=order:7>2</b><i style=order:7>3</i><u style=order:7>4567</u> and words, yes. ';
  it.each([
    [
      'very many attributes around very many pieces that are moved',
      `<div style="order:3" ${attributes}>${moved.repeat(4000)}`,
    ],
    ['very many styles that are never closed', `<i style=order:7>1</i>${'<style'.repeat(300_000)}`],
  ])('is read within moments: %s', (_name, html) => {
    const work = watchProcessor();
    readHtml(html);
    work.expectBelow(8000);
  });

  it('has rules that tell elements apart exactly where a style sheet says so', () => {
    const piece = fc.constantFrom(
      '<style',
      '<STYLE x',
      '>',
      '<',
      'a+b',
      ':nth',
      ':not',
      '~',
      'p{}',
      '</style>',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const html = pieces.join('');
        const expected = /<style[^>]*>[^<]*(?:[+~]|:(?:nth|first|last|only|not|has|is|where))/i.test(html);
        expect(tellsAlikeApart(html)).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });
});
