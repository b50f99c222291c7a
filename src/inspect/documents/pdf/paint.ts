import { OBJECT } from './object-kinds.js';
import type { Pdfium } from './pdfium.js';

/**
 * Ways in which a plain path shows words that are no objects of the page: through a mask (ISO 32000-1 11.6.5.2), or
 * painted with a pattern whose cell holds them (8.7.3).
 */
export interface Paint {
  readonly masks: boolean;
  /** `stencils`: those that take the colour of what they paint, and can't be told from it. */
  readonly tiles: 'none' | 'coloured' | 'stencils';
}

/** Looks for such ways in the bytes of a document. */
export function paintFinder(): { look(content: Buffer): void; found(): Paint } {
  let masks = false;
  let tiles = 0;
  let coloured = 0;
  return {
    look(content) {
      masks ||= content.includes('/Luminosity') || content.includes('/Alpha');
      tiles += count(content, '/PatternType', /^\s*(?!\s|2\b(?!\s+\d+\s+R))/);
      coloured += count(content, '/PaintType', /^\s*1\b(?!\s+\d+\s+R)/);
    },
    found: () => ({ masks, tiles: tiles === 0 ? 'none' : tiles > coloured ? 'stencils' : 'coloured' }),
  };
}

/** How often a key has a value like that. */
function count(content: Buffer, key: string, value: RegExp): number {
  let found = 0;
  for (let at = content.indexOf(key); at >= 0; at = content.indexOf(key, at + key.length)) {
    const begin = at + key.length;
    if (value.test(content.toString('latin1', begin, begin + 32))) found += 1;
  }
  return found;
}

/** The grey that PDFium gives for a pattern with colours of its own. */
const PATTERN_GREY = 0xbf;

/**
 * Whether what an object of a page shows may be words that are no objects themselves.
 * @param paint undefined: not known, because the document is encrypted
 */
export function isPainted(native: Pdfium, object: number, kind: number, paint: Paint | undefined): boolean {
  if (kind !== OBJECT.path && kind !== OBJECT.form) return false;
  const isTransparent = (): boolean => native.call('FPDFPageObj_HasTransparency')(object) === 1;
  if (kind === OBJECT.form) return paint?.masks === true && isTransparent();
  if (paint === undefined) {
    // Transparency that isn't opacity is a mask, or a way of mixing.
    return isTransparent() && coloursOf(native, object).every(({ opacity }) => opacity === 255);
  }
  if (paint.masks && isTransparent()) return true;
  if (paint.tiles !== 'coloured') return paint.tiles === 'stencils';
  return coloursOf(native, object).some(({ rgb }) => rgb.every((value) => value === PATTERN_GREY));
}

function coloursOf(
  native: Pdfium,
  path: number,
): readonly { readonly rgb: readonly number[]; readonly opacity: number }[] {
  const buffer = native.allocate(16);
  try {
    return ['FPDFPageObj_GetFillColor', 'FPDFPageObj_GetStrokeColor'].flatMap((name) => {
      if (native.call(name)(path, buffer, buffer + 4, buffer + 8, buffer + 12) === 0) return [];
      const at = native.copyOut(buffer, 16);
      return [{ rgb: [0, 4, 8].map((place) => at.readUInt32LE(place)), opacity: at.readUInt32LE(12) }];
    });
  } finally {
    native.free(buffer);
  }
}
