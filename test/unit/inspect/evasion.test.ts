import { describe, expect, it } from 'vitest';
import { HEADER, isClean, read } from './limits.js';

const squeeze = (text: string) => text.replace(/[^A-Za-z0-9]/g, '');
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const text = (body: string, type = 'text/plain; charset=utf-8') =>
  `${HEADER}Content-Type: ${type}\n\n${body}\n`;
const html = (body: string) => text(body, 'text/html; charset=utf-8');
const svg = (body: string) => text(`<svg xmlns="http://www.w3.org/2000/svg">${body}</svg>`, 'image/svg+xml');
const spread = (separator: string) => [...'000-12-3456'].join(separator);

/** Ways of hiding 000-12-3456 from a reader that isn't a mail program. */
const CASES: readonly (readonly [name: string, message: string])[] = [
  ['zero-width characters', text(spread('\u200b'))],
  ['word joiners', text(spread('\u2060'))],
  ['soft hyphens', text(spread('\u00ad'))],
  ['variation selectors', text(spread('\ufe0e'))],
  ['strike-through marks', text(spread('\u0336'))],
  ['full-width digits', text('０００－１２－３４５６')],
  ['Arabic-Indic digits', text('٠٠٠-١٢-٣٤٥٦')],
  ['mathematical digits', text('𝟎𝟎𝟎-𝟏𝟐-𝟑𝟒𝟓𝟔')],
  ['non-breaking hyphens', text('000\u201112\u20113456')],
  ['single digits', text('0 0 0 1 2 3 4 5 6')],
  ['single digits with dashes between groups', text('0 0 0 - 1 2 - 3 4 5 6')],
  ['one digit a line', text('0\n0\n0\n1\n2\n3\n4\n5\n6')],
  ['a broken line', text('000-\n12-3456')],
  ['control characters', text(spread('\x01'))],
  ['spans', html([...'000-12-3456'].map((one) => `<span>${one}</span>`).join(''))],
  ['comments', html('000<!-- x -->-12-<!---->3456')],
  ['entities', html([...'000-12-3456'].map((one) => `&#${one.charCodeAt(0)};`).join(''))],
  ['hidden filling', html([...'000-12-3456'].join('<i style="display:none">9</i>'))],
  ['hidden text', html('<p>hi</p><div hidden>000-12-3456</div>')],
  ['cells', html('<table><tr><td>000</td><td>-12-</td><td>3456</td></tr></table>')],
  ['an alternative text', html('<img alt="000-12-3456">')],
  ['a link', html('<a href="https://partner.example/?id=000%2D12%2D3456">hi</a>')],
  ['a conditional comment', html('<!--[if mso]><b>000</b>-<b>12</b>-3456<![endif]-->')],
  ['a data link', html(`<a href="data:text/plain;base64,${base64('000-12-3456 is it')}">hi</a>`)],
  ['base64 in the text', text(`here: ${base64('the number is 000-12-3456')}`)],
  ['base64 of base64', text(base64(base64('the number is 000-12-3456')))],
  [
    'UTF-16',
    `${HEADER}Content-Type: text/plain; charset=utf-16le\nContent-Transfer-Encoding: base64\n\n${base64(Buffer.from('000-12-3456', 'utf16le'))}\n`,
  ],
  [
    'UTF-16 that nobody declared',
    `${HEADER}Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\n${base64(Buffer.from('\ufeff000-12-3456', 'utf16le'))}\n`,
  ],
  ['UTF-7', text('000+AC0-12+AC0-3456', 'text/plain; charset=utf-7')],
  ['UTF-7 declared within HTML', text('<meta charset=utf-7>+ADAAMAAw-12+ADMANAA1ADY-', 'text/html')],
  ['JSON escapes', text('{"a":"\\u0030\\u0030\\u0030-12-3456"}', 'application/json')],
  ['a folded calendar line', text('BEGIN:VCALENDAR\nSUMMARY:000-12\n -3456\nEND:VCALENDAR', 'text/calendar')],
  ['flowed text', text('000-12- \n3456', 'text/plain; format=flowed')],
  ['a form', text('id=000%2D12%2D3456', 'application/x-www-form-urlencoded')],
  ['a wrong type', text('a,b\n000-12-3456,x', 'image/png')],
  ['a nested message', `${HEADER}Content-Type: message/rfc822\n\nSubject: 000-12-3456\n\nx\n`],
  ['double-circled digits', text('⓪⓪⓪-⓵⓶-⓷⓸⓹⓺')],
  ['digits with commas', text('🄁🄁🄁-🄂🄃-🄄🄅🄆🄇')],
  [
    'HTML in a calendar',
    text(
      'BEGIN:VCALENDAR\nX-ALT-DESC;FMTTYPE=text/html:<p>000<b></b>&#45\\;12-\n 3456\nEND:VCALENDAR',
      'text/calendar',
    ),
  ],
  ['parameters of enriched text', text('<bold>000</bold>-12<param>9</param>-3456', 'text/enriched')],
  ['a hidden piece of a drawing', svg('<text>000-1<tspan display="none">9</tspan>2-3456</text>')],
  ['a styled piece of a drawing', svg('<text>000-1<tspan style="display:none">9</tspan>2-3456</text>')],
  ['a title within a drawn line', svg('<text>000-1<title>9</title>2-3456</text>')],
  ['drawn pieces out of order', svg('<text x="90">3456</text><text x="9">000-12-</text>')],
  ['drawn letters out of order', svg('<text x="90 80 70 60">6543</text><text x="9">000-12-</text>')],
  ['XML under another type', text('<?xml version="1.0"?><x>000-1&#x32;-3456</x>', 'application/pdf')],
  ['XML in UTF-7', text('<?xml version="1.0" encoding="utf-7"?><x>000+AC0-12+AC0-3456</x>', 'text/xml')],
  ['entities of XML', text('<!DOCTYPE x [<!ENTITY n "000-1">]><x>&n;2-3456</x>', 'text/xml')],
  ['a comment of a date', `Date: Mon, 1 Jan 2024 10:00:00 +0000 (000-12-3456)\n${HEADER}\nx\n`],
  ['an escaped location', `${HEADER}Content-Location: http://x.test/000%2D12%2D3456\n\nx\n`],
  ['a delivery report', text('Final-Recipient: rfc822; 000-12-3456', 'message/delivery-status')],
];

