import type { Findings } from '../findings.js';
import { attribute, isOn, readXml } from '../xml.js';
import { addMarkup } from './add-markup.js';
import type { XmlPart } from './parts.js';
import type { Relations } from './relationships.js';

const NO_STYLES: ReadonlySet<string> = new Set();

/**
 * Reads the slides in the order in which they are shown, and gives back all other parts.
 * @throws TooLarge
 */
export function readPresentation(
  parts: readonly XmlPart[],
  relations: Relations,
  found: Findings,
): readonly XmlPart[] {
  const place = new Map<string, number>();
  for (const part of parts.filter(({ root }) => root === 'presentation')) {
    for (const id of slideRelations(part.xml)) {
      const target = relations.get(part.name)?.find((one) => one.id === id)?.target;
      if (target !== undefined && !place.has(target)) place.set(target, place.size);
    }
  }
  const rank = (part: XmlPart) => place.get(part.name) ?? place.size;
  const slides = parts.filter(({ root }) => root === 'sld').sort((a, b) => rank(a) - rank(b));
  for (const slide of slides) addMarkup(slide, NO_STYLES, found, isHidden(slide.xml));
  return parts.filter(({ root }) => root !== 'sld');
}

/** ISO/IEC 29500-1 19.2.1.34. */
function slideRelations(xml: string): readonly string[] {
  const ids: string[] = [];
  readXml(xml, {
    open(name, attributes) {
      if (name !== 'sldId') return;
      const id = attribute(new Map([...attributes].filter(([key]) => key.includes(':'))), 'id');
      if (id !== undefined) ids.push(id);
    },
    close: () => undefined,
    text: () => undefined,
  });
  return ids;
}

/** A slide that is left out when the slides are shown (19.3.1.38). */
function isHidden(xml: string): boolean {
  const show = /<(?:[\w.-]+:)?sld\s[^>]*?\bshow\s*=\s*["']([^"']*)["']/.exec(xml.slice(0, 20_000))?.[1];
  return show !== undefined && !isOn(show);
}
