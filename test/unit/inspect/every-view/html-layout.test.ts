import { describe, expect, it } from 'vitest';
import { html, MIME, outcomeOf, type Trick } from './trick.js';

const number = (body: string, head = ''): string =>
  html(`${head}<p>Patient SSN ${body}, diagnosis asthma</p>`);
/** Pieces of the number, each within a tag of its own with a style. */
const styled = (pieces: readonly (readonly [text: string, style: string])[]): string =>
  pieces.map(([text, style]) => `<b style="${style}">${text}</b>`).join('');
const flex = (style: string, pieces: readonly string[]): string =>
  number(`<span style="display:flex;${style}">${pieces.map((one) => `<b>${one}</b>`).join('')}</span>`);
/** Positions in which the digits aren't written. */
const shuffled = [...'501234567'].map((digit, at) => [digit, `left:${at * 10}px`] as const);
const mixed = shuffled.toSorted((one, other) => one[0].localeCompare(other[0]));

const MOVED: readonly Trick[] = [
  [
    'absolute places',
    number(
      styled([
        ['4567', 'position:absolute;left:300px'],
        ['-23-', 'position:absolute;left:200px'],
        ['501', 'position:absolute;left:100px'],
      ]),
    ),
    'found',
  ],
  [
    'divisions at absolute places',
    html(
      `<div>Patient SSN, asthma</div><div style="position:relative"><div style="position:absolute;left:90px">4567</div><div style="position:absolute;left:40px">23</div><div style="position:absolute;left:0">501</div></div>`,
    ),
    'found',
  ],
  [
    'one digit a place',
    number(mixed.map(([digit, at]) => `<b style="position:absolute;${at}">${digit}</b>`).join('')),
    'found, ambiguous',
  ],
  [
    'one digit a place by a class',
    number(
      mixed.map(([digit], at) => `<b class="d d${at}">${digit}</b>`).join(''),
      '<style>.d{position:absolute}</style>',
    ),
    'found, ambiguous',
  ],
  [
    'relative places',
    number(
      styled([
        ['4567', 'position:relative;left:80px'],
        ['501-23-', 'position:relative;left:-40px'],
      ]),
    ),
    'found',
  ],
  ['a piece moved beside text that stays', number('<b style="float:right">4567</b>501-23-'), 'found'],
  [
    'floats to both sides',
    number(
      styled([
        ['501', 'float:left'],
        ['4567', 'float:right'],
        ['-23-', 'float:left'],
      ]),
    ),
    'found',
  ],
  [
    'an order',
    number(
      `<span style="display:flex">${styled([
        ['4567', 'order:3'],
        ['-23-', 'order:2'],
        ['501', 'order:1'],
      ])}</span>`,
    ),
    'found',
  ],
  [
    'an order by classes',
    number(
      '<b class=a>4567</b><b class=b>-23-</b><b class=c>501</b>',
      '<style>.a{order:3}.b{order:2}.c{order:1}p{display:flex}</style>',
    ),
    'found',
  ],
  ['a calculated order', number('<b style="order:var(--a)">4567</b>501-23-'), 'found'],
  ['a row from right to left', flex('direction:rtl', ['4567', '-23-', '501']), 'found'],
  [
    'rows of a table upside down',
    html(
      '<style>tbody{display:flex;flex-direction:column-reverse}</style>Patient SSN asthma <table><tbody><tr><td>4567<tr><td>-23-<tr><td>501</table>',
    ),
    'found',
  ],
  ['an order in references', number('<b style="float&#58;right">4567</b>501-23-'), 'found'],
  ['an order in escapes', number('<b style="f\\6c oat:right">4567</b>501-23-'), 'found'],
  ['an order with comments', number('<b style="flo/**/at:right">4567</b>501-23-'), 'found'],
  ['a reversed row', flex('flex-direction:row-reverse', ['4567', '-23-', '501']), 'found'],
  ['a reversed column', flex('flex-flow:column-reverse', ['4567', '-23-', '501']), 'found'],
  ['a reversed row of digits', flex('flex-flow:row-reverse', [...'7654-32-105']), 'found, ambiguous'],
  [
    'cells of a grid',
    number(
      styled([
        ['4567', 'grid-area:c'],
        ['-23-', 'grid-area:b'],
        ['501', 'grid-area:a'],
      ]),
    ),
    'found',
  ],
  [
    'translations',
    number(
      styled([
        ['4567', 'transform:translateX(100px)'],
        ['501-23-', 'transform:translateX(-90px)'],
      ]),
    ),
    'found',
  ],
  [
    'negative margins',
    number(
      styled([
        ['4567', 'margin-left:100px'],
        ['501-23-', 'margin-left:-140px'],
      ]),
    ),
    'found',
  ],
  [
    'the foot of a table',
    html('Patient SSN asthma <table><tfoot><tr><td>4567</tfoot><tr><td>501-23-</table>'),
    'found',
  ],
  [
    'pieces from right to left',
    number(
      `<span dir=rtl>${styled([
        ['4567', 'display:inline-block'],
        ['-23-', 'display:inline-block'],
        ['501', 'display:inline-block'],
      ])}</span>`,
    ),
    'found',
  ],
  [
    'pieces of a word',
    html(`SSN 501-23-4567 <p style="display:flex;flex-direction:row-reverse"><b>hma</b><b>ast</b></p>`),
    'found',
  ],
  ...[
    '<div style="direction:rtl">Patient asthma SSN <i style="unicode-bidi:bidi-override">7654-32-105</i></div>',
    '<div dir=rtl>Patient asthma SSN <i style="unicode-bidi:isolate-override">7654-32-105</i></div>',
    '<style>.d{direction:rtl}.u{unicode-bidi:bidi-override}</style>Patient asthma SSN <i class="d u">7654-32-105</i>',
    '<b>Patient asthma SSN</b> <i style="display:inline-block;transform:scaleX(-1)">7654-32-105</i>',
    '<b>Patient asthma SSN</b> <i style="letter-spacing:-20px">7654-32-105</i>',
    '<b>Patient asthma SSN</b> <i style="display:inline-block;rotate:180deg">7654-32-105</i>',
  ].map((body): Trick => [`turned text: ${body}`, html(body), 'found']),
];

