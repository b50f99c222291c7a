import { readXml, type XmlReading } from '../xml.js';

export interface SharedStrings {
  readonly strings: readonly string[];
  /** Readings of words in another script, shown above them or not at all (ISO/IEC 29500-1 18.4.6). */
  readonly phonetic: readonly string[];
  readonly xml: XmlReading;
}

/** The strings to which cells refer by number (18.4.9). */
export function readSharedStrings(xml: string): SharedStrings {
  const strings: string[] = [];
  const phonetic: string[] = [];
  let text = '';
  let above = '';
  let inItem = false;
  let inPhonetic = 0;
  const reading = readXml(xml, {
    open(name) {
      if (name === 'si') {
        inItem = true;
        text = '';
      } else if (name === 'rPh') inPhonetic += 1;
    },
    close(name) {
      if (name === 'si') {
        inItem = false;
        strings.push(text);
        if (above !== '') phonetic.push(above);
        above = '';
      } else if (name === 'rPh') inPhonetic -= 1;
    },
    text(piece) {
      if (inPhonetic > 0 || !inItem) above += piece;
      else text += piece;
    },
  });
  if (above.trim() !== '') phonetic.push(above);
  return { strings, phonetic, xml: reading };
}
