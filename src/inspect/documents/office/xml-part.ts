import type { Findings } from './findings.js';
import type { XmlReading } from './xml.js';

/** Notes what is wrong with the XML of a part: where it isn't well-formed, programs mend it each in its own way. */
export function noteXml(reading: XmlReading, found: Findings, doctypeAllowed = false): void {
  if (!reading.wellFormed) found.fail('corrupt');
  if (reading.doctype === 'internal-subset' || (reading.doctype === 'plain' && !doctypeAllowed))
    found.oddity('xml-doctype');
}
