import { TooLarge } from '../../types.js';
import { byteReader } from '../byte-reader.js';
import { untilZero } from '../code-page.js';
import { nativeContent } from '../compound/ole-object.js';
import type { Findings } from '../findings.js';

const LINKED = 1;
const EMBEDDED = 2;

/** An object in the form of OLE 1.0 ([MS-OLEDS] 2.2.4, 2.2.5), with how it looks behind it. @throws TooLarge */
export function addEmbeddedObject(data: Buffer, found: Findings): void {
  try {
    const reader = byteReader(data);
    reader.u32();
    const format = reader.u32();
    const words = () => untilZero(reader.bytes(reader.u32()).toString('latin1'));
    const [name, topic, item] = [words(), words(), words()];
    found.text('metadata', [name, topic, item].filter((word) => word !== '').join(' '));
    if (format === LINKED || format !== EMBEDDED) {
      found.extracted({ fileName: 'object', bytes: data });
      return;
    }
    const size = reader.bytes(4);
    const native = reader.bytes(size.readUInt32LE(0));
    found.extracted(
      name === 'Package'
        ? nativeContent(Buffer.concat([size, native]))
        : { fileName: 'object', bytes: native },
    );
    if (reader.left > 0) addPresentation(data.subarray(reader.at), found);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    // Not of that form, or cut short: whatever it is, it is looked at as a whole.
    found.extracted({ fileName: 'object', bytes: data });
  }
}

/** [MS-OLEDS] 2.2.1, 2.2.2: a metafile or a bitmap with a header of its own. */
function addPresentation(data: Buffer, found: Findings): void {
  const reader = byteReader(data);
  reader.u32();
  if (reader.u32() === 0) return;
  const kind = untilZero(reader.bytes(reader.u32()).toString('latin1'));
  reader.skip(8);
  const bytes = reader.bytes(Math.min(reader.u32(), reader.left));
  // Eight bytes stand before a metafile.
  const isMetafile = kind === 'METAFILEPICT' && bytes.length > 8;
  if (bytes.length > 0)
    found.extracted({
      fileName: isMetafile ? 'picture.wmf' : 'picture',
      bytes: isMetafile ? bytes.subarray(8) : bytes,
    });
}
