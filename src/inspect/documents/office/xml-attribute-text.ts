import { localName, type XmlAttributes } from './xml.js';

/** Attributes in which programs keep words that a person wrote, by local name. */
const TEXTUAL: ReadonlySet<string> = new Set(
  (
    'descr title alt tooltip screenTip name author initials displayText instr prompt promptTitle error errorTitle ' +
    'caption string display location comment user subject address label lastModifiedBy help description ' +
    'connection command formula refersTo sourceFile userName userId providerId tag sheet topic ' +
    'displayName string-value string-value-if-true string-value-if-false current-value text ' +
    'string-value-phonetic placeholder href cap showName'
  ).split(' '),
);
/** Elements whose `val` or `value` is words. */
const VALUED: ReadonlySet<string> = new Set(
  (
    'alias tag lvlText docVar statusText helpText default listItem listEntry placeholder autoCaption caption ' +
    'filter customFilter dynamicFilter inputCells title description result s string stringItem mailSubject ' +
    'addressFieldName query connectString dataSource'
  ).split(' '),
);
/** Names that only number, lay out or name styles and schemas. */
const NOISE =
  /^(?:xmlns.*|style|path|formulas|coordsize|coordorigin|connectlocs|textboxrect|adj|fillcolor|strokecolor|rot|Target|Type|PartName|ContentType|Extension|rsid\w*|(?:para|text)Id|uri|Requires|Ignorable|schemaLocation|guid|id|spid|charset|panose1?|typeface|ascii|hAnsi|cs|eastAsia|full-path|media-type|sqref|ref|spans|r)$/;
/** Elements that come by the hundred and name built-in things. */
const NOISY_ELEMENTS: ReadonlySet<string> = new Set([
  'lsdException',
  'latentStyles',
  'cellStyle',
  'font',
  'font-face',
  'sig',
]);
/** Two words, an address, or digits with a separator: what is written in attributes nobody expects words in. */
const LOOKS_WRITTEN = /\p{L}{2,}[\s,]+\p{L}{2,}|@|\d[-/ .]\d{2,}[-/ .]\d/u;
const HAS_WORD = /[\p{L}\p{N}]/u;

/** The attributes of one element that hold words, on one line; empty where there are none. */
export function attributeText(element: string, attributes: XmlAttributes): string {
  if (attributes.size === 0 || NOISY_ELEMENTS.has(element)) return '';
  const words: string[] = [];
  for (const [key, value] of attributes) {
    if (isWritten(element, localName(key).replace(/#\d+$/, ''), value)) words.push(value);
  }
  return words.join(': ');
}

function isWritten(element: string, name: string, value: string): boolean {
  if (TEXTUAL.has(name) || (VALUED.has(element) && /^val(?:ue)?$/.test(name))) return HAS_WORD.test(value);
  return value.length > 3 && !NOISE.test(name) && LOOKS_WRITTEN.test(value);
}
