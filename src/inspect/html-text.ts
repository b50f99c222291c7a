import { Tokenizer } from 'htmlparser2';
import { percentBytes } from './percent.js';
import { type TableWriter, tableWriter } from './table-text.js';

/** The texts of an HTML document, each a reading of its own. Empty where there is nothing of the kind. */
export interface HtmlTexts {
  /** What a reader shows: inline tags and comments don't break words, block tags break lines. */
  readonly visible: string;
  /** Text in elements that are not shown. */
  readonly hidden: string;
  /** Visible and hidden text in place, as a reader without style sheets has it. Empty when nothing is hidden. */
  readonly all: string;
  /** Attribute values that hold text, one a line. */
  readonly attributes: string;
  /** The source of comments, which some readers interpret. */
  readonly comments: string;
  /** Cells joined with the headers of their columns. */
  readonly table: string;
  /** `data:` URIs, whole. */
  readonly dataUris: readonly string[];
}

/** Tags that break the line; all others, unknown ones too, stand within it. In XML every element breaks. */
export const BLOCK: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote body br caption center col colgroup datalist dd details dialog dir div dl dt ' +
    'fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html iframe legend ' +
    'li link listing main map menu meta nav noframes noscript object ol optgroup option p plaintext pre search section ' +
    'select summary table tbody template textarea tfoot thead title tr ul xmp'
  ).split(' '),
);
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
/** Their content isn't shown as text, though it is in the message. */
const NOT_SHOWN = new Set('script style template title datalist'.split(' '));
const PREFORMATTED = new Set(['pre', 'textarea', 'xmp', 'listing', 'plaintext']);
/** Attributes that only lay out or identify. */
const NOISE =
  /^(?:class|id|style|width|height|color|bgcolor|face|size|align|valign|border|cell(?:padding|spacing)|(?:col|row)span|xmlns.*|lang|xml:.*|dir|rel|target|type|http-equiv|charset|role|tabindex|media|v:.*|o:.*|on\w+|nowrap|hspace|vspace|clear|start|method|enctype|loading|srcset|sizes)$/;
const URLS = new Set(['href', 'src', 'action', 'background', 'cite', 'longdesc', 'poster', 'formaction']);
const HIDING_STYLE =
  /display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0*(?:\.0*)?(?:[;\s!]|$|px|pt|em|rem|%)|opacity\s*:\s*0*(?:\.0*)?(?:[;\s!]|$)|mso-hide\s*:\s*all|(?:max-)?(?:height|width)\s*:\s*0*(?:px|pt)?\s*(?:[;!]|$)|text-indent\s*:\s*-\d{3,}/i;
const MAX_TABLE_DEPTH = 32;
const MAX_COLSPAN = 50;
const MAX_DATA_URIS = 1000;

interface OpenTable {
  readonly writer: TableWriter;
  row: string[] | undefined;
  cell: string[] | undefined;
  span: number;
}

/**
 * Reads HTML with htmlparser2's tokenizer alone: no tree and no stack of open elements, so the time is linear in the
 * length whatever the nesting. Malformed HTML is read like any other.
 */
