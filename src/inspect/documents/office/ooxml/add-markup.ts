import { CHANNELS } from '../channels.js';
import type { Findings } from '../findings.js';
import { labelledTexts } from '../labelled-text.js';
import { noteXml } from '../xml-part.js';
import { markupTexts } from './markup-text.js';
import { NO_NUMBERING, type Numbering } from './numbering.js';
import type { XmlPart } from './parts.js';

/** Under which view the text of a part goes, by its root element. */
const VIEWS: Readonly<Record<string, string>> = {
  document: 'text',
  glossaryDocument: 'text',
  hdr: 'headers',
  ftr: 'headers',
  footnotes: 'notes',
  endnotes: 'notes',
  notes: 'notes',
  comments: 'comments',
  cmLst: 'comments',
  ThreadedComments: 'comments',
  sld: 'text',
  sldLayout: 'masters',
  sldMaster: 'masters',
  notesMaster: 'masters',
  handoutMaster: 'masters',
};
/** Markup of word processing; blanks at the ends of its texts only count where that is said. */
const TRIMS: ReadonlySet<string> = new Set([
  'document',
  'glossaryDocument',
  'hdr',
  'ftr',
  'footnotes',
  'endnotes',
  'comments',
]);
/** Parts that only say how things look. */
const LOOKS: ReadonlySet<string> = new Set([
  'theme',
  'fonts',
  'webSettings',
  'styles',
  'tableStyles',
  'Types',
]);

/**
 * Reads one part by its root element.
 * @param styles whose text is hidden
 * @param hidden the whole part isn't shown
 * @throws TooLarge
 */
export function addMarkup(
  part: XmlPart,
  styles: ReadonlySet<string>,
  found: Findings,
  hidden = false,
  numbering: Numbering = NO_NUMBERING,
): void {
  if (
    /^(?:docprops|customxml)\//.test(part.name) ||
    part.root === 'coreProperties' ||
    part.root === 'Properties'
  ) {
    const { text, attributes, xml } = labelledTexts(part.xml);
    noteXml(xml, found);
    found.text('metadata', text);
    found.text('attributes', attributes);
    return;
  }
  const texts = markupTexts(part.xml, { styles, trims: TRIMS.has(part.root), numbering });
  // Office itself leaves tags open in the HTML within VML, and reads it so.
  if (part.root !== 'xml' || texts.xml.doctype !== 'none') noteXml(texts.xml, found);
  const view = hidden ? 'hidden' : (VIEWS[part.root] ?? 'other');
  for (const channel of CHANNELS) found.text(channel === 'visible' ? view : channel, texts[channel]);
  found.text('table', texts.table);
  found.text('fallback', texts.fallback);
  found.text('styled', texts.styled);
  found.text('numbered', texts.numbered);
  if (texts.tooManyStyles) found.oddity('styled-within-number');
  if (!LOOKS.has(part.root)) found.text('attributes', texts.attributes);
}
