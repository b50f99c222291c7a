import { describe, expect, it } from 'vitest';
import { html, outcomeOf, type Trick } from './trick.js';

const number = (body: string, head = '') => html(`${head}<p>Patient SSN ${body}, diagnosis asthma</p>`);
const GROUPS = ['501', '-23-', '4567'] as const;
/** One rule for each group. */
const sheet = (rule: (group: string, at: number) => string) => `<style>${GROUPS.map(rule).join('')}</style>`;
const three = '<b class="z a0"></b><b class="z a1"></b><b class="z a2"></b>';
const steps = (more: string) =>
  `${sheet((one, at) => `@keyframes k${at}{to{content:"${one}"}}`)}<style>b::before{content:"x"}${more}</style>`;

const GENERATED: readonly Trick[] = [
  [
    'for any of several elements',
    number('<i></i>', '<style>:is(i, b)::after{content:"501-23" "-4567"}</style>'),
    'found',
  ],
  [
    'for any of several classes of an element',
    number('<i class=q></i>', '<style>p i:where(.z,.q):before{content:"501-23-4567"}</style>'),
    'found',
  ],
  [
    'by place',
    number(
      '<b></b><b></b><b></b>',
      sheet((one, at) => `b:nth-child(${at + 1})::before{content:"${one}"}`),
    ),
    'ambiguous',
  ],
  [
    'by value',
    number(
      '<b k=0></b><b k=1></b><b k=2></b>',
      sheet((one, at) => `[k="${at}"]::before{content:"${one}"}`),
    ),
    'ambiguous',
  ],
  [
    'by a rule that comes later',
    number(
      three,
      `<style>.z::before{content:"9"}</style>${sheet((one, at) => `.a${at}::before{content:"${one}"}`)}`,
    ),
    'found, ambiguous',
  ],
  [
    'by a declaration that comes later',
    number(
      three,
      sheet((one, at) => `.a${at}::before{content:"9";content:"${one}"}`),
    ),
    'found, ambiguous',
  ],
  [
    'by rules within rules',
    number(
      three,
      sheet((one, at) => `.a${at}{&::before{content:"${one}"}}`),
    ),
    'ambiguous',
  ],
  ['by steps of an animation', number(three, steps('')), 'ambiguous'],
  [
    'by steps of an animation that show attributes',
    number(
      '<b k=01->y</b><b k=5>x</b><b k=23-4567>y</b>',
      '<style>@keyframes k{to{content:attr(k)}}p{display:flex}b{font-size:0}b+b{order:-1}b+b+b{order:2}b::before{content:"";animation:k 0s forwards}</style>',
    ),
    'ambiguous',
  ],
  [
    'by steps of an animation, behind marks',
    number(three, steps('').replaceAll('content:"', 'content:"." "')),
    'ambiguous',
  ],
  [
    'by steps of an animation, with what ends a step',
    number(three, steps('').replaceAll('content:"', 'content:"}')),
    'ambiguous',
  ],
  [
    'by marks of counters',
    number(
      '<li></li>',
      sheet((one) => `@counter-style c{symbols:"x";suffix:"${one}"}`),
    ),
    'ambiguous',
  ],
  [
    'by marks above letters',
    number(GROUPS.map((one) => `<i style="text-emphasis:'${one}'">x</i>`).join('')),
    'ambiguous',
  ],
  [
    'by a template around text',
    number('<b><template shadowrootmode="open">501-<slot></slot>4567</template>23-</b>'),
    'ambiguous',
  ],
  [
    'with a semicolon in it',
    number(three.slice(0, 18), '<style>.a0::before{content:";501-23-4567"}</style>'),
    'found',
  ],
  ...['title', 'style', 'script'].flatMap((name): Trick[] => [
    [`by showing a ${name}`, number(`501<${name} style="display:inline">-23-</${name}>4567`), 'found'],
    [
      `by showing a ${name} with blanks`,
      number(`501<${name} style="display:inline">-23-${' '.repeat(120)}</${name}>4567`),
      'found',
    ],
  ]),
];

