import { decode, fallback } from './charset.js';
import { looksLikeText } from './sniff.js';
import { decodeQuotedPrintable } from './transfer-decoding.js';

/** Values longer than this are contents of their own, and not words among others. */
const LONGEST_WORDS = 1000;
const QUOTED_PRINTABLE = /quoted-printable/i;
const SOFT_BREAK = /=[ \t]*$/;
const DATA = /^\s*data:/i;
const QUOTED_DATA = /"\s*(data:[^"]*)"/gi;

/**
 * The lines of a calendar or card, unfolded (RFC 5545 3.1, RFC 6350 3.2): a line break with a blank after it isn't
 * content. vCard 2.1 breaks lines of quoted-printable as mail does.
 */
export function contentLines(source: string): readonly string[] {
  const lines: string[] = [];
  let pieces: string[] = [];
  let head = headReader();
  for (const line of source.split(/\r\n|[\r\n]/)) {
    const last = pieces.at(-1);
    if (last !== undefined && head.saysQuotedPrintable() && SOFT_BREAK.test(last)) {
      pieces.push(pieces.pop()?.replace(SOFT_BREAK, '') ?? '', line);
    } else if (last !== undefined && /^[ \t]/.test(line)) {
      pieces.push(line.slice(1));
      head.read(line.slice(1));
    } else {
      if (last !== undefined) lines.push(pieces.join(''));
      pieces = [line];
      head = headReader();
      head.read(line);
    }
  }
  return [...lines, pieces.join('')];
}

/** Reads name and parameters of a line piece by piece, because they may be folded, too. Linear in the length of the line. */
function headReader() {
  let before = '';
  let isWhole = false;
  let inQuotes = false;
  let hasColon = false;
  let isMentioned = false;
  let isQuotedPrintable = false;
  return {
    saysQuotedPrintable: () => isQuotedPrintable,
    read(piece: string): void {
      if (isWhole) return;
      const text = before + piece;
      for (let at = before.length; at < text.length && !isWhole; at++) {
        const character = text[at];
        if (character === '"') inQuotes = !inQuotes;
        else if (character === ':') {
          // As `partingsOf` divides it.
          if (!inQuotes) isWhole = true;
          if (!inQuotes || !hasColon)
            isQuotedPrintable ||= isMentioned || QUOTED_PRINTABLE.test(text.slice(0, at));
          hasColon = true;
        }
      }
      isQuotedPrintable ||= hasColon && SAYS_QUOTED_PRINTABLE.test(text);
      isMentioned ||= QUOTED_PRINTABLE.test(text);
      before = text.slice(-LONGEST_PARAMETERS);
    },
  };
}

/** How far behind an encoding the colon is looked for when a line is folded in between. */
const LONGEST_PARAMETERS = 500;
const SAYS_QUOTED_PRINTABLE =
  /;\s{0,20}(?:encoding\s{0,20}=\s{0,20}"?)?quoted-printable"?\s{0,20}(?:;[^:;]{0,100}){0,4}:/i;

/** An unfolded line with its value decoded, where that is words in base64 (RFC 2426 5) or quoted-printable (vCard 2.1). */
export function decodedLine(line: string): string {
  const decoded = new Set(partingsOf(line).map((parts) => decodedParts(line, parts)));
  // As it stands it is known already.
  if (decoded.size > 1) decoded.delete(line);
  return decoded.size === 0 ? line : [...decoded].join('\n');
}

function decodedParts(line: string, { head, value }: LineParts): string {
  if (value.length <= LONGEST_WORDS && isBase64(head) && /^[A-Za-z0-9+/=\s]+$/.test(value)) {
    const bytes = Buffer.from(value, 'base64');
    return looksLikeText(bytes) ? `${head}:${fallback(bytes)}` : line;
  }
  if (!QUOTED_PRINTABLE.test(head)) return line;
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
  return [...new Set(partingsOf(line).flatMap(dataOfParts))];
}

function dataOfParts({ head, value }: LineParts): readonly string[] {
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
 * Divided at the first colon that isn't quoted. Where there are quotation marks, also at the first one at all, as by programs
 * that know none, and at the one behind an encoding: marks that are never ended, or only by one of the value, hide it.
 */
function partingsOf(line: string): readonly LineParts[] {
  const first = line.indexOf(':');
  if (first < 0) return [];
  if (!line.includes('"')) return [dividedAt(line, first)];
  const encoding = ENCODING.exec(line);
  const colons = [
    unquotedColon(line),
    first,
    encoding === null ? -1 : encoding.index + encoding[0].length - 1,
  ];
  return [...new Set(colons)].filter((at) => at >= 0).map((at) => dividedAt(line, at));
}

const ENCODING =
  /;\s{0,20}(?:(?:encoding|value)\s{0,20}=\s{0,20}"?)?(?:b|base64|binary|quoted-printable)"?\s{0,20}(?:;[^:;]{0,100}){0,4}:/i;

function unquotedColon(line: string): number {
  let quoted = false;
  for (let at = 0; at < line.length; at++) {
    const character = line[at];
    if (character === '"') quoted = !quoted;
    else if (character === ':' && !quoted) return at;
  }
  return -1;
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