const CONDITIONS: readonly Trick[] = [
  ['a filler for others than Outlook', number('50<![if !mso]>9<![endif]>1-23-4567'), 'found'],
  ['a filler with dashes', number('50<!--[if !mso]>-->9<!--<![endif]-->1-23-4567'), 'found'],
  ['a filler of words', number('501<![if mso]>, x<![endif]>-23-4567'), 'found'],
];

const RAW: readonly Trick[] = [
  ['tags in plain text', html('<plaintext>Patient asthma SSN <b>501</b>-23-4567'), 'found'],
  ['tags in an example', html('<xmp>Patient asthma SSN 501<b>-</b>23-4567</xmp>'), 'found'],
  ['a closed fold', html('Patient asthma SSN <details><summary>501-23-</summary>9</details>4567'), 'found'],
  [
    'what is chosen',
    number(
      '<select><option>9<option selected>501</select>-<select><option selected>23<option>8</select>-4567',
    ),
    'found',
  ],
];

const pieces = '<i class=a></i><i class=b></i><i class=c></i>';
const SHEET = ".a::before{content:'501'}.b::before{content:'-23-'}.c::before{content:'4567'}";

const GENERATED: readonly Trick[] = [
  ['a linked sheet', number(pieces, `<link rel=stylesheet href="data:text/css,${SHEET}">`), 'found'],
  ['an imported sheet', number(pieces, `<style>@import "data:text/css,${SHEET}";</style>`), 'found'],
  ['a sheet behind a statement', number(pieces, `<style>@charset "utf-8";${SHEET}</style>`), 'found'],
  [
    'content in escapes',
    number(pieces, `<style>${SHEET.replaceAll('content', 'c\\6fntent')}</style>`),
    'found',
  ],
  [
    'counters in escapes',
    number(
      '<i style="counter-reset:a 501"></i>-<i style="counter-reset:a 23"></i>-<i style="counter-reset:a 4567"></i>',
      '<style>i::before{content:co\\75nter(a)}</style>',
    ),
    'ambiguous',
  ],
  [
    'a sheet of the mail by its place',
    `${MIME}Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<link rel=stylesheet href="s.css"><p>Patient SSN asthma <b class=a>4567</b><b class=b>-23-</b><b class=c>501</b>\n--b\nContent-Type: text/css\nContent-Location: s.css\n\np{display:flex}.a{order:3}.b{order:2}.c{order:1}\n--b--\n`,
    'ambiguous',
  ],
  ['a sheet of the mail', number('50 1', '<link rel=stylesheet href="cid:x">'), 'ambiguous'],
  [
    'more selectors in one than are read',
    number(
      '<b class=a>4567</b><b>501-23-</b>',
      `<style>:is(.a,${Array.from({ length: 1000 }, (_, at) => `.n${at}`).join()}){float:right}</style>`,
    ),
    'ambiguous',
  ],
  [
    'a sheet of great length',
    number(pieces, `<style>${'.q{color:red}'.repeat(30_000)}${SHEET}</style>`),
    'ambiguous',
  ],
  [
    'a rule of great length',
    number(pieces, `<style>.a{${'color:red;'.repeat(3000)}display:none}</style>`),
    'ambiguous',
  ],
  [
    'counters',
    number(
      '<i style="counter-reset:a 501"></i>-<i style="counter-reset:a 23"></i>-<i style="counter-reset:a 4567"></i>',
      '<style>i::before{content:counter(a)}</style>',
    ),
    'ambiguous',
  ],
  [
    'variables',
    number(
      `<i style="--n:'501'"></i><i style="--n:'-23-'"></i><i style="--n:'4567'"></i>`,
      '<style>i::before{content:var(--n)}</style>',
    ),
    'ambiguous',
  ],
  ['marks of quotations', number('<q></q>', '<style>q{quotes:"501-23-" "4567"}</style>'), 'ambiguous'],
  [
    'first letters',
    number('<p>9501-</p><p>923-</p><p>94567</p>', '<style>p::first-letter{font-size:0}</style>'),
    'ambiguous',
  ],
  [
    'numbers of items',
    number('<ol start=501><li></ol><ol start=23><li></ol><ol><li value=4567></ol>'),
    'found',
  ],
];

