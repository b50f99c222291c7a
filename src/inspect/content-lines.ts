import { decode, fallback } from './charset.js';
import { looksLikeText } from './sniff.js';
import { decodeQuotedPrintable } from './transfer-decoding.js';

/** Values longer than this are contents of their own, and not words among others. */
const LONGEST_WORDS = 1000;
const QUOTED_PRINTABLE = /^[^:]{0,300}quoted-printable/i;
const DATA = /^\s*data:/i;
const QUOTED_DATA = /"\s*(data:[^"]*)"/gi;

/**
 * The lines of a calendar or card, unfolded (RFC 5545 3.1, RFC 6350 3.2): a line break with a blank after it isn't
 * content. vCard 2.1 breaks lines of quoted-printable as mail does.
 */
export function contentLines(source: string): readonly string[] {
  const lines: string[] = [];
  let pieces: string[] = [];
  let quoted = false;
  for (const line of source.split(/\r\n|[\r\n]/)) {
    const soft = quoted && pieces.at(-1)?.endsWith('=') === true;
    if (pieces.length > 0 && (soft || /^[ \t]/.test(line))) {
      if (soft) pieces.push(pieces.pop()?.slice(0, -1) ?? '');
      pieces.push(soft ? line : line.slice(1));
      continue;
    }
    if (pieces.length > 0) lines.push(pieces.join(''));
    pieces = [line];
    quoted = QUOTED_PRINTABLE.test(line);
  }
  return [...lines, pieces.join('')];
}

/** An unfolded line with its value decoded, where that is words in base64 (RFC 2426 5) or quoted-printable (vCard 2.1). */
export function decodedLine(line: string): string {
  const parts = partsOf(line);
  if (parts === undefined) return line;
  const { head, value } = parts;
  if (value.length <= LONGEST_WORDS && isBase64(head) && /^[A-Za-z0-9+/=\s]+$/.test(value)) {
    const bytes = Buffer.from(value, 'base64');
    return looksLikeText(bytes) ? `${head}:${fallback(bytes)}` : line;
  }
  if (!/quoted-printable/i.test(head)) return line;
  const [bytes] = decodeQuotedPrintable(Buffer.from(value, 'utf8')).readings;
  const charset = parameter(head, 'charset');
  const words = bytes && ((charset === undefined ? undefined : decode(bytes, charset)) ?? fallback(bytes));
  return words === undefined ? line : `${head}:${words}`;
}

/**
 * What an unfolded line holds as a content of its own, as `data:` addresses (RFC 2397): such addresses as parameters
 * (`ALTREP`, RFC 5545 3.2.1) or value, and values in base64 (`VALUE=BINARY`, RFC 5545 3.3.1; RFC 2426 3.1.4).
 */
export function dataOfLine(line: string): readonly string[] {
  const parts = partsOf(line);
  if (parts === undefined) return [];
  const { head, value } = parts;
  const found = [...head.matchAll(QUOTED_DATA)].map(([, address = '']) => unescaped(address));
  if (DATA.test(value)) found.push(unescaped(value.trim()));
  // Some leave the quotation marks out.
  else if (/=\s*data$/i.test(head)) found.push(unescaped(`data:${value}`));
  else if (isBase64(head) && /^[A-Za-z0-9+/=\s]+$/.test(value)) {
    const type = parameter(head, 'fmttype') ?? parameter(head, 'mediatype') ?? '';
    const charset = parameter(head, 'charset');
    found.push(
      `data:${type}${charset === undefined ? '' : `;charset=${charset}`};base64,${value.replace(/\s+/g, '')}`,
    );
  }
  return found;
}

/** The lines of entries of a directory (LDIF, RFC 2849), unfolded, with values in base64 decoded. */
export function directoryLines(source: string): string {
  return source
    .replace(/(?:\r\n|[\r\n]) /g, '')
    .replace(/^([\w.;-]{1,100})::[ \t]*([A-Za-z0-9+/=]+)(?=\r?$)/gm, (line, name: string, value: string) => {
      const bytes = Buffer.from(value, 'base64');
      return looksLikeText(bytes) ? `${name}: ${fallback(bytes)}` : line;
    });
}

/** Name and parameters of a line, and its value. */
interface LineParts {
  readonly head: string;
  readonly value: string;
}

/**
 * Divided at the first colon that isn't quoted; at the first one at all where a quotation mark is never ended, as by programs
 * that know none.
 */
function partsOf(line: string): LineParts | undefined {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '"') quoted = !quoted;
    else if (character === ':' && !quoted) return dividedAt(line, at);
  }
  const first = line.indexOf(':');
  return first < 0 ? undefined : dividedAt(line, first);
}

function dividedAt(line: string, colon: number): LineParts {
  return { head: line.slice(0, colon), value: line.slice(colon + 1) };
}

/** vCard 2.1 may leave the name of the parameter out. */
function isBase64(head: string): boolean {
  return /;\s*(?:encoding\s*=\s*"?)?(?:b|base64)"?\s*(?:;|$)|;\s*value\s*=\s*"?binary"?\s*(?:;|$)/i.test(
    head,
  );
}

function parameter(head: string, name: 'charset' | 'fmttype' | 'mediatype'): string | undefined {
  const [, quoted, plain] = PARAMETERS[name].exec(head) ?? [];
  return quoted ?? plain;
}

const PARAMETERS = {
  charset: /;\s*charset\s*=\s*(?:"([^"]{1,200})"|([^;:",]{1,200}))/i,
  fmttype: /;\s*fmttype\s*=\s*(?:"([^"]{1,200})"|([^;:",]{1,200}))/i,
  mediatype: /;\s*mediatype\s*=\s*(?:"([^"]{1,200})"|([^;:",]{1,200}))/i,
};

/** Commas and semicolons that are escaped as in texts, and what RFC 6868 writes with carets. */
function unescaped(address: string): string {
  return address
    .replace(/\\([,;])/g, '$1')
    .replace(/\^(['n^])/g, (_, one: string) => ({ "'": '"', n: '\n', '^': '^' })[one] ?? one);
}
