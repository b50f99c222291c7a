import { isUtf8 } from 'node:buffer';
import { type Refusal, refusal, type Stage } from './reply.js';

/** `MAIL FROM:<…> …` or `RCPT TO:<…> …`, taken apart but not yet judged. */
export interface PathCommand {
  /** What stands between the angle brackets, exactly as it came. */
  readonly path: string;
  /** Keywords in upper case; `true` where there was no `=`. */
  readonly parameters: ReadonlyMap<string, string | true>;
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: Refusal };

const KEYWORD = /^[A-Z0-9][A-Z0-9-]*$/;
/** esmtp-value of RFC 5321 4.1.2, with the UTF-8 of RFC 6531 3.3. */
const VALUE = /^[\x21-\x3c\x3e-\x7e\u{80}-\u{10ffff}]+$/u;

/**
 * Takes a MAIL or RCPT line apart. We read the line ourselves, because smtp-server's reader decodes A-labels, drops
 * source routes and decodes xtext, and what it rewrote is not what the client asked for.
 * @param line the command line without CRLF
 */
export function parsePathCommand(line: Buffer, verb: 'MAIL FROM' | 'RCPT TO'): Parsed<PathCommand> {
  const stage: Stage = verb === 'MAIL FROM' ? 'mail' : 'rcpt';
  const bad = (status: string, text: string): Parsed<PathCommand> => ({
    ok: false,
    refusal: refusal(stage, 501, status, text),
  });
  const text = decodeUtf8(line);
  if (text === undefined) return bad('5.5.2', 'The command is not valid UTF-8');
  // Spaces before the path are against RFC 5321 3.3, but old devices send them and they leave no doubt.
  const match = /^([A-Za-z]+ [A-Za-z]+): *<([^<>]*)>(.*)$/u.exec(text);
  if (match === null || match[1]?.toUpperCase() !== verb) return bad('5.5.4', `Syntax: ${verb}:<address>`);
  const tail = match[3] ?? '';
  if (tail !== '' && !tail.startsWith(' ')) return bad('5.5.4', 'A space must follow the address');
  const parameters = new Map<string, string | true>();
  for (const word of tail.split(' ')) {
    if (word === '') continue;
    const at = word.indexOf('=');
    const keyword = (at < 0 ? word : word.slice(0, at)).toUpperCase();
    const value = at < 0 ? true : word.slice(at + 1);
    if (!KEYWORD.test(keyword) || (value !== true && !VALUE.test(value)))
      return bad('5.5.4', 'A parameter is malformed');
    if (parameters.has(keyword)) return bad('5.5.4', 'A parameter is given twice');
    parameters.set(keyword, value);
  }
  return { ok: true, value: { path: match[2] ?? '', parameters } };
}

/** The text of UTF-8 bytes; undefined when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes)
    ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    : undefined;
}
