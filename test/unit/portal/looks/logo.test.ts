import { describe, expect, it } from 'vitest';
import { MAX_LOGO, readLogo } from '../../../../src/portal/looks/logo.js';

const svg = (inside: string, attributes = '') =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inside}</svg>`);

describe('a logo', () => {
  it.each([
    ['a PNG', Buffer.from('89504e470d0a1a0a0000', 'hex'), 'image/png'],
    ['shapes', svg('<path d="M0 0h9" fill="url(#g)"/><use href="#s"/>'), 'image/svg+xml'],
    [
      'a style of its own',
      svg('<style>.a{fill:#123456}</style><text class="a">Clinic</text>'),
      'image/svg+xml',
    ],
    [
      'notes of a drawing program',
      Buffer.concat([Buffer.from('<?xml version="1.0"?>'), svg('<sodipodi:namedview id="x"/>')]),
      'image/svg+xml',
    ],
  ])('is taken: %s', (_, bytes, mediaType) => {
    expect(readLogo(bytes)).toMatchObject({ mediaType });
  });

  it.each([
    ['a script', svg('<script>alert(1)</script>'), 'has the element <script>'],
    ['a handler', svg('', 'onload="alert(1)"'), 'has the event handler onload'],
    ['HTML within', svg('<foreignObject><b/></foreignObject>'), 'has the element <foreignObject>'],
    ['a picture within', svg('<image href="https://elsewhere.example/x"/>'), 'has the element <image>'],
    [
      'a use of elsewhere',
      svg('<use href="https://elsewhere.example/x#y"/>'),
      'points to something elsewhere',
    ],
    [
      'an import',
      svg('<style>@import "https://elsewhere.example/x"</style>'),
      'has a style that loads something',
    ],
    ['a style with escapes', svg('<style>a{b:\\75rl(x)}</style>'), 'has a style that loads something'],
    [
      'a fill of elsewhere',
      svg('<rect fill="url(https://elsewhere.example/x)"/>'),
      'loads something by fill',
    ],
    ['an animation', svg('<set attributeName="href" to="javascript:alert(1)"/>'), 'has the element <set>'],
    ['a link', svg('<a href="javascript:alert(1)"><text>x</text></a>'), 'has the element <a>'],
    [
      'entities',
      Buffer.concat([Buffer.from('<!DOCTYPE svg [<!ENTITY x "y">]>'), svg('&x;')]),
      'declares entities',
    ],
    [
      'a style sheet',
      Buffer.concat([Buffer.from('<?xml-stylesheet href="x"?>'), svg('')]),
      'has a processing instruction',
    ],
    ['HTML', Buffer.from('<html><svg></svg></html>'), 'is neither a PNG nor an SVG'],
    ['a JPEG', Buffer.from('ffd8ffe000', 'hex'), 'is neither a PNG nor an SVG in UTF-8'],
    ['nothing', Buffer.alloc(0), 'is neither a PNG nor an SVG'],
    ['too much', Buffer.alloc(MAX_LOGO + 1), 'is larger than 200 kB'],
  ])('is refused: %s', (_, bytes, problem) => {
    expect(readLogo(bytes)).toBe(problem);
  });
});