/** Mail as companies and common programs send it. */
const FIGURES = ['120', '8542', '430', '1299'].map((one) => `<td><b class=n>${one}</b>`).join('');
const animated = (steps: string): string =>
  `<style>@keyframes k{${steps}}.n{animation:k 1s}</style><table><tr>${FIGURES}</table>`;

const STILL: readonly (readonly [name: string, steps: string])[] = [
  ['fading in', 'from{opacity:0}to{opacity:1}'],
  [
    'colours',
    '0%, 50% { color: #C00; background-color: rgba(0, 0, 0, .1) } 100% { color: black !important }',
  ],
  ['beating', '0%,100%{transform:scale(1)}50%{transform:scale(1.05)}'],
];

const MOVING: readonly (readonly [name: string, steps: string])[] = [
  ['places', 'to{color:red;left:90px}'],
  ['a transform', 'to{transform:scale(1.1) translate(90px)}'],
  ['a variable', 'to{--x:90px}'],
  ['a brace within a string', 'to{background:url("}");left:90px}'],
  ['a brace as an escape', 'to{color:\\7d;left:90px}'],
  ['a step without end', 'to{left:90px'],
  ['a step far before its declarations', `to${' '.repeat(5000)}{left:90px}`],
  ['a step that begins with a point', '.5%{left:90px}'],
  ['a step with a sign', '+5%{left:90px}'],
  ['a step with an exponent', '5e1%{left:90px}'],
  ['a step behind a rule of another kind', '@x;to{left:90px}'],
  ['a step with blanks without end', `to{color:red${' '.repeat(200_000)}x;left:90px}`],
];

/** Digits of which some are taken away. */
const HIDDEN = ['to{opacity:0}', 'to{color:white}', 'from{opacity:0}to{opacity:1}'];

