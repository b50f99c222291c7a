import { attribute, readXml, type XmlReading } from '../xml.js';

export interface Manifest {
  /** Parts that are encrypted, in lower case (OpenDocument 1.3 part 2, 4.4). */
  readonly encrypted: ReadonlySet<string>;
  readonly xml: XmlReading;
}

export function readManifest(xml: string): Manifest {
  const encrypted = new Set<string>();
  let path = '';
  const reading = readXml(xml, {
    open(name, attributes) {
      if (name === 'file-entry') path = (attribute(attributes, 'full-path') ?? '').toLowerCase();
      else if (name === 'encryption-data') encrypted.add(path);
    },
    close: () => undefined,
    text: () => undefined,
  });
  return { encrypted, xml: reading };
}
