import iconv from 'iconv-lite';

/** `=?charset?encoding?text?=` (RFC 2047 2), wherever it stands. */
const WORD = /=\?([^?\s]*)\?([^?\s]*)\?([^?\s]*)\?=/g;
const ASCII = Buffer.from(Array.from({ length: 95 }, (_, i) => i + 32));

interface EncodedWord {
  readonly charset: string;
  readonly bytes: Buffer;
}

/**
 * What mail programs may show for a name: as it stands, with each encoded word decoded by itself, and with the bytes of
 * adjacent words of one charset decoded together, as lenient readers do. Undefined where it can't be known: an encoded word that
 * breaks RFC 2047, which some decode all the same, or one in a charset that nobody here reads or in which ASCII is not
 * ASCII (UTF-7, UTF-16), which names are never written in but to hide something.
 * @param name without its quotation marks
 */
export function displayNames(name: string): readonly string[] | undefined {
  let single = '';
  let joined = '';
  let last: EncodedWord | undefined;
  let run: Buffer[] = [];
  let end = 0;
  const endRun = () => {
    const text = last === undefined ? '' : decode(last.charset, Buffer.concat(run));
    last = undefined;
    run = [];
    return text;
  };
  for (const match of name.matchAll(WORD)) {
    const [whole, charset = '', encoding = '', content = ''] = match;
    const word = readWord(charset, encoding, content);
    const alone = word && decode(word.charset, word.bytes);
    if (word === undefined || alone === undefined) return undefined;
    const between = name.slice(end, match.index);
    end = match.index + whole.length;
    // Blanks between two encoded words are not shown (RFC 2047 6.2).
    const adjacent = last !== undefined && between.trim() === '';
    if (!adjacent || !sameCharset(last, word)) {
      const before = endRun();
      if (before === undefined) return undefined;
      joined += before + (adjacent ? '' : between);
    }
    single += (adjacent ? '' : between) + alone;
    last = word;
    run.push(word.bytes);
  }
  const before = endRun();
  if (before === undefined) return undefined;
  const names = [single + name.slice(end), joined + before + name.slice(end)];
  // What is left is no encoded word to us, but perhaps to somebody else.
  return names.some((one) => one.includes('=?')) ? undefined : [name, ...names];
}

/** `utf8` is `utf-8`. */
function sameCharset(one: EncodedWord | undefined, other: EncodedWord): boolean {
  return one?.charset.replace(/[^a-z0-9]/g, '') === other.charset.replace(/[^a-z0-9]/g, '');
}

function readWord(charset: string, encoding: string, content: string): EncodedWord | undefined {
  const name = (charset.split('*')[0] ?? '').toLowerCase();
  if (/^b$/i.test(encoding)) {
    // Whole groups of four: of others it depends on the reader what adjacent words make together.
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(content)) return undefined;
    return { charset: name, bytes: Buffer.from(content, 'base64') };
  }
  if (!/^q$/i.test(encoding) || !/^(?:[!-<>-~]|=[0-9A-Fa-f]{2})*$/.test(content)) return undefined;
  const text = content
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { charset: name, bytes: Buffer.from(text, 'latin1') };
}

/** Undefined for a charset that can't be read, or in which ASCII is not ASCII. */
function decode(charset: string, bytes: Buffer): string | undefined {
  const by = decoderOf(charset);
  return by?.(ASCII) === ASCII.toString('latin1') ? by(bytes) : undefined;
}

function decoderOf(charset: string): ((bytes: Buffer) => string) | undefined {
  if (iconv.encodingExists(charset)) return (bytes) => iconv.decode(bytes, charset);
  try {
    const decoder = new TextDecoder(charset);
    return (bytes) => decoder.decode(bytes);
  } catch {
    // A charset nobody here can read: somebody else may, so the name is not known to be harmless.
    return undefined;
  }
}
