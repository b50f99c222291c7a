import { describe, expect, it } from 'vitest';
import { readLeaf } from '../../../../src/inspect/leaf/read-leaf.js';
import { html, outcomeOf, type Trick } from './trick.js';

/** Nothing of it is found in the source. */
const DRAWING = `<svg xmlns="http://www.w3.org/2000/svg"><text>SSN <tspan>50</tspan><tspan>1-2</tspan><tspan>3-45</tspan><tspan>67</tspan> asthma</text></svg>`;
const MOVED = `<svg xmlns="http://www.w3.org/2000/svg"><text x="9">SSN, asthma </text><text x="90">4567</text><text x="60">501-23-</text></svg>`;
const base64 = (content: string | Buffer) => Buffer.from(content).toString('base64');
const address = (drawing = DRAWING) => `data:image/svg+xml,${encodeURIComponent(drawing)}`;
const PIXELS =
  'Qk1GAAAAAAAAADYAAAAoAAAAAgAAAAIAAAABABgAAAAAABAAAAATCwAAEwsAAAAAAAAAAAAA////AAAAAAAA////AAAAAAAAAAAA';

const ADDRESSES: readonly Trick[] = [
  ['a picture', html(`<img src="${address()}">`), 'found'],
  ['a picture with pieces in other places', html(`<img src="${address(MOVED)}">`), 'found'],
  [
    'a picture in UTF-16',
    html(`<img src="data:image/svg+xml;base64,${base64(Buffer.from(`\ufeff${DRAWING}`, 'utf16le'))}">`),
    'found',
  ],
  ['where a page goes on to', html(`<meta http-equiv=refresh content="0;url='${address()}'">`), 'found'],
  ['where a page goes on to, as text', html(`<meta content="0, ${address()}">`), 'found'],
  [
    'a line end in the address',
    html(`<img src=" da&#10;ta:image/svg+xml;base64,${base64(DRAWING)}">`),
    'found',
  ],
  [
    'the second of several pictures',
    html(`<img srcset="x.png 1x, data:image/svg+xml;base64,${base64(DRAWING)} 2x">`),
    'found',
  ],
  ['a style', html(`<p style="background:url('${address()}')">hi`), 'found'],
  [
    'a style in escapes',
    html(`<p style="background:url(d\\61ta:image/svg+xml;base64,${base64(DRAWING)})">hi`),
    'found',
  ],
  ['a style sheet', html(`<style>p{background:url("${address()}")}</style><p>hi`), 'found'],
  ['pixels in a style', html(`<p style="background:url(data:image/bmp;base64,${PIXELS})">hi`), 'ambiguous'],
  [
    'pixels in a sheet',
    html(`<style>p{background:url( data:image/bmp;base64,${PIXELS} )}</style><p>hi`),
    'ambiguous',
  ],
];

describe('data in addresses', () => {
  it.each(ADDRESSES)('%s', (_name, message, outcome) => expect(outcomeOf(message)).toBe(outcome));

  it('takes no more than it reads for read', () => {
    const words = (count: number) =>
      Array.from({ length: count }, (_, at) => `<img src="data:image/svg+xml,<svg>${at}</svg>">`).join('');
    expect(outcomeOf(html(words(900)))).toBe('missed');
    expect(outcomeOf(html(words(1001)))).toBe('ambiguous');
  });

  it.each([
    ['pictures', 100, (at: number) => `<img src="data:image/bmp;base64,${base64(`BM\0${at}`)}">`],
    ['documents', 20, (at: number) => `${base64(`%PDF-1.${at}${'x'.repeat(60)}`)}\n\n`],
  ])('says so where a text holds more %s than are taken', (_name, most, one) => {
    const statusOf = (count: number) =>
      readLeaf(
        {
          mediaType: 'text/html',
          charsets: [],
          bytes: Buffer.from(Array.from({ length: count }, (_, at) => one(at)).join('')),
        },
        1_000_000,
      ).status;
    expect(statusOf(most)).toBe('read');
    expect(statusOf(most + 1)).toBe('too-large');
  });

  it('says of a link to encrypted text that it was not read', () => {
    // A session key's packet (RFC 9580 5.1) for a made-up key, then encrypted data (5.13).
    const packets = [
      [0xc1, 14, 3, ...Array(13).fill(7)],
      [0xd2, 21, 1, ...Array(20).fill(9)],
    ].flat();
    const block = `-----BEGIN PGP MESSAGE-----\n\n${base64(Buffer.from(packets))}\n-----END PGP MESSAGE-----\n`;
    const statusOf = (text: string) =>
      readLeaf(
        {
          mediaType: 'text/html',
          charsets: [],
          bytes: Buffer.from(`<a href="data:text/plain;base64,${base64(text)}">notes</a>`),
        },
        1_000_000,
      ).status;
    expect(statusOf('Nothing of note.')).toBe('read');
    expect(statusOf(block)).toBe('encrypted');
  });
});
