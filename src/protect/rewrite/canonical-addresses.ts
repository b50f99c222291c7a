import { decodeHeaderText } from '../../inspect/encoded-words.js';
import { parseAddress } from '../../shared/address.js';
import { encodedWords } from './header-words.js';

/*
 * Address lists (RFC 5322 3.4) as far as everybody reads them alike: mailboxes with or without a display name, and
 * groups. No comments, routes, quoted local parts, empty elements or address literals.
 */

type Token =
  | { readonly kind: 'mark'; readonly text: '<' | '>' | ',' | ':' | ';' }
  | { readonly kind: 'word'; readonly text: string; readonly quoted: boolean };

/**
 * The value of an address field written anew: the same mailboxes in the same order, one a line, with their display names.
 * @returns undefined where the value isn't understood; an empty list has an empty value
 */
export function canonicalAddresses(value: string): string | undefined {
  const tokens = tokensOf(value);
  if (tokens === undefined) return undefined;
  const written: string[] = [];
  let at = 0;
  const isMark = (text: string) => {
    const token = tokens[at];
    return token?.kind === 'mark' && token.text === text;
  };
  const words = () => {
    const found: Extract<Token, { kind: 'word' }>[] = [];
    for (let token = tokens[at]; token?.kind === 'word'; token = tokens[++at]) found.push(token);
    return found;
  };
  /** One mailbox, or with `groups` a group; undefined where there is neither. */
  const one = (groups: boolean): string | undefined => {
    const phrase = words();
    if (groups && isMark(':')) {
      at += 1;
      const name = displayName(phrase);
      const members = isMark(';') ? [] : many(false);
      if (name === '' || members === undefined || !isMark(';')) return undefined;
      at += 1;
      return `${name}:${members.map((member) => ` ${member}`).join(',')};`;
    }
    if (isMark('<')) {
      at += 1;
      const [address, ...others] = words();
      if (address === undefined || others.length > 0 || !isMark('>')) return undefined;
      at += 1;
      const spec = addrSpec(address);
      if (spec === undefined) return undefined;
      const name = displayName(phrase);
      return name === '' ? spec : `${name} <${spec}>`;
    }
    const [address] = phrase;
    return address === undefined || phrase.length > 1 ? undefined : addrSpec(address);
  };
  const many = (groups: boolean): string[] | undefined => {
    const found: string[] = [];
    for (;;) {
      const next = one(groups);
      if (next === undefined) return undefined;
      found.push(next);
      if (!isMark(',')) return found;
      at += 1;
    }
  };
  if (tokens.length === 0) return '';
  const list = many(true);
  if (list === undefined || at < tokens.length) return undefined;
  for (const address of list) written.push(address);
  return written.join(',\r\n ');
}

function addrSpec({ text, quoted }: { readonly text: string; readonly quoted: boolean }): string | undefined {
  // An encoded word is no part of an address, but who decodes first would see another one.
  if (quoted || text.includes('=?')) return undefined;
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.mailbox.address : undefined;
}

/** Undefined for everything that isn't a plain token of such a list: comments, controls, open quotation marks. */
function tokensOf(value: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  let rest = value;
  while (rest !== '') {
    const blank = /^[ \t]+/.exec(rest)?.[0];
    const quoted = /^"((?:[^"\\\x00-\x08\x0a-\x1f\x7f]|\\[\x20-\x7e])*)"/.exec(rest);
    const mark = /^[<>,:;]/.exec(rest)?.[0];
    // atext, dots and the @ of an address, the = and ? of encoded words, and UTF-8
    const word = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@\u{80}-\u{10ffff}-]+/u.exec(rest)?.[0];
    if (quoted !== null)
      tokens.push({ kind: 'word', text: (quoted[1] ?? '').replace(/\\(.)/g, '$1'), quoted: true });
    else if (mark === '<' || mark === '>' || mark === ',' || mark === ':' || mark === ';')
      tokens.push({ kind: 'mark', text: mark });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, quoted: false });
    else if (blank === undefined) return undefined;
    const length = (quoted?.[0] ?? blank ?? mark ?? word ?? '').length;
    // A quoted string right beside a word is one word to some readers and two to others.
    const next = rest[length];
    if ((quoted !== null || word !== undefined) && next !== undefined && !/[ \t<>,:;]/.test(next))
      return undefined;
    rest = rest.slice(length);
  }
  return tokens;
}

/** A phrase that is read by everybody as this name; empty where there is none. */
function displayName(words: readonly { readonly text: string }[]): string {
  const written = words.map((word) => word.text).join(' ');
  const name = decodeHeaderText(written)
    .text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  if (name === '') return '';
  if (/^[A-Za-z0-9!#$%&'*+/^_`{|}~ -]+$/.test(name) && name.length <= 60) return name;
  if (/^[\x20-\x7e]+$/.test(name) && !name.includes('=?') && name.length <= 60)
    return `"${name.replace(/["\\]/g, '\\$&')}"`;
  return encodedWords(name);
}
