import { describe, expect, it } from 'vitest';
import { html, outcomeOf, part, SECRET, type Trick, written } from './trick.js';

const each = (wrap: (one: string) => string) => html(written([...'501-23-4567'].map(wrap).join('')));
/** The number with something between its characters that nobody sees. */
const filled = (filler: string, head = '') =>
  html(`${head}<p>${written([...'501-23-4567'].join(filler))}</p>`);

const MARKUP: readonly Trick[] = [
  ['plain', html(`<p>${SECRET}</p>`), 'found'],
  ['spans', each((one) => `<span>${one}</span>`), 'found'],
  ['line breaks in tags', each((one) => `<b\n>${one}</b\n>`), 'found'],
  ['unknown tags', each((one) => `<x-y z>${one}</x-y>`), 'found'],
  ['tags that hide a sign', each((one) => `<b title=">">${one}</b>`), 'found'],
  ['decimal entities', each((one) => `&#${one.charCodeAt(0)};`), 'found'],
  ['hexadecimal entities', each((one) => `&#x${one.charCodeAt(0).toString(16)};`), 'found'],
  ['entities with a large X', each((one) => `&#X${one.charCodeAt(0).toString(16)};`), 'found'],
  ['entities with zeros', each((one) => `&#0000${one.charCodeAt(0)};`), 'found'],
  [
    'entities without semicolons',
    html(`Patient SSN &#53&#48&#49&#45&#50&#51&#45&#52&#53&#54&#55 asthma`),
    'found',
  ],
  ['named entities', html('Patient&nbsp;SSN 501&hyphen;23&dash;4567, asthma'), 'found'],
  ['entities of windows-1252', html('Patient SSN 501&#150;23&#150;4567, asthma'), 'found'],
  ['entities that are not drawn', filled('&#8203;'), 'found'],
  ['named entities that are not drawn', filled('&zwnj;&shy;&NoBreak;&ZeroWidthSpace;'), 'found'],
  ['entities twice', html(written('501&amp;#45;23&amp;#45;4567')), 'found'],
  ['comments', filled('<!-- 9 -->'), 'found'],
  ['empty comments', filled('<!---->'), 'found'],
  ['comments closed early', html(written('501<!--> -->-23-4567<!-- -->')), 'found'],
  ['comments closed early with a dash', html(written('501<!---> -->-23-4567<!-- -->')), 'found'],
  ['comments closed with an exclamation mark', html(written('501<!-- --!>-23-4567<!-- -->')), 'found'],
  ['text within a comment', html(`<!-- ${SECRET} -->`), 'found'],
  ['a comment never closed', html(`<p>hi</p><!-- ${SECRET}`), 'found'],
  ['CDATA', html(`<p>x</p><![CDATA[${SECRET}]]>`), 'found'],
  ['an instruction', html(`<?note ${SECRET} ?>`), 'found'],
  ['a tag never closed', html(`<p>hi</p><p title="${SECRET}`), 'found'],
  ['a script', html(`<script>var x = "${SECRET}"</script>`), 'found'],
  [
    'comments in a raw element',
    html(`Patient SSN 501<noframes><!--</noframes>-23-4567, asthma<!-- -->`),
    'found',
  ],
  ['a text area', html(`<textarea>${SECRET}</textarea>`), 'found'],
  ['conditional comments', html(written('<!--[if mso]>501-23-4567<![endif]-->')), 'found'],
  [
    'conditional comments within a number',
    html(written('501<!--[if gte mso 9]>-23-<![endif]-->4567')),
    'found',
  ],
  [
    'a filler that Outlook leaves out',
    html(written('50<!--[if !mso]><!-->9<!--<![endif]-->1-23-4567')),
    'found',
  ],
  ['a filler for Outlook alone', html(written('50<!--[if mso]>9<![endif]-->1-23-4567')), 'found'],
  ['what older browsers show', html(written('501<![if !mso]>-23-<![endif]>4567')), 'found'],
  [
    'another declared type',
    part(`<html><p>Patient SSN 501<b>-23</b>-4567 asthma`, 'text/x-unknown'),
    'found',
  ],
  ['XHTML', part(`<p>Patient SSN 501<b>-23</b>-4567 asthma</p>`, 'application/xhtml+xml'), 'found'],
  [
    'a character set of its own',
    part(`<meta charset=utf-7><p>${SECRET.replaceAll('-', '+AC0-')}`, 'text/html'),
    'found, ambiguous',
  ],
  ['ruby', html(written('<ruby>501<rp>(</rp><rt>x</rt><rp>)</rp></ruby>-23-4567')), 'found'],
  ['text within SVG', html(`<svg><text>${SECRET}</text></svg>`), 'found'],
  [
    'pieces of text within SVG',
    html(`<svg><text>Patient SSN <tspan>501</tspan><tspan>-23-4567</tspan> asthma</text></svg>`),
    'found',
  ],
  ['a title within SVG', html(`<svg><title>${SECRET}</title></svg>`), 'found'],
  ['details', html(`<details><summary>x</summary>${SECRET}</details>`), 'found'],
  ['noscript', html(`<noscript>${SECRET}</noscript>`), 'found'],
  ['a template', html(`<template>${SECRET}</template>`), 'found'],
  ['an overridden direction', html(written('<bdo dir=rtl>7654-32-105</bdo>')), 'found'],
  [
    'an overridden direction by style',
    html(written('<span style="unicode-bidi: bidi-override; direction: rtl">7654-32-105</span>')),
    'found',
  ],
  [
    'an overridden direction by a class',
    html(
      `<style>.r{direction:rtl;unicode-bidi:bidi-override}</style>${written('<i class=r>7654-32-105</i>')}`,
    ),
    'found',
  ],
  ['an overriding character', html(written('&#x202e;7654-32-105&#x202c;')), 'found'],
];

