import { looksLikeText } from './sniff.js';

/** A field of a record that says itself that its value is bytes. */
export interface BytesField {
  /** As declared, with its parameters; '' where it isn't. */
  readonly type: string;
  /** The value as it stands. */
  readonly value: string;
  readonly bytes: Buffer;
}

/** Fields of one text that are read. */
export const MAX_FIELDS = 1000;
/** Bytes that are no text; in fewer there is no document. */
const LEAST_BINARY = 16;
/** How far from a field its type stands; further within the same object, where addresses and titles are long. */
const NEAR = 400;
const FAR = 4096;
/** An object of JSON ends or begins, or an element of XML ends. */
const OTHER_OBJECT = /[{}]|<\//;
const JSON_FIELD = /"(data|content|valueBase64Binary)"\s*:\s*"/g;
const XML_FIELD = /<(?:[\w.-]{1,40}:)?(data|content|valueBase64Binary)\s[^<>]*?\bvalue\s*=\s*(["'])/g;
const CDA_FIELD = /\brepresentation\s*=\s*["']B64["']/g;
const REST_OF_TAG = /[^<>]*/y;
const JSON_TYPE = /"contentType"\s*:\s*"([^"]{1,1000})"/g;
const XML_TYPE = /<(?:[\w.-]{1,40}:)?contentType\s[^<>]*?\bvalue\s*=\s*["']([^"']{1,1000})["']/g;
const CDA_TYPE = /\bmediaType\s*=\s*["']([^"']{1,1000})["']/;
/** HL7 v2.8, 2.A.24: type and subtype of data, encoding, data; the components may be divided by any character. */
const HL7_FIELD = /(?<=([^\w\s.+/=\\-]))(base64|hex)\1/gi;
const HL7_DATA = /[A-Za-z0-9+/=\\.]*/y;
/** HL7 has short names of its own for some. */
const KNOWN_TYPE = /^(?:application|audio|image|text|video)\/./;
const CDATA = '<![CDATA[';
const BASE64 = /^[A-Za-z0-9+/=\s]*$/;

/**
 * The values of fields that are bytes in base64 or hexadecimal: FHIR (R5 Attachment and Binary, in JSON and XML), CDA
 * (R2 4.3.5, `representation`) and HL7 v2 (ED). Without such a field a text costs a search for a mark, and with the mark for a word.
 * @returns one more than `MAX_FIELDS` where there are too many
 */
export function bytesFields(text: string): readonly BytesField[] {
  const found: BytesField[] = [];
  const add = (type: string, value: string, encoded: string, encoding: 'base64' | 'hex' = 'base64') => {
    const bytes = Buffer.from(encoded, encoding);
    // Words of a few letters are base64, too.
    const isSomething = bytes.length >= LEAST_BINARY || (bytes.length > 0 && looksLikeText(bytes));
    if (isSomething) found.push({ type, value, bytes });
    return found.length <= MAX_FIELDS;
  };
  const isMarked = text.includes('"') || text.includes('<');
  if (isMarked && (text.includes('contentType') || text.includes('valueBase64Binary'))) {
    for (const [pattern, typePattern] of [
      [JSON_FIELD, JSON_TYPE],
      [XML_FIELD, XML_TYPE],
    ] as const) {
      const types = [...text.matchAll(typePattern)];
      let next = 0;
      for (const match of text.matchAll(pattern)) {
        const from = match.index + match[0].length;
        const end = text.indexOf(match[2] ?? '"', from);
        const value = text.slice(from, end < 0 ? text.length : end);
        const encoded = value.includes('\\') || value.includes('&') ? unescaped(value) : value;
        if (!BASE64.test(encoded)) continue;
        while ((types[next]?.index ?? Number.POSITIVE_INFINITY) < match.index) next += 1;
        // The next but one before it may be its own: an object in between has another.
        const before = [types[next - 1], types[next - 2]].map(
          (type) =>
            type && { type: type[1], space: spaceBetween(text, type.index + type[0].length, match.index) },
        );
        const after = types[next];
        const behind = after && {
          type: after[1],
          space: spaceBetween(text, from + value.length, after.index),
        };
        const near = [...before, behind];
        for (const type of typesOf(near)) {
          // Other records call words so, and some of them name a kind of text beside.
          const written = unescaped(type ?? '');
          if (!written.includes('/') && match[1] !== 'valueBase64Binary') continue;
          if (!add(written, value, encoded)) return found;
        }
      }
    }
  }
  if (text.includes('B64') && text.includes('representation')) {
    let done = 0;
    for (const match of text.matchAll(CDA_FIELD)) {
      // Within the value or the tag of another one it begins none, and each value would be all that follows.
      if (match.index < done) continue;
      REST_OF_TAG.lastIndex = match.index + match[0].length;
      const rest = REST_OF_TAG.exec(text)?.[0] ?? '';
      done = match.index + match[0].length + rest.length;
      if (text.charAt(done) !== '>') continue;
      const behind = done + 1;
      const from = behind + (/^\s{0,100}<!\[CDATA\[/.exec(text.slice(behind, behind + 120))?.[0].length ?? 0);
      const end = text.indexOf(text.startsWith(CDATA, from - CDATA.length) ? ']]>' : '<', from);
      const value = text.slice(from, end < 0 ? text.length : end);
      done = from + value.length;
      const encoded = unescaped(value);
      const tag = text.slice(Math.max(0, match.index - NEAR), match.index);
      const type = CDA_TYPE.exec(tag.slice(tag.lastIndexOf('<')) + match[0] + rest)?.[1] ?? '';
      if (BASE64.test(encoded) && !add(type, value, encoded)) return found;
    }
  }
  if (text.includes('MSH') || text.includes('OBX')) {
    for (const match of text.matchAll(HL7_FIELD)) {
      HL7_DATA.lastIndex = match.index + match[0].length;
      const value = HL7_DATA.exec(text)?.[0] ?? '';
      const before = text.slice(Math.max(0, match.index - 80), match.index - 1).split(match[1] ?? '^');
      const names = before.slice(-2).map((one) => /[\w.+-]*$/.exec(one)?.[0].toLowerCase() ?? '');
      const type = KNOWN_TYPE.test(names.join('/')) ? names.join('/') : '';
      const encoding = match[2]?.toLowerCase() === 'hex' ? 'hex' : 'base64';
      if (!add(type, value, value.replace(/\\[.\w]{1,40}\\/g, ''), encoding)) return found;
    }
  }
  return found;
}

/**
 * How a type stands to a field: in its object, in its object or another one (there is a whole one between, or what looks so), or
 * close to it; undefined where it is too far away.
 */
type Space = 'own' | 'own-or-other' | 'close';

function spaceBetween(text: string, end: number, begin: number): Space | undefined {
  if (begin - end > FAR) return undefined;
  const between = text.slice(end, begin);
  if (!OTHER_OBJECT.test(between)) return 'own';
  if (begin - end > NEAR) return undefined;
  const count = (mark: '{' | '}') => between.split(mark).length;
  const isWhole = count('{') === count('}') && !/^[^{]*}/.test(between) && !between.includes('</');
  return isWhole ? 'own-or-other' : 'close';
}

/** The types that a field may have: of its own object, else any that is close to it. None is one, too. */
function typesOf(
  near: readonly ({ readonly type: string | undefined; readonly space: Space | undefined } | undefined)[],
): readonly (string | undefined)[] {
  const types = (...spaces: readonly (Space | undefined)[]) => [
    ...new Set(
      near.flatMap((one) => (one?.space !== undefined && spaces.includes(one.space) ? [one.type] : [])),
    ),
  ];
  const own = types('own', 'own-or-other');
  const all = own.length > 0 ? own : types('close');
  return all.length > 0 ? all : [undefined];
}

/** Escapes of JSON and character references of XML that stand for characters of base64, and what breaks its lines. */
function unescaped(value: string): string {
  return value
    .replace(/\\u([0-9a-f]{4})|&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));/gi, (_, json, hex, decimal) =>
      String.fromCharCode(decimal === undefined ? Number.parseInt(String(json ?? hex), 16) : Number(decimal)),
    )
    .replace(/\\[nrt]/g, ' ')
    .replaceAll('\\', '');
}
