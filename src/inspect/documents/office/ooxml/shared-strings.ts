import { type StyledPiece, styledReadings } from '../styled-text.js';
import { readXml, type XmlReading } from '../xml.js';
import { unescaped } from './escaped-string.js';
import { styleSignature } from './run-style.js';

export interface SharedStrings {
  readonly strings: readonly string[];
  /** Those without pieces that look otherwise than the word or number around them, by the number of the string. */
  readonly styled: ReadonlyMap<number, readonly string[]>;
  /** Strings as they are written, before their escapes are read. */
  readonly written: readonly string[];
  /** A number is made of too many styles to be read without each. */
  readonly tooManyStyles: boolean;
  /** Readings of words in another script, shown above them or not at all (ISO/IEC 29500-1 18.4.6). */
  readonly phonetic: readonly string[];
  readonly xml: XmlReading;
}

/** The strings to which cells refer by number (18.4.9). */
export function readSharedStrings(xml: string): SharedStrings {
  const strings: string[] = [];
  const phonetic: string[] = [];
  const styled = new Map<number, readonly string[]>();
  const written: string[] = [];
  let tooManyStyles = false;
  let pieces: StyledPiece[] = [];
  let style = '';
  let inStyle = 0;
  let text = '';
  let above = '';
  let inItem = false;
  let inPhonetic = 0;
  const reading = readXml(xml, {
    open(name, attributes) {
      if (inStyle > 0) style += styleSignature(name, attributes);
      if (name === 'si') {
        inItem = true;
        text = '';
        pieces = [];
      } else if (name === 'r') style = '';
      else if (name === 'rPr') inStyle += 1;
      else if (name === 'rPh') inPhonetic += 1;
    },
    close(name) {
      if (name === 'si') {
        inItem = false;
        const readings = styledReadings(pieces);
        tooManyStyles ||= readings.tooMany;
        if (readings.readings.length > 0) styled.set(strings.length, readings.readings.map(unescaped));
        if (unescaped(text) !== text) written.push(text);
        strings.push(unescaped(text));
        if (above !== '') phonetic.push(above);
        above = '';
      } else if (name === 'r') style = '';
      else if (name === 'rPr') inStyle -= 1;
      else if (name === 'rPh') inPhonetic -= 1;
    },
    text(piece) {
      if (inPhonetic > 0 || !inItem) above += piece;
      else {
        text += piece;
        pieces.push({ text: piece, style });
      }
    },
  });
  if (above.trim() !== '') phonetic.push(above);
  return { strings, styled, written, tooManyStyles, phonetic, xml: reading };
}