const HIDING = [
  'display:none',
  'display : none',
  'DISPLAY:NONE !important',
  'display:/**/none',
  'd\\69splay:none',
  'visibility:hidden',
  'font-size:0',
  'font-size:0px',
  'font-size:.01px',
  'font-size:1px',
  'font:0/0 a',
  'opacity:0',
  'opacity:0.01',
  'max-height:0;overflow:hidden',
  'height:0;overflow:hidden',
  'line-height:0;font-size:0',
  'width:0;overflow:hidden',
  'mso-hide:all',
  'position:absolute;left:-9999px',
  'position:absolute;top:-999em',
  'margin-left:-9999px',
  'text-indent:-9999px',
  'clip:rect(0,0,0,0);position:absolute',
  'clip-path:inset(100%)',
  'transform:scale(0)',
  'color:transparent',
  'color:#fff;background:#fff',
  'color:white;background-color:white',
  'color:rgba(0,0,0,0)',
  'color:#ffffff',
  'color:white',
  'content-visibility:hidden',
] as const;

const HIDDEN: readonly Trick[] = [
  ...HIDING.map(
    (style): Trick => [
      `text under ${style}`,
      html(`<p>hi</p><div style="${style}">${SECRET}</div>`),
      'found',
    ],
  ),
  ...HIDING.map((style): Trick => [`filler under ${style}`, filled(`<i style="${style}">9</i>`), 'found']),
  ...HIDING.slice(0, 8).map(
    (style): Trick => [
      `filler of a class with ${style}`,
      filled('<i class="y x">9</i>', `<style>p{color:red} .x, .z{${style}}</style>`),
      'found',
    ],
  ),
  ['filler of an id', filled('<i id=x>9</i>', '<style>#x{display:none}</style>'), 'found'],
  ['filler of a tag', filled('<i>9</i>', '<style>p i{display:none}</style>'), 'found'],
  ['filler of an attribute', filled('<i data-x=1>9</i>', '<style>[data-x]{display:none}</style>'), 'found'],
  [
    'filler under a media query',
    filled('<i class=x>9</i>', '<style>@media screen { .x{display:none} }</style>'),
    'found',
  ],
  ['filler with the hidden attribute', filled('<i hidden>9</i>'), 'found'],
  ['filler for screen readers not', filled('<i aria-hidden=true>9</i>'), 'found'],
  ['filler in a font of no size', filled('<font size=0>9</font>'), 'found'],
  ['filler in white', filled('<font color="#ffffff">9</font>'), 'found'],
  ['filler in a script', filled('<script>9</script>'), 'found'],
  ['filler in a style', filled('<style>9</style>'), 'found'],
  ['filler in a template', filled('<template>9</template>'), 'found'],
  ['filler in a title', filled('<title>9</title>'), 'found'],
  ['filler in a select', filled('<select hidden><option>9</select>'), 'found'],
  ['filler in parentheses of ruby', filled('<ruby><rp>9</rp></ruby>'), 'found'],
  [
    'generated content',
    html(
      `<style>.a::before{content:"501"}.b:after{content:'-23-4567'}</style>${written('<i class=a></i><i class=b></i>')}`,
    ),
    'found',
  ],
  [
    'generated content with escapes',
    html(`<style>.a::before{content:"\\35\\30\\31-23-4567"}</style>${written('<i class=a></i>')}`),
    'found',
  ],
  [
    'generated content around text',
    html(`<style>i::before{content:"501-"}i::after{content:"-4567"}</style>${written('<i>23</i>')}`),
    'found',
  ],
  [
    'generated content of an attribute',
    html(`<style>i::before{content:attr(data-n)}</style>${written('<i data-n="501-23"></i>-4567')}`),
    'found',
  ],
];