const ORDINARY: readonly (readonly [name: string, body: string])[] = [
  [
    'a newsletter',
    `<style>@import url('https://fonts.example/css2?family=Roboto');.badge{position:absolute;top:10px;right:10px}.col{float:left;width:50%}@media only screen and (max-width:600px){.col{float:none;width:100%!important}.rev{flex-direction:column-reverse!important}}</style><link href="https://fonts.example/css?family=Lato" rel="stylesheet"><div style="position:relative"><span class=badge>-50%</span></div><table dir=ltr><tr><td class=col>Shoes<br><span style="float:right">$49<sup style="position:relative;top:-0.4em">99</sup></span></td><td class=col>Bags<span style="float:right">$59<sup style="position:relative;top:-0.4em">99</sup></span></td></tr></table><p style="margin:0 -10px">Call 1-800-555-0100</p>`,
  ],
  [
    'a bill',
    '<table><tr><td>Total<td style="float:right">$1,234.50<tr><td>Tax<td style="float:right">$98.76</table><div><span style="float:left">Invoice 10023</span><span style="float:right">2026-11-22</span></div>',
  ],
  [
    'steps',
    `<div style="position:relative">${[1, 2, 3, 4].map((one) => `<div style="position:absolute;left:${one * 25}%">${one}</div>`).join('')}</div>`,
  ],
  [
    'days',
    `<div style="direction:rtl">${[7, 8, 9, 10, 11, 12, 13].map((one) => `<div style="display:inline-block">${one}</div>`).join('')}</div>`,
  ],
  [
    'a calendar',
    `<div style="display:grid">${['Mo', 'Tu', 'We', 'Th', 'Fr', 'Sa', 'Su', 27, 28, 29, 30, 1, 2, 3].map((one, at) => `<div style="grid-column:${(at % 7) + 1}">${one}</div>`).join('')}</div>`,
  ],
  [
    'links of a menu',
    '<div>FAQ</div><div style="float:right">Log</div><div style="float:right">In</div><div style="float:right">Out</div><div style="float:right">Buy</div>',
  ],
  [
    'a countdown',
    ['02|Days', '11|Hours', '45|Minutes', '30|Seconds']
      .map((one) => `<div style="position:absolute;left:20px">${one.replace('|', '<br>')}</div>`)
      .join(''),
  ],
  [
    'Outlook',
    `<!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><![endif]--><style><!-- @font-face {font-family:Calibri;} p.MsoNormal, li.MsoNormal {margin:0in; font-size:11.0pt;} @list l0:level1 {mso-level-text:"%1.";} --></style><!--[if gte mso 9]><xml><o:shapedefaults v:ext="edit" spidmax="1026" /></xml><![endif]--><p class=MsoNormal>Hi,<o:p></o:p></p><p class=MsoListParagraph style='margin-left:.5in;text-indent:-.25in;mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span><![endif]>Send the <b>Q3</b> report of 3/4/2026<o:p></o:p></p><p class=MsoNormal><![if !supportEmptyParas]>&nbsp;<![endif]><o:p></o:p></p>`,
  ],
  [
    'an exported list',
    `<style>.l-0>li:before{content:"" counter(l-0,decimal) ". "}.l-0>li{counter-increment:l-0}ol.l-0.start{counter-reset:l-0 0}</style><ol class="l-0 start" start=1><li>one<li>two</ol>`,
  ],
  [
    'icons and quotations',
    `<style>q{quotes:"«" "»"}.fas::before{content:var(--fa)}.fa-x{--fa:"\\f2b9"}li{list-style:disc url("a1.gif")}.d:first-letter{font-size:300%}</style><ul><li>Item</ul><q>Hi</q>`,
  ],
  [
    'columns in another order',
    '<style>.row{display:flex;margin-left:-15px}.b{order:2}.a{order:1}</style><div class=row><div class=b>Our team is here with 24 products</div><div class=a><h1>Sale ends 11/30</h1></div></div>',
  ],
  [
    'mail from right to left',
    '<div dir=rtl><p>שלום <span style="display:inline-block">03-555-0100</span> או <span style="display:inline-block">054-555-0101</span></p></div>',
  ],
  [
    'a form',
    '<form><select><option>2024<option selected>2025</select></form><details><summary>More</summary>x</details>',
  ],
];

describe('pieces moved by style sheets', () => {
  it.each(MOVED)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('animations', () => {
  it.each(STILL)('that move nothing are ordinary: %s', (_name, steps) =>
    expect(outcomeOf(html(animated(steps)))).toBe('missed'),
  );

  it.each(MOVING)('may move what they are of: %s', (_name, steps) =>
    expect(outcomeOf(html(animated(steps)))).toBe('ambiguous'),
  );

  it.each(HIDDEN)('may take digits away: %s', (steps) => {
    const head = `<style>@keyframes k{${steps}}.n{animation:k 0s forwards}</style>`;
    expect(outcomeOf(number('50<b class=n>9</b>1-23-<b class=n>8</b>4567', head))).toBe('found');
  });
});

describe('conditions and raw elements', () => {
  it.each([...CONDITIONS, ...RAW])('%s', (_name, message, outcome) =>
    expect(outcomeOf(message)).toBe(outcome),
  );
});

describe('what style sheets generate', () => {
  it.each(GENERATED)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('ordinary mail', () => {
  it.each(ORDINARY)('has no ambiguity: %s', (_name, body) => expect(outcomeOf(html(body))).toBe('missed'));
});
