import { htmlTexts } from '../html-text.js';

/** Numbers that programs give: identifiers and moments. They are written by no person, and look like much else. */
const MACHINE_VALUES = [
  /\b(?:uuid:|xmp\.[di]id:)?[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}\b/gi,
  /\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?/g,
  /\bD:\d{14}(?:Z|[+-])?(?:\d\d'\d\d'?)?/g,
];

/** Metadata without what programs number. Pure. */
export function withoutMachineValues(text: string): string {
  let rest = text;
  for (const pattern of MACHINE_VALUES) rest = rest.replace(pattern, ' ');
  return rest;
}

/** What XML says: text, attributes and comments, without what programs number. */
export function xmlText(xml: string): string {
  const parts = htmlTexts(xml, { xml: true });
  const lines = `${parts.visible}\n${parts.attributes}\n${parts.comments}`.split('\n');
  return withoutMachineValues(lines.map((line) => line.trim()).join('\n'))
    .replace(/\n{2,}/g, '\n')
    .trim();
}

/** XMP (ISO 16684-1): XML in a packet with room to grow. */
export function xmpText(packet: string): string {
  return xmlText(packet.replace(/<\?xpacket[^>]*\?>/g, ' '));
}
