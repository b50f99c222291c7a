import { percentBytes } from './percent.js';

/** The style sheets that a document brings with it. */
export interface SheetSources {
  /** Without comments. */
  readonly sheets: readonly string[];
  /** There are more of them, or longer ones, than were taken. */
  readonly cut: boolean;
  /** Sheets that are elsewhere: in the mail itself, or on a server, which most readers of mail never ask. */
  readonly outside: 'none' | 'remote' | 'in-mail';
}

const COMMENT = /\/\*[\s\S]*?(?:\*\/|$)/g;
/** Characters of all sheets together. */
const MAX_CSS = 256 * 1024;
const MAX_SHEETS = 100;
/** Of `link` elements in a document that has a sheet elsewhere. */
const MAX_LINKS = 1000;
const LINK = /^(?:[^<>"']|"[^"]*"|'[^']*')*/;
const MAX_LINK = 65_536;
const IMPORT = /@import\s+(?:url\(\s*)?(?:"([^"]*)"|'([^']*)'|([^"')\s;]{1,65536}))/gi;

/** Those in `style` elements and `data:` addresses (RFC 2397), in the order of the document. Linear in its length. */
export function sheetsOf(html: string): SheetSources {
  const sheets: string[] = [];
  let room = MAX_CSS;
  let cut = false;
  let outside: SheetSources['outside'] = 'none';
  const add = (css: string) => {
    if (sheets.length >= MAX_SHEETS || css.length > room) cut = true;
    if (sheets.length >= MAX_SHEETS || room <= 0) return;
    const sheet = css.slice(0, room).replace(COMMENT, '');
    room -= css.length;
    sheets.push(sheet);
    if (!/@import/i.test(sheet)) return;
    for (const [, one, two, three] of sheet.matchAll(IMPORT)) addAddress(one ?? two ?? three ?? '');
  };
  const addAddress = (address: string) => {
    const data = dataText(address.trim());
    if (data !== undefined) add(data);
    else if (/^(?:cid|mid):/i.test(address.trim())) outside = 'in-mail';
    else if (outside === 'none') outside = 'remote';
  };
  const begin = /<style/gi;
  const close = /<\/style/gi;
  while (begin.test(html)) {
    const start = html.indexOf('>', begin.lastIndex) + 1;
    if (start === 0) break;
    close.lastIndex = start;
    const end = close.exec(html)?.index ?? html.length;
    add(html.slice(start, end));
    if (room <= 0) break;
    begin.lastIndex = end;
  }
  const links = linksOf(html);
  if (links.length >= MAX_LINKS) cut = true;
  for (const link of links) {
    if (!/\brel\s*=\s*["']?[^"'>]{0,40}stylesheet/i.test(link)) continue;
    const found = /\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(link);
    addAddress(found?.[1] ?? found?.[2] ?? found?.[3] ?? '');
  }
  return { sheets, cut, outside };
}

function linksOf(html: string): readonly string[] {
  const links: string[] = [];
  const begin = /<link\b/gi;
  if (!/stylesheet/i.test(html)) return links;
  while (links.length < MAX_LINKS && begin.test(html)) {
    links.push(LINK.exec(html.slice(begin.lastIndex, begin.lastIndex + MAX_LINK))?.[0] ?? '');
  }
  return links;
}

function dataText(address: string): string | undefined {
  const [, head = '', data = ''] = /^data:([^,]{0,200}),([\s\S]*)$/i.exec(address) ?? [];
  if (data === '') return undefined;
  const bytes = percentBytes(data);
  return (/;\s*base64/i.test(head) ? Buffer.from(bytes.toString('latin1'), 'base64') : bytes).toString(
    'utf8',
  );
}
