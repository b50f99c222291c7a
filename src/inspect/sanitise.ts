import sanitizeHtml from 'sanitize-html';
import { boundHtml } from './html-bounds.js';

const IMAGE_DATA = /^data:image\/(?:png|jpe?g|gif|webp|bmp);base64,[A-Za-z0-9+/=\s]+$/i;
const COLOUR = /^(?:#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([\d\s,.%]{5,40}\))$/i;
const LENGTH = /^-?\d{1,4}(?:\.\d{1,3})?(?:px|pt|em|rem|%)?$/;
const LENGTHS = /^(?:\d{1,4}(?:\.\d{1,3})?(?:px|pt|em|rem|%)?(?:\s+|$)){1,4}$/;
const WORD = /^[a-z-]{1,24}$/i;
const LANDMARKS = ['main', 'header', 'footer', 'nav', 'aside', 'section', 'article'] as const;
/** Elements nested deeper are dropped, not shown: neither people nor browsers need more. */
const NESTING = 200;

/**
 * HTML from mail as it may be shown inside a sandboxed frame: a list of harmless elements, attributes and styles.
 * Nothing that runs, submits, loads from elsewhere or covers the page.
 * @throws HtmlTooComplex as soon as there is more of anything than people write: it takes about a second at most
 */
export function sanitiseHtml(html: string): string {
  const count = boundHtml(html);
  return sanitizeHtml(html, {
    onOpenTag: (_name, attributes) => count.opened(attributes),
    onCloseTag: () => count.closed(),
    textFilter: (text) => {
      count.text();
      return text;
    },
    allowedTags: (
      'a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl ' +
      'dt em figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp ' +
      'small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var wbr'
    ).split(' '),
    allowedAttributes: {
      '*': ['style', 'align', 'valign', 'dir', 'lang', 'title', 'bgcolor'],
      a: ['href', 'rel', 'target'],
      img: ['src', 'alt', 'width', 'height'],
      font: ['color', 'size', 'face'],
      table: ['border', 'cellpadding', 'cellspacing', 'width'],
      td: ['colspan', 'rowspan', 'width', 'height'],
      th: ['colspan', 'rowspan', 'width', 'height', 'scope'],
      ol: ['start', 'type'],
      col: ['span', 'width'],
    },
    allowedStyles: {
      '*': {
        color: [COLOUR],
        'background-color': [COLOUR],
        'text-align': [WORD],
        'vertical-align': [WORD],
        'text-decoration': [WORD],
        'font-weight': [/^(?:[a-z]{4,7}|[1-9]00)$/i],
        'font-style': [WORD],
        'font-size': [LENGTH, WORD],
        'font-family': [/^[\w\s,'"-]{1,200}$/],
        'line-height': [LENGTH, WORD],
        'white-space': [WORD],
        width: [LENGTH],
        margin: [LENGTHS],
        padding: [LENGTHS],
        'border-collapse': [WORD],
        border: [/^\d{1,2}(?:px|pt)?\s+[a-z]{4,6}\s+(?:#[0-9a-f]{3,8}|[a-z]{3,20})$/i],
      },
    },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    disallowedTagsMode: 'discard',
    nestingLimit: NESTING,
    enforceHtmlBoundary: false,
    transformTags: {
      // Regions of a page are the portal's own: whoever moves from one to the next must not land in a mail.
      ...Object.fromEntries(LANDMARKS.map((tag) => [tag, 'div'])),
      a: (_tag, given) => ({
        tagName: 'a',
        attribs: {
          ...(isLink(given.href) ? { href: given.href } : {}),
          ...(given.title === undefined ? {} : { title: given.title }),
          rel: 'noopener noreferrer',
          target: '_blank',
        },
      }),
      img: (_tag, given) => {
        const { src, alt, ...others } = given;
        const picture = src !== undefined && IMAGE_DATA.test(src) ? { src } : {};
        // Without any words in its place, a screen reader would read the data aloud.
        return { tagName: 'img', attribs: { ...others, ...picture, alt: alt ?? '' } };
      },
    },
    exclusiveFilter: (frame) => frame.tag === 'img' && frame.attribs.src === undefined,
  });
}

function isLink(href: string | undefined): href is string {
  return href !== undefined && /^(?:https?:\/\/|mailto:)/i.test(href.trim());
}
