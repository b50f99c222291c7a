import { describe, expect, it } from 'vitest';
import { readLeaf } from '../../../src/inspect/leaf/read-leaf.js';

function readDrawing(pieces: number) {
  const piece = (x: number, y: number, text: string) => `<text x="${x}" y="${y}">${text}</text>`;
  const before = Array.from({ length: pieces }, (_, at) => piece(at, 1, 'a'));
  const svg = `<svg>${[...before, piece(2, 9, '-6789'), piece(1, 9, '412-34')].join('')}</svg>`;
  const leaf = { mediaType: 'image/svg+xml', charsets: [], bytes: Buffer.from(svg) };
  const { status, texts } = readLeaf(leaf, 100_000_000);
  return {
    status,
    drawn: texts.some(({ view, text }) => view === 'drawing' && text.includes('412-34-6789')),
  };
}

describe('the pieces of a drawing', () => {
  it('are read in the order of their places', () => {
    expect(readDrawing(6000)).toEqual({ status: 'read', drawn: true });
  });

  it('are too many to be put in order', () => {
    expect(readDrawing(50_000).status).toBe('too-large');
  });
});
