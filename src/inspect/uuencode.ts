import { LF, lineAt } from './bytes.js';
import { fallback } from './charset.js';

export interface UuBlock {
  readonly fileName: string;
  readonly content: Buffer;
}

const BEGIN = Buffer.from('begin', 'latin1');
const HEAD = /^begin(-base64)?(-encoded)? +[0-7]{3,4} +(\S.*)$/;
const MAX_BLOCKS = 100;
const LONGEST_LINE = 4096;

/**
 * uuencoded blocks in a body: `begin 644 name`, lines of the encoding, `end` or the first line that isn't one; and those
 * in base64 (POSIX.1-2017 uuencode): `begin-base64`, lines of it, `====`, and with `-encoded` a name that is so, too.
 * A `begin` line without encoded lines after it is ordinary text.
 */
export function findUuBlocks(body: Buffer): readonly UuBlock[] {
  const blocks: UuBlock[] = [];
  let at = 0;
  while (at < body.length && blocks.length < MAX_BLOCKS) {
    const found = body.indexOf(BEGIN, at);
    if (found < 0) break;
    const line = lineAt(body, found, body.length);
    at = line.next;
    if (found > 0 && body[found - 1] !== LF) continue;
    const head = HEAD.exec(body.subarray(line.start, line.end).toString('latin1'));
    if (head === null) continue;
    const [, base64, isEncoded, name = ''] = head;
    const block = base64 === undefined ? decodeLines(body, line.next) : decodeBase64(body, line.next);
    const fileName = isEncoded === undefined ? name.trim() : fallback(Buffer.from(name.trim(), 'base64'));
    if (block.content.length > 0) blocks.push({ fileName, content: block.content });
    at = Math.max(at, block.next);
  }
  return blocks;
}

function decodeBase64(body: Buffer, start: number): { readonly content: Buffer; readonly next: number } {
  let at = start;
  while (at < body.length) {
    const line = lineAt(body, at, body.length);
    const text = body.toString('latin1', line.start, Math.min(line.end, line.start + LONGEST_LINE));
    if (!/^[A-Za-z0-9+/]+={0,2}[ \t]*$/.test(text)) break;
    at = line.next;
  }
  return { content: Buffer.from(body.toString('latin1', start, at), 'base64'), next: at };
}

function decodeLines(body: Buffer, start: number): { readonly content: Buffer; readonly next: number } {
  const pieces: Buffer[] = [];
  let at = start;
  while (at < body.length) {
    const line = lineAt(body, at, body.length);
    const bytes = decodeLine(body.subarray(line.start, line.end));
    if (bytes === undefined) break;
    at = line.next;
    if (bytes.length === 0) break;
    pieces.push(bytes);
  }
  return { content: Buffer.concat(pieces), next: at };
}

/** One encoded line, or undefined when it isn't one. */
function decodeLine(line: Buffer): Buffer | undefined {
  const head = line[0];
  if (head === undefined || head < 0x20 || head > 0x60) return undefined;
  const length = (head - 0x20) & 0x3f;
  const needed = Math.ceil(length / 3) * 4;
  // Trailing blanks may have been stripped; a check character may follow.
  if (line.length - 1 > needed + 2 || line.length - 1 < Math.ceil((length * 4) / 3) - 3) return undefined;
  const out = Buffer.alloc(Math.ceil(length / 3) * 3);
  let to = 0;
  for (let i = 1; i <= needed; i += 4) {
    let group = 0;
    for (let k = 0; k < 4; k++) {
      const byte = line[i + k] ?? 0x20;
      if (byte < 0x20 || byte > 0x60) return undefined;
      group = group * 64 + ((byte - 0x20) & 0x3f);
    }
    out[to++] = group >>> 16;
    out[to++] = (group >>> 8) & 0xff;
    out[to++] = group & 0xff;
  }
  return out.subarray(0, length);
}