export function htmlTexts(html: string, options: { readonly xml?: boolean } = {}): HtmlTexts {
  const visible: string[] = [];
  const hidden: string[] = [];
  const all: string[] = [];
  const attributes: string[] = [];
  const comments: string[] = [];
  const tables: OpenTable[] = [];
  const tableTexts: string[] = [];
  const dataUris: string[] = [];
  let tag = '';
  let attributeName = '';
  let attributeValue = '';
  let tagAttributes = new Map<string, string>();
  /** The element that hides what is within, and how many of its name are open. */
  let hider = '';
  let hiderDepth = 0;
  let preformatted = 0;
  const tableLimit = 2 * html.length + 65_536;

  const emit = (text: string) => {
    if (text === '') return;
    all.push(text);
    (hiderDepth > 0 ? hidden : visible).push(text);
    tables.at(-1)?.cell?.push(text);
  };
  const text = (raw: string) => emit(preformatted > 0 ? raw : raw.replace(/[ \t\r\n\f]+/g, ' '));
  const closeCell = (table: OpenTable | undefined) => {
    if (table?.cell === undefined) return;
    table.row ??= [];
    table.row.push(table.cell.join('').replace(/\s+/g, ' '));
    for (let i = 1; i < table.span; i++) table.row.push('');
    table.cell = undefined;
    table.span = 1;
  };
  const closeRow = (table: OpenTable | undefined) => {
    closeCell(table);
    if (table?.row !== undefined) table.writer.row(table.row);
    if (table !== undefined) table.row = undefined;
  };
  const closeTable = () => {
    const table = tables.pop();
    closeRow(table);
    const joined = table?.writer.text() ?? '';
    if (joined !== '') tableTexts.push(joined);
    tables.at(-1)?.cell?.push(joined === '' ? ' ' : `\n${joined}\n`);
  };
  const layOut = (name: string, opening: boolean) => {
    if (name === 'td' || name === 'th') emitBreak('\t');
    else if (BLOCK.has(name) || options.xml === true) emitBreak('\n');
    if (name === 'table') {
      if (opening && tables.length < MAX_TABLE_DEPTH) {
        tables.push({ writer: tableWriter(tableLimit), row: undefined, cell: undefined, span: 1 });
      } else if (!opening && tables.length > 0) closeTable();
      return;
    }
    const table = tables.at(-1);
    if (name === 'tr') closeRow(table);
    if (name === 'td' || name === 'th') {
      closeCell(table);
      if (opening && table !== undefined) {
        table.cell = [];
        table.span = Math.min(
          MAX_COLSPAN,
          Math.max(1, Number.parseInt(tagAttributes.get('colspan') ?? '1', 10) || 1),
        );
      }
    }
  };
  const emitBreak = (separator: string) => {
    all.push(separator);
    (hiderDepth > 0 ? hidden : visible).push(separator);
    tables.at(-1)?.cell?.push(' ');
  };
  const open = (selfClosing: boolean) => {
    const name = tag;
    const empty = selfClosing || (VOID.has(name) && options.xml !== true);
    layOut(name, true);
    if (!empty) {
      if (hiderDepth > 0) {
        if (name === hider) hiderDepth += 1;
      } else if (options.xml !== true && hides(name, tagAttributes)) {
        hider = name;
        hiderDepth = 1;
      }
      if (PREFORMATTED.has(name)) preformatted += 1;
    }
    for (const [key, value] of tagAttributes) readAttribute(name, key, value);
    tagAttributes = new Map();
  };
  const readAttribute = (element: string, key: string, value: string) => {
    const trimmed = value.trim();
    if (trimmed === '') return;
    if (/^data:/i.test(trimmed)) {
      if (dataUris.length < MAX_DATA_URIS) dataUris.push(trimmed);
    } else if (URLS.has(key)) attributes.push(urlText(trimmed));
    else if (!NOISE.test(key) && !(element === 'meta' && key === 'name')) attributes.push(trimmed);
  };

  const tokenizer = new Tokenizer(
    { xmlMode: options.xml === true, decodeEntities: true },
    {
      onopentagname(start, end) {
        tag = html.slice(start, end).toLowerCase();
        tagAttributes = new Map();
      },
      onopentagend: () => open(false),
      onselfclosingtag: () => open(true),
      onclosetag(start, end) {
        const name = html.slice(start, end).toLowerCase();
        layOut(name, false);
        if (hiderDepth > 0 && name === hider) hiderDepth -= 1;
        if (PREFORMATTED.has(name) && preformatted > 0) preformatted -= 1;
      },
      onattribname(start, end) {
        attributeName = html.slice(start, end).toLowerCase();
        attributeValue = '';
      },
      onattribdata(start, end) {
        attributeValue += html.slice(start, end);
      },
      onattribentity(point) {
        attributeValue += String.fromCodePoint(point);
      },
      onattribend() {
        if (!tagAttributes.has(attributeName)) tagAttributes.set(attributeName, attributeValue);
        else if (attributeValue.trim() !== '') attributes.push(attributeValue.trim());
      },
      ontext: (start, end) => text(html.slice(start, end)),
      ontextentity: (point) => text(String.fromCodePoint(point)),
      oncdata: (start, end, offset) => text(html.slice(start, end - offset)),
      oncomment: (start, end, offset) => comments.push(html.slice(start, end - offset)),
      ondeclaration: (start, end) => comments.push(html.slice(start, end)),
      onprocessinginstruction: (start, end) => comments.push(html.slice(start, end)),
      onend: () => undefined,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  while (tables.length > 0) closeTable();
  return {
    visible: visible.join(''),
    hidden: hidden.join('').trim(),
    all: hidden.length > 0 ? all.join('') : '',
    attributes: attributes.filter((line) => line !== '').join('\n'),
    comments: comments.join('\n').trim(),
    table: tableTexts.join('\n'),
    dataUris,
  };
}

function hides(name: string, attributes: ReadonlyMap<string, string>): boolean {
  if (NOT_SHOWN.has(name) || attributes.has('hidden')) return true;
  if (attributes.get('aria-hidden')?.toLowerCase() === 'true') return true;
  if (attributes.get('size') === '0' && name === 'font') return true;
  const style = attributes.get('style');
  return style !== undefined && HIDING_STYLE.test(style.slice(0, 4096).replace(/\/\*.*?\*\//g, ''));
}

/** What a URL tells: its query and fragment, and all of a `mailto:` or `tel:`; paths are mostly machine-made. */
function urlText(url: string): string {
  const cut = /^(?:mailto|tel|sms|callto):/i.test(url) ? 0 : url.search(/[?#]/);
  if (cut < 0) return '';
  const text = url
    .slice(cut)
    .replace(/[+]/g, ' ')
    .replace(/[&?#;]/g, '\n')
    .replaceAll('=', ': ');
  return percentBytes(text).toString('utf8');
}