const ATTRIBUTES: readonly Trick[] = (
  [
    ['alt', `<img alt="${SECRET}">`],
    ['title', `<p title="${SECRET}">hi`],
    ['aria-label', `<p aria-label="${SECRET}">hi`],
    ['aria-description', `<p aria-description='${SECRET}'>hi`],
    ['value', `<input value="${SECRET}">`],
    ['hidden value', `<input type=hidden value="${SECRET}">`],
    ['placeholder', `<input placeholder="${SECRET}">`],
    ['label', `<option label="${SECRET}">`],
    ['summary', `<table summary="${SECRET}">`],
    ['data', `<p data-x="${SECRET}">hi`],
    ['content of meta', `<meta name=description content="${SECRET}">`],
    ['download', `<a href=# download="${SECRET}">hi</a>`],
    ['an entity in it', '<img alt="Patient SSN 501&#45;23&#45;4567, asthma">'],
    ['an entity without semicolon', '<img alt="Patient SSN 501&#45 23&#45 4567, asthma">'],
    ['no quotation marks', '<img alt=Patient-SSN-501-23-4567-asthma>'],
    ['twice', `<img alt=x alt="${SECRET}">`],
    ['a query', `<a href="https://x.example/?q=${encodeURIComponent(SECRET)}">hi</a>`],
    ['a fragment', `<a href="https://x.example/#${encodeURIComponent(SECRET)}">hi</a>`],
    ['a path', '<a href="https://x.example/patient/ssn/501-23-4567/">hi</a> asthma diagnosis of the patient'],
    ['a base', `<base href="https://x.example/?q=${encodeURIComponent(SECRET)}">`],
    ['a mail link', `<a href="mailto:a@x.example?body=${encodeURIComponent(SECRET)}">hi</a>`],
    ['an address of an image', `<img src="https://x.example/?q=${encodeURIComponent(SECRET)}">`],
    [
      'an address in a style',
      `<p style="background:url('https://x.example/?q=${encodeURIComponent(SECRET)}')">hi`,
    ],
    ['an address of many', `<img srcset="https://x.example/?q=${encodeURIComponent(SECRET)} 2x">`],
    ['a document within', `<iframe srcdoc="&lt;b>Patient SSN 501&lt;/b>-23-4567 asthma"></iframe>`],
    ['a data link', `<a href="data:text/html,<b>Patient SSN 501</b>-23-4567 asthma">hi</a>`],
    [
      'a data link in base64',
      `<a href="data:text/plain;base64,${Buffer.from(SECRET).toString('base64')}">hi</a>`,
    ],
    [
      'alternative texts beside each other',
      'Patient SSN <img alt="501"><img alt="-23-"><img alt="4567"> asthma',
    ],
    ['alternative texts within a text', 'Patient SSN 501<img alt="-23-">4567 asthma'],
    ['a class', `<p class="Patient SSN 501-23-4567">asthma of the patient`],
  ] as const
).map(([name, body]): Trick => [name, html(body), 'found']);

