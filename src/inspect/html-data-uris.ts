import { unescapeCss } from './html-style.js';

/** Addresses of one document that are read. */
export const MAX_DATA_URIS = 1000;

/** Browsers pass over line ends and tabs in addresses, and over blanks before them (WHATWG URL 4.4). */
const DATA = /^[\0-\x20]*d[\t\n\r]*a[\t\n\r]*t[\t\n\r]*a[\t\n\r]*:/i;
/** In style sheets: up to the quotation mark, or else the parenthesis or blank. */
const IN_STYLE = /(?:"\s*(data:[^"]*)"|'\s*(data:[^']*)'|(?<=\(\s{0,20})(data:[^\s)]*))/gi;

/** The `data:` addresses (RFC 2397) that an attribute of HTML holds. */
export function dataUrisOf(key: string, value: string): readonly string[] {
  if (DATA.test(value)) {
    // Of several pictures, each is an address with a size behind it.
    return key === 'srcset' ? ofPictures(value) : [value.replace(/[\t\n\r]/g, '').trim()];
  }
  if (key === 'srcset') return ofPictures(value);
  if (key === 'content') return ofRefresh(value);
  return key === 'style' ? dataUrisInStyle(value) : [];
}

/** Where a page goes on to by itself, with or without the mark before it (HTML 4.2.5.3). */
const REFRESH = /^[\0-\x20\d.;,]{0,40}(?:url[\0-\x20]{0,9}=)?[\0-\x20"']{0,20}/i;

function ofRefresh(value: string): readonly string[] {
  const address = value.replace(REFRESH, '');
  return DATA.test(address) ? [address.replace(/[\t\n\r]/g, '').trim()] : [];
}

function ofPictures(srcset: string): readonly string[] {
  return srcset.split(/\s+/).filter((one) => DATA.test(one));
}

/** Those in style sheets: pictures, mostly. */
export function dataUrisInStyle(css: string): readonly string[] {
  if (!/data:/i.test(css) && !css.includes('\\')) return [];
  return [...unescapeCss(css).matchAll(IN_STYLE)].map(([, one, other, bare]) => one ?? other ?? bare ?? '');
}

/** In text that is no markup: with a type or a parameter, up to what can't be in an address. */
const IN_TEXT =
  /\bdata:(?:[\w.+-]{1,60}\/[\w.+-]{1,80}(?:;[^,\s"'<>]{0,150})?|;[^,\s"'<>]{1,150}),[^\s"'<>()]+/gi;

/** What a program broke over lines goes on in one as long, and ends with its padding or the mark around it. */
const NEXT_LINE =
  /[ \t]*\r?\n[ \t>]*((?:[A-Za-z0-9+/]{40,}={0,2}|[A-Za-z0-9+/]+={1,2})(?=[\s"'<>()]|$)|[A-Za-z0-9+/]+(?=["'<>)]))/y;
const OF_BASE64 = /;base64,/i;
const MAY_GO_ON = /[A-Za-z0-9+/]/;

/**
 * Those in other texts, as programs show them that know Markdown, and those that show the values of JSON; in base64 over
 * several lines, because what is cut short would count as damaged.
 */
export function dataUrisInText(text: string): readonly string[] {
  if (!namesData(text)) return [];
  return [...text.matchAll(IN_TEXT)].map(({ index, 0: address }) => {
    if (!OF_BASE64.test(address) || !MAY_GO_ON.test(address.slice(-1))) return address;
    const pieces = [address];
    NEXT_LINE.lastIndex = index + address.length;
    for (let next = NEXT_LINE.exec(text); next !== null; next = NEXT_LINE.exec(text)) {
      pieces.push(next[1] ?? '');
      if (next[1]?.endsWith('=') === true) break;
    }
    return pieces.join('');
  });
}

/** Whether a text has `data:`, in any case: looks in front of each colon, which takes a fifth of the time of a pattern. */
function namesData(text: string): boolean {
  for (let at = text.indexOf(':', 4); at !== -1; at = text.indexOf(':', at + 1)) {
    const before = text.charCodeAt(at - 1);
    if ((before === 0x61 || before === 0x41) && text.slice(at - 4, at).toLowerCase() === 'data') return true;
  }
  return false;
}
