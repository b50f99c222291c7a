import { isUtf8 } from 'node:buffer';
import { readCharset } from '../charset.js';
import { material, type Oddity } from '../oddity.js';
import type { LeafContent } from './content.js';
import { IS_XML } from './markup.js';
import { ownCharsets } from './own-charsets.js';

/** By which text in ASCII changes to another set (ISO 2022). */
const SHIFTS = /[\x0e\x0f\x1b]/;

/** The texts that a leaf's bytes could be. */
export interface Sources {
  /** Few and mostly long: to compare them is cheaper than to hash them. */
  readonly texts: readonly string[];
  readonly oddities: readonly Oddity[];
}

/** @param markup it is declared as such */
export function readSources(bytes: Buffer, { charsets, isFile }: LeafContent, markup: boolean): Sources {
  const texts: string[] = [];
  const oddities: Oddity[] = [];
  for (const label of charsets.length === 0 ? [undefined] : charsets) {
    const reading = readCharset(bytes, label);
    addNew(reading.texts, texts);
    oddities.push(...reading.oddities);
  }
  if (charsets.length > 1) oddities.push(material('conflicting-charset'));
  // An own declaration within HTML counts where the mail has none, and some readers prefer it anyway.
  const decides = charsets.length === 0 || isFile === true;
  for (const source of [...texts]) {
    if (!markup && !IS_XML.test(source)) break;
    for (const own of ownCharsets(source)) {
      const reading = readCharset(bytes, own);
      addNew(reading.texts, texts);
      if (reading.oddities.some((oddity) => oddity.name === 'utf-7')) oddities.push(material('utf-7'));
      // Where nothing but ASCII or UTF-8 stands, another name for it means nothing.
      const unknown = reading.oddities.some((oddity) => oddity.name === 'unknown-charset');
      if (unknown && decides && (!isUtf8(bytes) || SHIFTS.test(source)))
        oddities.push(material('unknown-charset'));
    }
  }
  return { texts, oddities };
}

function addNew(more: readonly string[], texts: string[]): void {
  for (const text of more) if (!texts.includes(text)) texts.push(text);
}
