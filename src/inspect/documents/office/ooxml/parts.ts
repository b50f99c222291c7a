import type { PackagePart } from '../package.js';
import { looksLikeXml, rootName, xmlText } from '../xml.js';

/** An XML part, called by its root element: names of parts are the writer's choice. */
export interface XmlPart {
  readonly name: string;
  readonly root: string;
  readonly xml: string;
}

export interface SortedParts {
  readonly xml: readonly XmlPart[];
  readonly binary: readonly PackagePart[];
  /** Parts that are meant to be XML and can't be decoded. */
  readonly broken: readonly PackagePart[];
  /** Files that are taken into a document, mostly pages. */
  readonly chunks: readonly PackagePart[];
}

/** Pictures and pages are for readers of their own. */
const NOT_MARKUP = /^(?:svg|html)$/i;

/** Parts of word processing, and whole documents as one XML file: they have the markup that is read here. */
const WORD =
  /^(?:document|glossaryDocument|hdr|ftr|footnotes|endnotes|comments|styles|numbering|settings|fonts|Relationships|package|wordDocument)$/;

/** @param chunkNames names of parts that are taken into a document, whatever they are */
export function sortParts(
  parts: readonly PackagePart[],
  chunkNames: ReadonlySet<string> = new Set(),
): SortedParts {
  const chunks: PackagePart[] = [];
  const xml: XmlPart[] = [];
  const binary: PackagePart[] = [];
  const broken: PackagePart[] = [];
  for (const part of parts) {
    const named = /\.(?:xml|rels|vml)$/.test(part.name);
    if (!named && !looksLikeXml(part.bytes)) {
      (chunkNames.has(part.name) ? chunks : binary).push(part);
      continue;
    }
    const text = xmlText(part.bytes);
    if (text === undefined) {
      (named ? broken : binary).push(part);
      continue;
    }
    const root = rootName(text);
    // An empty part has nothing to be read; a page declared as XML has.
    if (!named && (root === '' || NOT_MARKUP.test(root))) binary.push(part);
    else if (chunkNames.has(part.name) && !WORD.test(root)) chunks.push(part);
    else xml.push({ name: part.name, root, xml: text });
  }
  return { xml, binary, broken, chunks };
}
