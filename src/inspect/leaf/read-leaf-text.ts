import { base64Documents, base64Texts, firstRun, MAX_DOCUMENTS } from '../base64-runs.js';
import type { LeafSeal } from '../existing-protection.js';
import { isPlainText } from '../four-bytes.js';
import type { LeafText } from '../leaf-text.js';
import { material, type Oddity } from '../oddity.js';
import { readPgpText } from '../pgp-text.js';
import type { EmbeddedContent, LeafContent } from './content.js';
import { addEmbedded, type Found, foundWithin, newFound } from './found.js';
import { addFurther } from './further-readings.js';
import { addMarkup, LOOKS_LIKE_MARKUP } from './markup.js';
import { readSources } from './sources.js';

const MARKUP =
  /^(?:text\/(?:html|xml|enriched|richtext|x-html|sgml)|application\/(?:xml|xhtml\+xml)|.*\+xml)$/;
/** Its source is shown nowhere. */
const HTML = /^(?:text\/html|text\/x-html|application\/xhtml\+xml)$/;
/** Any tag: a file needs no more to be shown as HTML. */
const HAS_TAGS = /<[a-z][a-z0-9:-]{0,40}[\s/>]/i;
const DEFINES_ENTITIES = /<!ENTITY\s/;
const CONTROL = /[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/;

/** What the text of a leaf was read as. */
export interface TextReading {
  readonly texts: readonly LeafText[];
  readonly oddities: readonly Oddity[];
  readonly embedded: readonly EmbeddedContent[];
  /** It holds a block of PGP: encrypted, or signed or compressed in a way that isn't read here. */
  readonly unread: 'encrypted' | 'unsupported' | undefined;
  /** The sender's protection, where it covers the whole leaf. */
  readonly seal: LeafSeal | undefined;
  /** More is embedded than was taken. */
  readonly tooMuch: boolean;
  /** Whether at least one reading is free of control characters, as binary content never is. */
  readonly isPlausible: () => boolean;
}

/**
 * Reads bytes as the text of a leaf, whatever they are.
 * @param isPlain they are nothing but printable ASCII with tabs and line ends (`isPlainText`)
 */
export function readLeafText(bytes: Buffer, leaf: LeafContent, isPlain = isPlainText(bytes)): TextReading {
  const found = newFound(bytes, readInner);
  const sources = readInto(bytes, leaf, found, isPlain);
  const { texts, oddities, embedded, tooMuch, unread, wholePgp } = found;
  const seal: LeafSeal | undefined =
    wholePgp !== undefined && sources.length === 1 ? { standard: 'pgp', state: wholePgp } : undefined;
  const isPlausible = () => sources.some((source) => !CONTROL.test(source));
  return { texts, oddities, embedded, tooMuch, unread, seal, isPlausible };
}

/** Reads text that stands within another. */
function readInner(content: LeafContent, within: Found): void {
  const inner = foundWithin(within);
  readInto(content.bytes, content, inner, isPlainText(content.bytes));
  for (const { text } of inner.texts) within.texts.push({ view: 'html-attributes', text });
  for (const one of inner.embedded) addEmbedded(one, within);
  within.oddities.push(...inner.oddities);
  if (inner.tooMuch) within.tooMuch = true;
  if (inner.unread !== undefined) noteUnread(inner.unread, within);
}

/** @returns the texts that the bytes could be */
function readInto(bytes: Buffer, leaf: LeafContent, found: Found, isPlain: boolean): readonly string[] {
  const markup = MARKUP.test(leaf.mediaType);
  const sources = readSources(bytes, leaf, markup);
  found.oddities.push(...sources.oddities);
  const tags = leaf.isFile === true ? HAS_TAGS : LOOKS_LIKE_MARKUP;
  const plainText = isPlain ? bytes.toString('latin1') : undefined;
  for (const source of sources.texts) {
    readPgp(source, found);
    const hasBase64 = readRuns(source, found);
    // Whoever expands entities that a document defines reads what nobody else does (XML 1.0, 4.4).
    if (DEFINES_ENTITIES.test(source) && (markup || source.trimStart().startsWith('<'))) {
      found.oddities.push(material('xml-entities'));
    }
    if (markup || (source.includes('<') && tags.test(source))) addMarkup(source, leaf.mediaType, found);
    if (HTML.test(leaf.mediaType)) continue;
    const plain = source === plainText ? { hasBase64 } : undefined;
    found.texts.push({ view: 'text', text: source, plain });
    addFurther(source, leaf, found);
  }
  return sources.texts;
}

function readPgp(source: string, found: Found): void {
  const pgp = readPgpText(source);
  if (pgp.messages.length > 0) {
    // Signed or compressed only, or with more behind the encrypted data: everybody can read it, but it isn't read here.
    const open = pgp.messages.every((kind) => kind === 'open') || pgp.messages.includes('mixed');
    noteUnread(open ? 'unsupported' : 'encrypted', found);
  }
  if (pgp.whole !== undefined) found.wholePgp = pgp.whole;
  for (const text of pgp.cleartexts) found.texts.push({ view: 'pgp-cleartext', text });
}

/** What is encrypted can't be read by anybody in between, so that says more. */
function noteUnread(unread: 'encrypted' | 'unsupported', found: Found): void {
  if (found.unread !== 'encrypted') found.unread = unread;
}

/** Documents and pages in base64. @returns whether there is any base64 */
function readRuns(source: string, found: Found): boolean {
  const run = firstRun(source);
  const documents = base64Documents(source, run);
  for (const bytes of documents) addEmbedded({ mediaType: '', bytes }, found);
  if (documents.length > MAX_DOCUMENTS) found.tooMuch = true;
  if (run === -1) return false;
  const page = base64Texts(source);
  if (page !== '' && LOOKS_LIKE_MARKUP.test(page)) addMarkup(page, 'text/html', found);
  return true;
}
