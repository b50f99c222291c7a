import iconv from 'iconv-lite';
import { type Mailbox, parseAddress } from '../shared/address.js';
import { decodeUtf8 } from './path-command.js';

/**
 * Reads the one mailbox of a From, Sender or Resent-… value. Accepts `addr-spec` and `phrase <addr-spec>` of RFC 5322
 * 3.4, with dots and UTF-8 in the phrase; gives undefined for everything in which two readers could see two different
 * senders: comments, groups, several mailboxes, routes, quoted local parts, an address or angle brackets in an
 * unquoted, quoted or encoded display name (RFC 2047) that a careless reader would take for the address.
 * @param value unfolded, octets above 127 as in Latin-1
 */
export function parseHeaderMailbox(value: string): Mailbox | undefined {
  const text = decodeUtf8(Buffer.from(value, 'latin1'));
  if (text === undefined || /[\x00-\x08\x0a-\x1f\x7f]/.test(text)) return undefined;
  const open = text.indexOf('<');
  if (open < 0) return addrSpec(text.trim());
  if (!/>[ \t]*$/.test(text) || text.indexOf('>') !== text.lastIndexOf('>') || text.lastIndexOf('<') !== open)
    return undefined;
  if (!isSafePhrase(text.slice(0, open))) return undefined;
  return addrSpec(text.slice(open + 1, text.indexOf('>')));
}

function addrSpec(text: string): Mailbox | undefined {
  // An encoded word is no part of an address, but who decodes first would see another one.
  if (text.includes('=?')) return undefined;
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.mailbox : undefined;
}

/** Words and quoted strings, none of which can be taken for an address of its own. */
function isSafePhrase(phrase: string): boolean {
  let rest = phrase;
  while (rest !== '') {
    const word =
      /^[ \t]+/.exec(rest) ??
      /^"(?:[^"\\\r\n]|\\[^\r\n])*"/.exec(rest) ??
      // atext, dots (obs-phrase), and UTF-8
      /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u{80}-\u{10ffff}-]+/u.exec(rest);
    if (word === null) return false;
    rest = rest.slice(word[0].length);
  }
  const seen = decodeWords(phrase);
  return seen !== undefined && !/[<>\x00-\x08\x0a-\x1f\x7f]/.test(seen);
}

/** Encoded words decoded, wherever they stand; undefined when one can't be read or hides an address. */
function decodeWords(phrase: string): string | undefined {
  let safe = true;
  const decoded = phrase.replace(
    /=\?([^?\s]*)\?([^?\s]*)\?([^?\s]*)\?=/g,
    (_, charset: string, encoding: string, content: string) => {
      const word = decodeWord(charset.split('*')[0] ?? '', encoding.toUpperCase(), content);
      if (word === undefined || word.includes('@')) safe = false;
      return word ?? '';
    },
  );
  return safe ? decoded : undefined;
}

function decodeWord(charset: string, encoding: string, content: string): string | undefined {
  let bytes: Buffer;
  if (encoding === 'B') {
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(content)) return undefined;
    bytes = Buffer.from(content, 'base64');
  } else if (encoding === 'Q') {
    if (/=(?![0-9A-Fa-f]{2})/.test(content)) return undefined;
    const text = content
      .replaceAll('_', ' ')
      .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    bytes = Buffer.from(text, 'latin1');
  } else return undefined;
  if (iconv.encodingExists(charset)) return iconv.decode(bytes, charset);
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    // A charset nobody here can read: somebody else may, so the name is not known to be harmless.
    return undefined;
  }
}
