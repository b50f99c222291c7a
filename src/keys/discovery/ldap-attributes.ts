import type { Entry } from 'ldapts';

/** The values of an attribute as bytes. Names are compared without case and options (`;binary`, RFC 4512 section 2.5). */
export function attributeBytes(entry: Entry, name: string): readonly Buffer[] {
  return valuesOf(entry, name).map((value) => (typeof value === 'string' ? Buffer.from(value) : value));
}

/** The values of an attribute that are text. */
export function attributeTexts(entry: Entry, name: string): readonly string[] {
  return valuesOf(entry, name).filter((value) => typeof value === 'string');
}

function valuesOf(entry: Entry, name: string): readonly (string | Buffer)[] {
  const wanted = name.toLowerCase();
  const values: (string | Buffer)[] = [];
  for (const [key, value] of Object.entries(entry)) {
    if (key.toLowerCase().replace(/;.*$/, '') !== wanted) continue;
    if (Array.isArray(value)) values.push(...value);
    else values.push(value);
  }
  return values;
}