describe('evasions', () => {
  it.each(CASES)('%s', (_name, message) => {
    const reading = read(message);
    const seen = reading.views.some((view) => squeeze(view.text).includes('000123456'));
    expect(seen || !isClean(reading)).toBe(true);
    if (isClean(reading)) expect(seen).toBe(true);
  });
});

describe('what counts as unread', () => {
  it.each([
    ['a bitmap', 'P1\n# seen on Monday\n3 2\n1 0 1\n0 1 0'],
    ['a grey map', 'P2 3 2 255\n1 0 1 0 1 0'],
    ['a bitmap of X11', '#define seen_width 8\n#define seen_height 1\nstatic char seen_bits[] = { 0x01 };'],
    ['a pixmap of X11', '/* XPM */\nstatic char *seen[] = { "1 1 1 1", "a c #000000", "a" };'],
  ])('%s, whose words are read', (_name, body) => {
    for (const type of ['image/x-portable', 'text/plain']) {
      const reading = read(text(body, type));
      expect(isClean(reading)).toBe(false);
      expect(reading.views.length).toBeGreaterThan(0);
    }
  });

  it('but mail about such a thing is read', () => {
    expect(isClean(read(text('P1 tickets: 3 are open, 2 closed')))).toBe(true);
  });

  it('RTF by the shortest mark that opens it', () => {
    expect(isClean(read(text('{\\rt 000', 'application/octet-stream')))).toBe(false);
  });

  it('takes no escape of a parameter for a code', () => {
    const reading = read(
      `${HEADER}Content-Disposition: attachment; filename*=utf-8''%C3%9Cbersicht.txt\n\nx\n`,
    );
    expect(reading.views.some((view) => view.text.includes('Übersicht'))).toBe(true);
    expect(reading.views.filter((view) => view.text.includes('%C3'))).toEqual([]);
  });
});
