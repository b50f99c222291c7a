import { randomBytes } from 'node:crypto';
import type { ParsedMail } from 'mailparser';
import { type Base64Lines, base64Places } from './base64-lines.js';
import type { ContentPlace } from './content-place.js';

/** Bytes, decoded: what is shorter isn't worth being set aside. */
const WORTH_IT = 8 * 1024;
/** Places set aside in one message. */
const MOST_SET_ASIDE = 1000;
const MARK_SIZE = 48;
/** Bytes that all marks of a message begin with: a multiple of 3, so their base64 begins alike too. */
const COMMON_SIZE = 24;

/** A message as parsed, with what its attachments hold. */
export interface LightParse {
  readonly mail: ParsedMail;
  /** By the position in `mail.attachments`; absent: the content is there itself. */
  readonly setAside: ReadonlyMap<number, Base64Lines>;
}

type Parse = (message: Buffer) => Promise<ParsedMail>;

/**
 * Parses a message without its long runs of base64, which take nearly all of the time: each is replaced by a mark, as
 * many random bytes in base64 with the same padding, and read by nobody. An attachment that comes out as exactly a mark
 * holds what stood in its place: the parser reads a body line by line, and lines of base64 are no header, no
 * delimiter and no empty line, so what it makes of everything else doesn't depend on which they are. What doesn't come
 * out so (text, a picture within the HTML, a message within the message) is put back, and the message parsed again.
 */
export async function parseLightly(message: Buffer, parse: Parse): Promise<LightParse> {
  const long = base64Places(message, (size) => size >= WORTH_IT, MOST_SET_ASIDE);
  if (long.length === 0) return { mail: await parse(message), setAside: new Map() };
  const first = await parseWithout(message, long, parse);
  if (first.all) return first;
  const rest = [...first.setAside.values()];
  if (rest.length > 0) {
    const second = await parseWithout(message, rest, parse);
    if (second.all) return second;
  }
  return { mail: await parse(message), setAside: new Map() };
}

/** @returns with `all` when each place is the content of an attachment, and of nothing else */
async function parseWithout(
  message: Buffer,
  places: readonly Base64Lines[],
  parse: Parse,
): Promise<LightParse & { readonly all: boolean }> {
  const common = randomBytes(COMMON_SIZE);
  const marks = new Map<string, Base64Lines>();
  const pieces: Buffer[] = [];
  let at = 0;
  for (const place of places) {
    const own = randomBytes(MARK_SIZE - COMMON_SIZE - place.padding);
    const mark = Buffer.concat([common, own]).toString('base64');
    marks.set(mark, place);
    pieces.push(message.subarray(at, place.start), Buffer.from(mark, 'latin1'));
    at = place.end;
  }
  pieces.push(message.subarray(at));
  const mail = await parse(Buffer.concat(pieces));
  const shown = marksIn(typeof mail.html === 'string' ? mail.html : '', common.toString('base64'));
  const setAside = new Map<number, Base64Lines>();
  mail.attachments.forEach(({ content }, index) => {
    if (content.length > MARK_SIZE) return;
    const mark = content.toString('base64');
    const place = marks.get(mark);
    if (place !== undefined && !shown.has(mark)) setAside.set(index, place);
  });
  return { mail, setAside, all: setAside.size === places.length };
}

/** The marks that stand in HTML: pictures come into it as base64. */
function marksIn(html: string, common: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (let at = html.indexOf(common); at >= 0; at = html.indexOf(common, at + 1))
    found.add(html.slice(at, at + (MARK_SIZE / 3) * 4));
  return found;
}

/** A place of base64 as one to be decoded. */
export function placeOf({ start, end }: Base64Lines): ContentPlace {
  return { start, end, encoding: 'base64' };
}

/** What stands in a place of base64. */
export function decodePlace(message: Buffer, { start, end }: Base64Lines): Buffer {
  return Buffer.from(message.toString('latin1', start, end), 'base64');
}
