import { lineAt } from './bytes.js';
import type { UuBlock } from './uuencode.js';

const BEGIN = Buffer.from('=ybegin ', 'latin1');
const MAX_BLOCKS = 100;
const ESCAPE = 0x3d;

/** Blocks in yEnc (the yEnc draft, 1.3), which mail readers that also read news decode: `=ybegin … name=`, `=yend`. */
export function findYencBlocks(body: Buffer): readonly UuBlock[] {
  const blocks: UuBlock[] = [];
  for (let at = body.indexOf(BEGIN); at >= 0 && blocks.length < MAX_BLOCKS; at = body.indexOf(BEGIN, at)) {
    const head = lineAt(body, at, body.length);
    const fileName = /\bname=(.*)$/.exec(body.subarray(head.start, head.end).toString('latin1'))?.[1] ?? '';
    const found = body.indexOf('\r\n=yend', head.next, 'latin1');
    const end = found < 0 ? body.length : found;
    blocks.push({ fileName: fileName.trim(), content: decode(body.subarray(head.next, end)) });
    at = end;
  }
  return blocks;
}

function decode(lines: Buffer): Buffer {
  const out = Buffer.allocUnsafe(lines.length);
  let to = 0;
  let inKeyword = false;
  for (let at = 0; at < lines.length; at++) {
    const byte = lines[at] ?? 0;
    if (byte === 0x0d || byte === 0x0a) {
      inKeyword = false;
      continue;
    }
    // `=ypart` lines say where a piece belongs.
    if (byte === ESCAPE && lines[at + 1] === 0x79) inKeyword = true;
    if (inKeyword) continue;
    if (byte === ESCAPE) {
      at += 1;
      out[to++] = ((lines[at] ?? 0) - 64 - 42) & 0xff;
    } else out[to++] = (byte - 42) & 0xff;
  }
  return out.subarray(0, to);
}