const cells = (list: readonly string[]) =>
  `<table><tr>${list.map((one) => `<td>${one}</td>`).join('')}</tr></table>`;

const LAYOUT: readonly Trick[] = (
  [
    [
      'a table',
      '<table><tr><th>SSN</th><th>Diagnosis</th></tr><tr><td>501234567</td><td>asthma</td></tr></table>',
    ],
    ['a table on its side', '<table><tr><th>SSN<td>501234567<tr><th>Diagnosis<td>asthma</table>'],
    ['one group a cell', `Patient SSN, asthma ${cells(['501', '-23-', '4567'])}`],
    ['one group a cell, dashes too', `Patient SSN, asthma ${cells(['501', '-', '23', '-', '4567'])}`],
    ['groups cut across cells', `Patient SSN, asthma ${cells(['50', '1-2', '3-45', '67'])}`],
    ['one digit a cell', `Patient SSN, asthma ${cells([...'501234567'])}`],
    ['one digit a cell with dashes', `Patient SSN, asthma ${cells([...'501-23-4567'])}`],
    [
      'one digit a row',
      `Patient SSN, asthma <table>${[...'501234567'].map((one) => `<tr><td>${one}`).join('')}</table>`,
    ],
    [
      'one digit a division',
      `Patient SSN, asthma ${[...'501234567'].map((one) => `<div>${one}</div>`).join('')}`,
    ],
    [
      'one character a paragraph',
      `Patient SSN, asthma ${[...'501-23-4567'].map((one) => `<p>${one}</p>`).join('')}`,
    ],
    ['one digit a line', `Patient SSN, asthma ${[...'501234567'].join('<br>')}`],
    [
      'one digit an item',
      `Patient SSN, asthma <ul>${[...'501-23-4567'].map((one) => `<li>${one}`).join('')}</ul>`,
    ],
    [
      'divisions beside each other',
      `Patient SSN ${['501', '-23', '-4567'].map((one) => `<div style="display:inline-block">${one}</div>`).join('')} asthma`,
    ],
    [
      'divisions cut anywhere',
      `Patient SSN ${['50', '1-2', '3-45', '67'].map((one) => `<div style="display:inline">${one}</div>`).join('')} asthma`,
    ],
    [
      'floating divisions',
      `Patient SSN ${['50', '1-2', '3-45', '67'].map((one) => `<div style="float:left">${one}</div>`).join('')} asthma`,
    ],
    [
      'words in divisions beside each other',
      `SSN 501-23-4567 <div style="display:inline">ast</div><div style="display:inline">hma</div>`,
    ],
    [
      'spans below each other',
      `<span style="display:block">Patient SSN</span><span style="display:block">501-23-4567</span><span style="display:block">asthma</span>`,
    ],
    ['spans without blanks', `<span>Patient asthma SSN</span><span>501-23-4567</span>`],
    ['nested tables', cells([cells(['SSN', '501-23-4567']), cells(['asthma'])])],
    ['preformatted text', '<pre>Patient SSN 501-\n23-4567, asthma</pre>'],
  ] as const
).map(([name, body]): Trick => [name, html(body), 'found']);

const number = (body: string, head = ''): string =>
  html(`${head}<p>Patient SSN ${body}, diagnosis asthma</p>`);

