import { QuoteType, Tokenizer } from 'htmlparser2';
import { decode, decodeUtf8 } from '../../charset.js';
import { CorruptDocument } from './findings.js';

/** Attributes of one element by their whole names; names are as written, with prefix. */
export type XmlAttributes = ReadonlyMap<string, string>;

/** Gets local names: prefixes are the writer's choice, and strict and transitional namespaces hold the same. */
export interface XmlHandler {
  open(name: string, attributes: XmlAttributes): void;
  close(name: string): void;
  /** Character data; one text can come in several pieces. */
  text(text: string): void;
}

export interface XmlReading {
  /** False where a reader of XML would stop or mend: what it then shows isn't known. */
  readonly wellFormed: boolean;
  /** No entity of a document type is ever expanded. */
  readonly doctype: 'none' | 'plain' | 'internal-subset';
}

const MAX_DEPTH = 5000;

/**
 * Reads XML with htmlparser2's tokenizer: no tree, no entities but those of XML itself, time linear in the length.
 * @throws CorruptDocument where elements are nested beyond reason
 */
export function readXml(xml: string, handler: XmlHandler): XmlReading {
  const open: string[] = [];
  let wellFormed = true;
  let doctype: XmlReading['doctype'] = 'none';
  let roots = 0;
  let tag = '';
  let attributes = new Map<string, string>();
  let attributeName = '';
  let attributeValue = '';
  const opened = (closed: boolean) => {
    if (open.length === 0) roots += 1;
    const name = localName(tag);
    handler.open(name, attributes);
    if (closed) handler.close(name);
    else {
      open.push(tag);
      if (open.length > MAX_DEPTH) throw new CorruptDocument('XML is nested too deeply');
    }
  };
  const text = (piece: string) => {
    if (open.length > 0) handler.text(piece);
    else if (piece.trim() !== '') wellFormed = false;
  };
  const tokenizer = new Tokenizer(
    { xmlMode: true, decodeEntities: true },
    {
      onopentagname(start, end) {
        tag = xml.slice(start, end);
        attributes = new Map();
      },
      onopentagend: () => opened(false),
      onselfclosingtag: () => opened(true),
      onclosetag(start, end) {
        const name = xml.slice(start, end);
        if (open.at(-1) === name) open.pop();
        else wellFormed = false;
        handler.close(localName(name));
      },
      onattribname(start, end) {
        attributeName = xml.slice(start, end);
        attributeValue = '';
      },
      onattribdata(start, end) {
        attributeValue += xml.slice(start, end);
      },
      onattribentity(point) {
        attributeValue += String.fromCodePoint(point);
      },
      onattribend(quote) {
        const isNew = !attributes.has(attributeName);
        if (!isNew || quote === QuoteType.Unquoted || quote === QuoteType.NoValue) wellFormed = false;
        attributes.set(isNew ? attributeName : `${attributeName}#${attributes.size}`, attributeValue);
      },
      ontext: (start, end) => text(xml.slice(start, end)),
      ontextentity: (point) => text(String.fromCodePoint(point)),
      oncdata: (start, end, offset) => text(xml.slice(start, end - offset)),
      oncomment: () => undefined,
      ondeclaration(start, end) {
        const declaration = xml.slice(start, end);
        if (!/^!?doctype/i.test(declaration)) wellFormed = false;
        else doctype = declaration.includes('[') ? 'internal-subset' : 'plain';
      },
      onprocessinginstruction: () => undefined,
      onend: () => undefined,
    },
  );
  tokenizer.write(xml);
  tokenizer.end();
  return { wellFormed: wellFormed && open.length === 0 && roots === 1, doctype };
}

export function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

/** The value of an attribute by its local name; one with a prefix comes first. */
export function attribute(attributes: XmlAttributes, local: string): string | undefined {
  for (const [name, value] of attributes) {
    if (name.length > local.length && name.endsWith(local) && name[name.length - local.length - 1] === ':')
      return value;
  }
  return attributes.get(local);
}

/** Whether an attribute of XML Schema's boolean type, or an element that stands for one, is on; absent means on. */
export function isOn(value: string | undefined): boolean {
  return value === undefined || !/^\s*(?:0|false|off)\s*$/i.test(value);
}

/**
 * The text of an XML file: by its mark, by the zeros of UTF-16, or as it declares (XML 1.0 appendix F). Undefined
 * where the bytes aren't that.
 */
export function xmlText(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 4).toString('latin1');
  if (head.startsWith('\xef\xbb\xbf')) return decodeUtf8(bytes.subarray(3));
  if (head.startsWith('\xff\xfe') || head.startsWith('<\0')) return utf16(bytes, 'utf-16le');
  if (head.startsWith('\xfe\xff') || head.startsWith('\0<')) return utf16(bytes, 'utf-16be');
  const declared = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']/.exec(
    bytes.toString('latin1', 0, 256),
  )?.[1];
  // Some programs declare UTF-16 and write UTF-8; without zeros it can't be what is declared.
  if (declared === undefined || /^utf-?(?:8|16)$/i.test(declared)) return decodeUtf8(bytes);
  // Sets in which the bytes of `<` can mean something else let two readers see two documents.
  if (!/^(?:us-ascii|ascii|iso-8859-\d+|windows-125\d|latin1|koi8-[ru])$/i.test(declared)) return undefined;
  return decode(bytes, declared);
}

function utf16(bytes: Buffer, label: 'utf-16le' | 'utf-16be'): string | undefined {
  return bytes.length % 2 === 0 ? new TextDecoder(label).decode(bytes) : undefined;
}

/** Whether the bytes begin like XML in one of the encodings above. */
export function looksLikeXml(bytes: Buffer): boolean {
  const head = bytes.subarray(0, 64).toString('latin1').replaceAll('\0', '');
  return /^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<[?!A-Za-z_]/.test(head);
}

/** What may stand before the root element, with what ends it (XML 1.0, 2.8). */
const PROLOG: readonly (readonly [string, string])[] = [
  ['<!--', '-->'],
  ['<?', '?>'],
  ['<!', '>'],
];

/** The local name of the root element, as far as that can be told without reading all. */
export function rootName(xml: string): string {
  let at = 0;
  for (;;) {
    at += /^[\s\ufeff]*/.exec(xml.slice(at))?.[0].length ?? 0;
    const known = PROLOG.find(([begin]) => xml.startsWith(begin, at));
    if (known === undefined) break;
    const end = xml.indexOf(known[1], at + known[0].length);
    if (end < 0) return '';
    at = end + known[1].length;
  }
  return localName(/^<([^\s/>]{1,200})/.exec(xml.slice(at, at + 256))?.[1] ?? '');
}
