import { type Mailbox, parseAddress } from '../shared/address.js';
import { foldAddress } from '../shared/sender-pattern.js';
import { displayNames } from './display-names.js';
import { decodeUtf8 } from './path-command.js';

/** `@`, and the full-width and small ones, which programs fold to it (NFKC). */
const AT = /[@\uff20\ufe6b]/u;
/**
 * What no name may hold: controls, angle brackets, and characters that show nothing or turn the text around them. Not the
 * joiners U+200C and U+200D, which Persian and Indian names are written with.
 */
const NEVER = /[<>\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]|(?![\u200c\u200d])\p{Cf}/u;

/**
 * Reads the one mailbox of a From, Sender or Resent-… value. Accepts `addr-spec` and `phrase <addr-spec>` of RFC 5322
 * 3.4, with dots and UTF-8 in the phrase; gives undefined for everything in which two readers could see two different
 * senders: comments, groups, several mailboxes, routes, quoted local parts, angle brackets or an address in the display
 * name, in whatever way it is written there. The address itself may be the name: Outlook writes `"a@b" <a@b>`.
 * @param value unfolded, octets above 127 as in Latin-1
 */
export function parseHeaderMailbox(value: string): Mailbox | undefined {
  const text = decodeUtf8(Buffer.from(value, 'latin1'));
  if (text === undefined || /[\x00-\x08\x0a-\x1f\x7f]/.test(text)) return undefined;
  const open = text.indexOf('<');
  if (open < 0) return addrSpec(text.trim());
  if (!/>[ \t]*$/.test(text) || text.indexOf('>') !== text.lastIndexOf('>') || text.lastIndexOf('<') !== open)
    return undefined;
  const mailbox = addrSpec(text.slice(open + 1, text.indexOf('>')));
  return mailbox !== undefined && isSafePhrase(text.slice(0, open), mailbox) ? mailbox : undefined;
}

function addrSpec(text: string): Mailbox | undefined {
  // An encoded word is no part of an address, but who decodes first would see another one.
  if (text.includes('=?')) return undefined;
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.mailbox : undefined;
}

/** Words and quoted strings, none of which can be taken for another address. */
function isSafePhrase(phrase: string, mailbox: Mailbox): boolean {
  let unquoted = '';
  let rest = phrase;
  while (rest !== '') {
    const word =
      /^[ \t]+/.exec(rest) ??
      /^"(?:[^"\\\r\n]|\\[^\r\n])*"/.exec(rest) ??
      // atext, dots (obs-phrase), and UTF-8
      /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u{80}-\u{10ffff}-]+/u.exec(rest);
    if (word === null) return false;
    const [found] = word;
    unquoted += found.startsWith('"') ? found.slice(1, -1).replace(/\\(.)/g, '$1') : found;
    rest = rest.slice(found.length);
  }
  const names = displayNames(unquoted);
  return (
    names !== undefined &&
    [phrase, ...names].every((name) => !NEVER.test(name)) &&
    names.every((name) => !AT.test(name) || isItself(name, mailbox))
  );
}

/** Whether a name is the very address, within apostrophes or not. */
function isItself(name: string, mailbox: Mailbox): boolean {
  const parsed = parseAddress(name.trim().replace(/^'(.*)'$/, '$1'));
  return parsed.ok && foldAddress(parsed.mailbox) === foldAddress(mailbox);
}