/** Styles and selectors that are not understood, and tags that end others. */
const UNKNOWN_STYLES: readonly Trick[] = [
  ...[
    'opacity:0%',
    'opacity:calc(0)',
    '-webkit-text-fill-color:transparent',
    'zoom:0',
    'scale:0',
    'filter:opacity(0)',
    'transform:rotateX(90deg)',
    'color:hsl(0,0%,100%)',
    'font-size:clamp(0px,0px,0px)',
    'display:var(--x)',
  ].map((style): Trick => [`filler under ${style}`, number(`501<i style="${style}">9</i>-23-4567`), 'found']),
  ['a filler of letters', number('501<i style="zoom:0">, x</i>-23-4567'), 'found'],
  ['a filler before a number', number('<i style="zoom:0">9</i>501-23-4567'), 'found'],
  [
    'two fillers beside each other',
    number('501<i style="zoom:0">9</i><b style="scale:0">, 8</b>-23-4567'),
    'found',
  ],
  [
    'a selector by value',
    number('501<i data-k=a>-23-</i><i data-k=b>9</i>4567', '<style>[data-k=b]{display:none}</style>'),
    'found',
  ],
  [
    'a selector by neighbour',
    number('501<i>-23-</i><i>9</i>4567', '<style>i+i{display:none}</style>'),
    'found',
  ],
  [
    'a selector by negation',
    number(
      '<span class=y>501-</span><span>9</span><b style="display:none">7</b><span class=y>23-4567</span>',
      '<style>span:not(.y){display:none}</style>',
    ),
    'found',
  ],
  [
    'a style for print',
    number(
      '501<i class=x>-23-</i><i style="zoom:0">9</i>4567',
      '<style>@media print{.x{display:none}}</style>',
    ),
    'found',
  ],
  [
    'a linked style sheet',
    number('501<i class=x>9</i>-23-4567', '<link rel=stylesheet href="data:text/css,x">'),
    'found',
  ],
  [
    'a style sheet of great length',
    number('501<i class=x>9</i>-23-4567', `<style>${'.q{color:red}'.repeat(30_000)}.x{display:none}</style>`),
    'found, ambiguous',
  ],
  ['a paragraph that another tag ends', number('501<p style="display:none">9<div>-23-</div>4567'), 'found'],
  ['a link that another ends', number('501<a style="display:none">9<a>-23-</a>4567'), 'found'],
  [
    'a cell that another ends',
    number('<table><tr><td style="display:none">9<td>501-23-<td style="display:none">8<td>4567</table>'),
    'found',
  ],
  ['columns from right to left', number('<table dir=rtl><tr><td>4567<td>23<td>501</table>'), 'found'],
  ['an inherited direction', number('<div dir=rtl><bdo>7654-32-105</bdo></div>'), 'found'],
  [
    'a word with a filler',
    html('<p>SSN 501-23-4567, she has hyper<i style="scale:0">zz</i>tension</p>'),
    'found',
  ],
  [
    'another style for every filler',
    number([...'501-23-4567'].map((one, i) => `${one}<i style="zoom:0.00${i}">9</i>`).join('')),
    'found, ambiguous',
  ],
];

/** Mail as common programs write it. */
const ORDINARY = [
  'Mr <span class=SpellE>Foo</span>bar <o:p></o:p>, <b>12</b>34 and <span lang=EN>56</span>',
  '<style>p.MsoNormal, li {margin:0} a:link {color:blue}</style><p class=MsoNormal>the 1<sup>st</sup>, <b>555</b>-<i>0100</i></p>',
  '<style>td:first-child{width:1px}</style><table><tr><td class=a>1<td class=b>2<td class=c>3<td class=d>4<td class=e>5</table>',
  [1, 2, 3, 4, 5, 6].map((one) => `<p>$<span class=p${one}>${one}9</span>.<sup>99</sup></p>`).join(''),
] as const;

describe('styles that are not understood', () => {
  it.each(UNKNOWN_STYLES)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));

  it.each(ORDINARY)('makes nothing of ordinary mail: %s', (body) => {
    expect(outcomeOf(html(body))).toBe('missed');
  });
});

describe('markup', () => {
  it.each(MARKUP)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('hidden text', () => {
  it.each(HIDDEN)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('attributes', () => {
  it.each(ATTRIBUTES)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('layout', () => {
  it.each(LAYOUT)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});