/** As newsletters have it. */
const ORDINARY = [
  `<style>${[1, 2, 3, 4, 5, 6, 7].map((one) => `li:nth-child(${one})::before{content:"${one}"}`).join('')}</style>`,
  '<style>td:nth-of-type(1):before{content:"Name"}td:nth-of-type(2):before{content:"Price 2026"}td:nth-of-type(3):before{content:"Total 100"}</style>',
  '<style>.i::before{content:"\\e001"}.i.j::before{content:"\\e002"}.i::after{content:"10"}.i.j::after{content:"20"}</style>',
  '<style>@keyframes dots{0%{content:"."}50%{content:".."}to{content:"...";font-family:"Arial"}}.i::after{content:".";animation:dots 1s infinite}</style>',
] as const;

const marked = (more: string) => `<q style='quotes:"501-2" ""${more}'></q>3-4567`;

const BEHIND: readonly Trick[] = [
  ['many variables', number(`${'<i style="--a:1"></i>'.repeat(2100)}${marked('')}`), 'ambiguous'],
  ['much white space', number(marked(' '.repeat(5000))), 'ambiguous'],
  [
    'many links',
    number(
      '<b class="a"></b>',
      `${'<link rel=icon href=x>'.repeat(1100)}<link rel=stylesheet href="data:text/css,.a::after{content:%22501-2%22 %223-4567%22}">`,
    ),
    'ambiguous',
  ],
];

/** Rules that seem to change a number, and are of nothing in the document. */
const ELSEWHERE: readonly Trick[] = [
  [
    'that generate behind elements of a class',
    number('501-2<b class=x>3</b>-4567', '<style>.y .x::after{content:"9"}</style>'),
    'found',
  ],
  [
    'that generate before any element',
    number('501-2<b class=x>3</b>-4567', '<style>:nth-child(99)::before{content:"9"}</style>'),
    'found',
  ],
  [
    'that generate where nothing is generated',
    number('501-2<b class=x>3</b>-4567', '<style>::selection{content:"9"}</style>'),
    'found',
  ],
  [
    'that put paragraphs into one line',
    number('</p><p>501-23-4567</p><p>99', '<style>.y p{display:inline}</style>'),
    'found',
  ],
  [
    'beside a decoy',
    number(
      '501-2<b style="display:none">9</b><i class=x>3</i>-4567',
      '<style>.y .x::after{content:"9"}</style>',
    ),
    'found',
  ],
  [
    'within another',
    number('501-2<i></i>3-4567', '<style>b{&::after{content:"9"}}</style>'),
    'found, ambiguous',
  ],
];

describe('styles of elements that aren’t there', () => {
  it.each(ELSEWHERE)('hide nothing: %s', (_name, message, outcome) => {
    expect(outcomeOf(message)).toBe(outcome);
  });
});

describe('line ends that styles hide', () => {
  it.each([
    ['', '<br style="display:none">'],
    ['<style>.x{display:none}</style>', '<br class=x>'],
    ['', '<hr style="display:none">'],
  ])('join a number: %s%s', (head, end) => {
    expect(outcomeOf(number(`501-2${end}3-4567`, head))).toBe('found');
  });

  it('join none where they may not be hidden', () => {
    expect(outcomeOf(number('501-23-4567<br class=x>99', '<style>.y .x{display:none}</style>'))).toBe(
      'found',
    );
  });
});

describe('styles behind others', () => {
  it.each(BEHIND)('are read: %s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));
});

describe('pieces of a number that styles generate', () => {
  it.each(GENERATED)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));

  it.each(ORDINARY)('makes nothing of ordinary styles: %s', (head) => {
    expect(outcomeOf(number('<b class="i j">x</b>', head))).toBe('missed');
  });
});
