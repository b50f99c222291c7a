import { describe, expect, it } from 'vitest';
import { html, outcomeOf, part, type Trick } from './trick.js';

const about = (body: string) => html(`Patient SSN, asthma ${body}`);

/** All that shows HTML shows these numbers in their order, with no style or with hardly any. */
const TABLES: readonly Trick[] = [
  [
    'a cell that reaches into the next row',
    about('<table><tr><td><td rowspan=2 valign=bottom>-4567<tr><td>501-23</table>'),
    'found',
  ],
  ['text of a table in no cell', about('<table><tr><td>4567</td></tr>501-23-</table>'), 'found'],
  ['an element of a table in no cell', about('<table><tr><td>4567</td></tr><b>501-23-</b></table>'), 'found'],
  [
    'a caption behind the rows',
    about('<table><tr><td>4567</td></tr><caption>501-23-</caption></table>'),
    'found',
  ],
  [
    'a head behind the rows',
    about('<table><tbody><tr><td>4567</tbody><thead><tr><td>501-23-</thead></table>'),
    'found',
  ],
  [
    'the first lines of cells',
    about('<table><tr><td>501<br>apple<td>-23-<br>pear<td>4567<br>plum</table>'),
    'found',
  ],
  [
    'the last lines of cells',
    about('<table><tr valign=bottom><td>fig<br>501<td>-23-<br><td>apple<br>pear<br>4567</table>'),
    'found',
  ],
  [
    'one group a row, in a column of its own',
    html(
      '<table><tr><th>Patient SSN<th>x<tr><td>501<td>apple<tr><td>23<td>pear<tr><td>4567<td>plum</table> asthma',
    ),
    'found',
  ],
  [
    'one digit a row, in a column of its own',
    html(
      `<table><tr><th>Patient SSN<th>x${[...'501234567'].map((one) => `<tr><td>${one}<td>apple`).join('')}</table> asthma`,
    ),
    'found',
  ],
  [
    'one group a row, below many other numbers',
    html(
      `<table><tr><th>Patient SSN<th>x${[...Array<string>(90).fill('(1)'), '501-', '23-', '4567'].map((one) => `<tr><td>${one}<td>apple`).join('')}</table> asthma`,
    ),
    'found',
  ],
  [
    'text of a table in no cell, in many pieces',
    about('<table><tr><td>67</td></tr>50<tr></tr>1-<tr></tr>23-<tr></tr>45</table>'),
    'found',
  ],
  [
    'the first lines of divisions beside each other',
    about(
      ['501<br>apple', '-23-<br>pear', '4567<br>plum']
        .map((one) => `<div style="display:inline-block">${one}</div>`)
        .join(''),
    ),
    'found',
  ],
  ['a float behind what it stands before', about('4567<b style="float:left">501-23-</b>'), 'found'],
  [
    'lines from right to left',
    about('<div style="writing-mode:vertical-rl"><p>4567<p>-23-<p>501</div>'),
    'found',
  ],
  [
    'many lines from right to left',
    about(`<div style="writing-mode:vertical-rl">${'<p>fig'.repeat(500)}<p>4567<p>-23-<p>501</div>`),
    'found',
  ],
  [
    'pieces that an animation moves',
    about(
      '<style>@keyframes m{to{translate:90px}}.a{animation:m 0s forwards}</style><b class=a>4567</b><b>501-23-</b>',
    ),
    'found',
  ],
];

const DRAWINGS: readonly Trick[] = [
  [
    'pieces moved as a whole',
    about('<svg><text transform="translate(60)">4567</text><text>501-23-</text></svg>'),
    'found',
  ],
  [
    'pieces in moved groups',
    about('<svg><g transform="translate(60)"><text>4567</text></g><text>501-23-</text></svg>'),
    'found',
  ],
  ['pieces moved by a distance', about('<svg><text dx=90>4567</text><text>501-23-</text></svg>'), 'found'],
  [
    'pieces used elsewhere',
    about(
      '<svg><defs><text id=a>4567</text><text id=b>501-23-</text></defs><use href="#b"/><use href="#a" x="9"/></svg>',
    ),
    'found',
  ],
  [
    'digits moved one by one',
    about(
      `<svg>${[...'7654-32-105'].map((one, at) => `<text transform="translate(${90 - at},5)">${one}</text>`).join('')}</svg>`,
    ),
    'found, ambiguous',
  ],
  [
    'a drawing of its own',
    part(
      '<svg xmlns="http://www.w3.org/2000/svg"><text>Patient SSN, asthma</text><text transform="translate(60)">4567</text><text>501-23-</text></svg>',
      'image/svg+xml',
    ),
    'found',
  ],
  [
    'a formula',
    about('<math><mmultiscripts><mn>4567</mn><mprescripts/><mn>23-</mn><mn>501-</mn></mmultiscripts></math>'),
    'found',
  ],
];

/** Mail as people get it. */
const ORDINARY = [
  [
    'a price list',
    '<table><caption>2026</caption><thead><tr><th>Item<th>7/26<th>8/26</thead><tr><td rowspan=2>A<td>12<br>15<td>1,100<br>980<tr><td>13<td>14</table>',
  ],
  [
    'a plan of rooms',
    `<table>${[1, 2, 3, 4, 5, 6].map((one) => `<tr><td rowspan=2>10${one}<td>9${one}<tr><td>8${one}`).join('')}</table>`,
  ],
  [
    'a chart',
    `<svg>${[0, 20, 40, 60, 80, 100, 5, 9].map((one) => `<text x="0" y="${one}">${one}</text>`).join(' ')}</svg>`,
  ],
] as const;

describe('what tables and boxes put beside each other', () => {
  it.each(TABLES)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('drawings and formulas', () => {
  it.each(DRAWINGS)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('ordinary mail', () => {
  it.each(ORDINARY)('has neither a finding nor an ambiguity: %s', (_name, body) => {
    expect(outcomeOf(html(`Patient with asthma ${body}`))).toBe('missed');
  });
});
