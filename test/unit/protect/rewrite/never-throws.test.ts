import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectSpans } from '../../../../src/inspect/detect/index.js';
import { htmlTexts } from '../../../../src/inspect/html-text.js';
import { canonicalHtml } from '../../../../src/protect/rewrite/canonical-html.js';
import { redactHtml } from '../../../../src/protect/rewrite/redact-html.js';
import { rewriteMessage } from '../../../../src/protect/rewrite/rewrite-message.js';
import { watchProcessor } from '../../../support/processor-time.js';
import { LIMITS, mail } from '../../inspect/limits.js';

const find = (text: string) => detectSpans(text, { detectors: ['us-ssn'] });
const MESSAGE = mail(
  'Date: Mon, 2 Nov 2026 10:00:00 +0000\nFrom: "A" <a@clinic.example>\nTo: b@partner.example, g: c@x.example;\nSubject: =?utf-8?Q?SSN_536-90-4399?=\n' +
    'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\nSSN 536-90-4399\n' +
    '--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p title=3D"SSN 536-90-4399">536-<b>90</b>-4399</p>\n' +
    '--b\nContent-Type: message/rfc822\n\nSubject: in\n\nSSN 536-90-4399\n--b--\n',
);

describe('rewriting', () => {
  it('never throws, whatever the bytes, and gives the same each time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(MESSAGE.length - 1), fc.constantFrom(...'\r\n:;="<>-\0é=?b &'))),
        fc.boolean(),
        (changes, canonicalise) => {
          const message = Buffer.from(MESSAGE);
          for (const [at, character] of changes) message[at] = character.charCodeAt(0) & 0xff;
          const demand = { redact: ['us-ssn'], ...(canonicalise && { canonicalise: true as const }) };
          const once = rewriteMessage(message, demand, { limits: LIMITS, find });
          expect(once.ok || /^[^0-9]*$/.test(once.reason)).toBe(true);
          expect(rewriteMessage(message, demand, { limits: LIMITS, find })).toEqual(once);
        },
      ),
      { numRuns: 150 },
    );
  });

  const source = fc
    .array(
      fc.constantFrom(
        '<p',
        '>',
        '</p>',
        '<b title="',
        '"',
        "'",
        ' x=',
        '<!--',
        '-->',
        '&#53;',
        '&amp;',
        'SSN 536-',
        '90-4399',
        '<',
        '<script>',
        '</script>',
        '<style>',
        '</style>',
        ' ',
        'word',
        '<td>',
        '</',
        '/>',
      ),
      { maxLength: 40 },
    )
    .map((pieces) => pieces.join(''));

  it('masks in any HTML without changing its tags', () => {
    fc.assert(
      fc.property(source, (html) => {
        const { text, places } = redactHtml(html, { find, here: [], anywhere: () => [] });
        if (places === 0) expect(text).toBe(html);
        expect(find(htmlTexts(text).visible)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['before', 'SSN 536-90-4399<style>90-4399</style>', 'SSN [redacted]<style>90-4399</style>'],
    ['behind', '<script>90</script>SSN 536-90-4399', '<script>90</script>SSN [redacted]'],
    ['on both sides of', 'SSN 536-<script><td></script>90-4399', 'SSN [redacted]<script></script>'],
    ['within', 'Bed 7<style>SSN 536-90-4399</style>8', 'Bed 7<style>SSN [redacted]</style>8'],
    ['before the end, within', 'Bed 7<title>SSN 536-90-4399', 'Bed 7<title>SSN [redacted]'],
  ])('masks what stands right %s what is never shown', (_, html, masked) => {
    expect(redactHtml(html, { find, here: [], anywhere: () => [] }).text).toBe(masked);
  });

  it('writes any HTML so that it is read as before, and the same when it is written once more', () => {
    fc.assert(
      fc.property(source, (html) => {
        const once = canonicalHtml(html);
        const words = (text: string) => text.replace(/\s+/g, '');
        expect(words(htmlTexts(once).visible)).toBe(words(htmlTexts(html).visible));
        expect(words(htmlTexts(canonicalHtml(once)).visible)).toBe(words(htmlTexts(once).visible));
        expect(once).not.toMatch(/<script|<!--/i);
      }),
      { numRuns: 200 },
    );
  });

  it('takes time in proportion to the length', () => {
    const html = '<p title="SSN 536-90-4399">SSN 536-90-4399</p>'.repeat(2000);
    const work = watchProcessor();
    expect(redactHtml(html, { find, here: [], anywhere: () => [] }).places).toBe(4000);
    work.expectBelow(10_000);
  });
});
