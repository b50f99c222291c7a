import iconv from 'iconv-lite';

/** How the encoding that a label names relates to ASCII. */
export type Family =
  /** Bytes of ASCII stand for themselves. */
  | 'ascii'
  /** So they do here, without exception. */
  | 'utf-8'
  | 'utf-16'
  | 'utf-32'
  | 'utf-7'
  /** Everything else that can turn ASCII into other text: ISO 2022, and national variants of ASCII. */
  | 'other';

export interface Encoding {
  readonly family: Family;
  readonly decode: (bytes: Buffer) => string;
}

const UTF7 = /^(?:cs|x)?(?:unicode[12][01])?(?:imap4?)?utf7(?:imap)?$|^(?:cp|windows|x)?65000$/;
const UTF16 = /^(?:cs)?(?:utf16|ucs2|iso10646ucs2|unicode)$|^cp1200$/;
const UTF16_LITTLE = /^(?:cs)?(?:utf16|ucs2)le$|^unicodefeff$/;
const UTF16_BIG = /^(?:cs)?(?:utf16|ucs2)be$|^(?:unicodefffe|cp1201)$/;
const UTF32 = /^(?:cs)?(?:utf32|ucs4|iso10646ucs4)(le|be)?$/;

/** The single-byte sets that WHATWG's Encoding Standard leaves out, by their names without punctuation. */
const FURTHER = new RegExp(
  `^(?:${[
    '(?:cs)?(?:cp|ibm)(?:437|7[37]\\d|720|808|85\\d|86[0-35-9]|878|922|1046|11\\d\\d)',
    '(?:cp|win|windows)?125[0-8]',
    '(?:cp|win|windows)874',
    '(?:cp)?28(?:59\\d|60[0-6])',
    'cp(?:20866|21866|1168|10029|367|819)|ibm(?:367|819|1051|1168)',
    '(?:windows|ms|cp)(?:932|936|949|950)|windows31j|ms31j|mskanji',
    'iso8859(?:1[0-6]|[1-9])[ie]?|isoir(?:6|100|101|109|110|126|127|138|14[48]|157|166|179|199|203|226)',
    '(?:cs)?(?:iso)?latin(?:10|[1-9]|cyrillic|arabic|greek|hebrew)|l(?:10|[1-9])',
    'mac(?:centeuro|croatian|cyrillic|greek|iceland|intosh|roman|romania|thai|turkish|ukraine)|(?:cs)?macintosh|mac',
    'koi8[rut]|koi8ru|cskoi8r|armscii8|rk1048|strk10482002|tcvn|tcvn5712|tcvn57121|viscii|pt154',
    'georgian(?:academy|ps)|mik|(?:cs)?hproman8|x?roman8|r8|tis620|tis6200|tis6202529[12]|tis62025330',
    'gbk|xgbk|gb2312|gb18030|big5|big5hkscs|cnbig5|eucjp|euckr|euccn|shiftjis|xsjis|sjis',
    'utf8|cp65001|unicode(?:11|20)utf8|cesu8',
  ].join('|')})$`,
);

/** A label as iconv-lite compares it: without punctuation, and without the year of a standard. */
export function labelKey(label: string): string {
  return label.toLowerCase().replace(/:\d{4}$|[^0-9a-z]/g, '');
}

/**
 * The encoding of a label, however it is punctuated; undefined where it is none of those that are known here, so that
 * no library's private names (`base64`, `binary`) are one.
 */
export function encodingOf(label: string): Encoding | undefined {
  if (/^utf-?8$/i.test(label)) return UTF_8;
  const key = labelKey(label);
  if (UTF7.test(key)) {
    const name = key.includes('imap') ? 'utf-7-imap' : 'utf-7';
    return { family: 'utf-7', decode: (bytes) => iconv.decode(bytes, name) };
  }
  if (UTF16.test(key) || UTF16_LITTLE.test(key)) return utf16('utf-16le');
  if (UTF16_BIG.test(key)) return utf16('utf-16be');
  const order = UTF32.exec(key);
  if (order !== null) {
    const name = `utf-32${order[1] ?? ''}`;
    return { family: 'utf-32', decode: (bytes) => iconv.decode(bytes, name) };
  }
  const standard = standardName(label) ?? standardName(key);
  if (standard?.startsWith('utf-16')) return utf16(standard);
  // Node's own windows-1252 reads 0x80-0x9f as control characters.
  if (standard !== undefined && standard !== 'windows-1252') {
    return {
      family: standard === 'iso-2022-jp' ? 'other' : standard === 'utf-8' ? 'utf-8' : 'ascii',
      decode: (bytes) => new TextDecoder(standard).decode(bytes),
    };
  }
  const name = standard ?? (FURTHER.test(key) ? further(key) : undefined);
  if (name === undefined || !iconv.encodingExists(name)) return undefined;
  return { family: 'ascii', decode: (bytes) => iconv.decode(bytes, name) };
}

const UTF_8_DECODER = new TextDecoder('utf-8');
/** By far the most usual. */
const UTF_8: Encoding = { family: 'utf-8', decode: (bytes) => UTF_8_DECODER.decode(bytes) };

function utf16(name: string): Encoding {
  return { family: 'utf-16', decode: (bytes) => new TextDecoder(name).decode(bytes) };
}

function further(key: string): string {
  return key === 'cp65001' || key === 'unicode20utf8' ? 'utf8' : key;
}

function standardName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    // None of WHATWG's labels; what else isn't known makes the caller fail closed.
    return undefined;
  }
}
