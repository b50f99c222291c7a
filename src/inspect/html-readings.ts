import { besideReading } from './html-beside.js';
import { asOutlookReads } from './html-conditions.js';
import { type Elements, elementsReader } from './html-elements.js';
import { foldedHtml } from './html-folded.js';
import { generatesUnread } from './html-generated.js';
import { placedReadings } from './html-layout.js';
import type { SheetSources } from './html-sheet-sources.js';
import { documentStyles } from './html-sheets.js';
import { styledReadings } from './html-styled.js';
import { type HtmlTexts, htmlTexts } from './html-text.js';
import { readTokens } from './html-tokens.js';
import type { LeafText } from './leaf-text.js';
import { harmless, material, type Oddity, OUTSIDE_STYLE } from './oddity.js';

/** A document in all the ways in which programs show it. */
export interface MarkupReading {
  readonly texts: readonly LeafText[];
  readonly oddities: readonly Oddity[];
  /** `data:` URIs, whole. */
  readonly dataUris: readonly string[];
}

/** A template that is shown in the place of what its element holds (HTML, 4.12.3). */
const SHADOW = /<template\s[^>]{0,1000}shadowroot/i;
/** Elements whose tags some programs show as text and others heed. */
const RAW_TAGS = /<(?:plaintext|xmp|listing|noembed|noframes|iframe|textarea)\b/i;
const RAW_TAG = /<(\/?)(?:plaintext|xmp|listing|noembed|noframes|iframe|textarea)\b/gi;

/** Characters up to which text and elements are gathered at once: of more, both might be too much for memory. */
const MOST_TOGETHER = 2 * 1024 * 1024;

/** Reads HTML, whole or a piece of it, well-formed or not. Linear in its length. */
export function readHtml(source: string): MarkupReading {
  const styles = documentStyles(source);
  const gathered = elementsReader(source);
  const together = source.length <= MOST_TOGETHER;
  const html = htmlTexts(source, { styles, ...(together && { beside: gathered.reader }) });
  const texts: LeafText[] = [{ view: 'html', text: html.visible }];
  const add = (view: string, text: string) => {
    if (text !== '') texts.push({ view, text });
  };
  addCommon(html, add);
  if (html.assumed) {
    const bare = htmlTexts(source, { styles, unassuming: true });
    add('html-unstyled', bare.visible);
    add('html-unstyled', bare.all);
  }
  if (html.breaksHidden) add('html-placed', htmlTexts(source, { styles, joinsLines: true }).visible);
  // In HTML there are no such sections, and browsers show what follows the first `>` (but not within SVG).
  if (source.includes('<![CDATA[')) {
    const shown = htmlTexts(source.replaceAll('<![CDATA[', '<!CDATA['));
    add('html', shown.visible);
    add('html-all', shown.all);
  }
  if (RAW_TAGS.test(source)) {
    const shown = htmlTexts(source.replace(RAW_TAG, '<$1raw-text'));
    add('html', shown.visible);
    add('html-hidden', shown.hidden);
  }
  const outlook = asOutlookReads(source);
  if (outlook !== undefined) add('html-outlook', htmlTexts(outlook).visible);
  const folded = foldedHtml(source);
  if (folded !== undefined) add('html-folded', htmlTexts(folded).visible);
  if (!together) readTokens(source, false, [gathered.reader]);
  const elements = gathered.finish();
  const full = elements.pieces.map((piece) => piece.text).join('');
  const styled = styledReadings(source, elements, full);
  for (const text of styled.texts) add('html-unstyled', text);
  const placed = placedReadings(source, elements, full, styles);
  for (const text of placed.texts) add('html-placed', text);
  add('html-placed', besideReading(elements.elements, full, styles));
  return {
    texts,
    oddities: [
      ...tooMuch(html),
      ...(styled.withinNumber ? [material('styled-within-number')] : []),
      ...(placed.withinNumber ? [material('placed-within-number')] : []),
      ...(styles.clashes() || SHADOW.test(source) || generatesUnread(source, styles.sources.sheets)
        ? [material('generated-content')]
        : []),
      ...sheetOddities(source, styles.sources),
    ],
    dataUris: html.dataUris,
  };
}

/** Reads XML as text: every element breaks the line, and no style is known. */
export function readXml(source: string): MarkupReading {
  const drawing = /<svg\b/i.test(source) ? elementsReader(source) : undefined;
  const xml = htmlTexts(source, { xml: true, ...(drawing && { beside: drawing.reader }) });
  const texts: LeafText[] = [{ view: 'xml', text: xml.visible }];
  if (drawing !== undefined) texts.push(...placedIn(drawing.finish(), source));
  addCommon(xml, (view, text) => texts.push({ view, text }));
  return { texts, oddities: tooMuch(xml), dataUris: xml.dataUris };
}

/** Pieces of a drawing in the order of their places. */
function placedIn(elements: Elements, source: string): readonly LeafText[] {
  const full = elements.pieces.map((piece) => piece.text).join('');
  const { texts } = placedReadings(source, elements, full, documentStyles(source));
  return texts.map((text) => ({ view: 'html-placed', text }));
}

function addCommon(html: HtmlTexts, add: (view: string, text: string) => void): void {
  add('html-hidden', html.hidden);
  add('html-all', html.all);
  add('html-alternatives', html.alternatives);
  add('html-attributes', html.attributes);
  add('table', html.table);
  if (html.comments === '') return;
  add('html-comments', html.comments);
  const within = htmlTexts(html.comments);
  add('html-comments', within.visible);
  add('html-comments', within.hidden);
}

function tooMuch(html: HtmlTexts): readonly Oddity[] {
  return [
    ...(html.cut ? [material('too-much-generated')] : []),
    ...(html.styleCut ? [material('too-much-style')] : []),
  ];
}

function sheetOddities(source: string, { outside }: SheetSources): readonly Oddity[] {
  if (outside === 'none' || !/@import|stylesheet/i.test(source)) return [];
  return [outside === 'in-mail' ? material(OUTSIDE_STYLE) : harmless(OUTSIDE_STYLE)];
}
