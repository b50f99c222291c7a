import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { BrowserContextOptions } from 'playwright-core';
import type { BrowserVisitor } from '../test/support/browser.js';
import { withPalette } from './small-png.js';

/* What the scripts that draw pages for the documentation share. */

export const FOLDER = fileURLToPath(new URL('../docs/screenshots/', import.meta.url));
const MOST_BYTES = 60_000;

export const DESK: BrowserContextOptions = { viewport: { width: 760, height: 640 } };
export const PHONE: BrowserContextOptions = { viewport: { width: 320, height: 568 } };
export const LOOKS: readonly (readonly [string, BrowserContextOptions])[] = [
  ['phone', PHONE],
  ['dark', { ...DESK, colorScheme: 'dark' }],
  ['spanish', { ...DESK, locale: 'es-ES' }],
];

/** Draws the whole page that a visitor sees. */
export async function draw(name: string, { page }: BrowserVisitor): Promise<void> {
  const png = withPalette(await page.screenshot({ scale: 'css', fullPage: true }));
  if (png.length > MOST_BYTES) throw new Error(`${name}.png has ${png.length} bytes`);
  writeFileSync(`${FOLDER}${name}.png`, png);
  console.log(`docs/screenshots/${name}.png  ${Math.ceil(png.length / 1024)} KB`);
}
