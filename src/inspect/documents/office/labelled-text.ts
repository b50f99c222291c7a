import { attribute, readXml, type XmlReading } from './xml.js';
import { attributeText } from './xml-attribute-text.js';

export interface LabelledTexts {
  readonly text: string;
  readonly attributes: string;
  readonly xml: XmlReading;
}

/** Names that say only what type a value has. */
const TYPES =
  /^(?:lpw?str|bstr|i[1248]|ui[1248]|int|uint|r[48]|decimal|bool|date|filetime|variant|vector|v|t|li|Alt|Bag|Seq)$/;

/**
 * Reads XML whose element names say what their text is, as in properties and data: each text as `label: text`, the
 * label being the name that it was given, or that of its element.
 */
export function labelledTexts(xml: string): LabelledTexts {
  const lines: string[] = [];
  const attributes: string[] = [];
  const labels: string[] = [];
  let text = '';
  const flush = () => {
    const value = text.trim();
    text = '';
    if (value === '') return;
    const label = labels.at(-1) ?? '';
    lines.push(label === '' ? value : `${label}: ${value}`);
  };
  const reading = readXml(xml, {
    open(name, given) {
      flush();
      const line = attributeText(name, given);
      if (line !== '') attributes.push(line);
      const own = attribute(given, 'name') ?? (TYPES.test(name) ? labels.at(-1) : spaced(name));
      labels.push((own ?? '').slice(0, 64));
    },
    close() {
      flush();
      labels.pop();
    },
    text(piece) {
      text += piece;
    },
  });
  flush();
  return { text: lines.join('\n'), attributes: attributes.join('\n'), xml: reading };
}

/** `lastModifiedBy` as words. */
function spaced(name: string): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').replace(/[-_]/g, ' ');
}
