import { byteReader } from '../byte-reader.js';
import { CorruptDocument } from '../findings.js';

const COMPRESSED = 0x75465a4c;
const PLAIN = 0x414c454d;
const WINDOW = 4096;
/** What the window holds at the beginning ([MS-OXRTFCP] 2.1.2.1). */
const PREFILLED =
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor ' +
  'MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par ' +
  '\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx';

export interface RawRtf {
  readonly bytes: Buffer;
  /** It is as long as it says. */
  readonly whole: boolean;
}

/**
 * Unpacks RTF as mail of Outlook holds it ([MS-OXRTFCP] 2.2). It grows at most ninefold.
 * @throws CorruptDocument where it isn't that
 */
export function decompressRtf(packed: Buffer): RawRtf {
  const reader = byteReader(packed);
  // How long it is packed; what is longer than it says is read all the same.
  reader.u32();
  const rawSize = reader.u32();
  const type = reader.u32();
  reader.u32();
  const data = reader.bytes(reader.left);
  if (type === PLAIN) return { bytes: data, whole: data.length >= rawSize };
  if (type !== COMPRESSED) throw new CorruptDocument('unknown compression of RTF');
  const bytes = unpack(data);
  return { bytes, whole: bytes.length >= rawSize };
}

function unpack(data: Buffer): Buffer {
  const window = Buffer.alloc(WINDOW);
  let end = window.write(PREFILLED, 'latin1');
  // Each byte that says what follows stands for eight pieces of at most seventeen bytes.
  const output = Buffer.alloc(data.length * 9 + 17);
  let written = 0;
  const write = (byte: number) => {
    output[written] = byte;
    written += 1;
    window[end] = byte;
    end = (end + 1) % WINDOW;
  };
  let at = 0;
  while (at < data.length) {
    const control = data[at] ?? 0;
    at += 1;
    for (let bit = 0; bit < 8 && at < data.length; bit++) {
      if ((control & (1 << bit)) === 0) {
        write(data[at] ?? 0);
        at += 1;
        continue;
      }
      if (at + 2 > data.length) return output.subarray(0, written);
      const reference = data.readUInt16BE(at);
      at += 2;
      const from = reference >> 4;
      // A reference to where the next byte goes ends it.
      if (from === end) return output.subarray(0, written);
      for (let step = 0; step < (reference & 0xf) + 2; step++) write(window[(from + step) % WINDOW] ?? 0);
    }
  }
  return output.subarray(0, written);
}
