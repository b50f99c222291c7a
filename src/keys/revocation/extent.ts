import { BadCertificate } from '../x509/der.js';

/** Where the content of an element begins and ends. */
export interface Extent {
  tag: number;
  content: number;
  end: number;
}

/**
 * Reads tag and length at `at` into `into`. For CRLs, whose hundreds of thousands of elements are too many for a tree:
 * nothing is made for an element, and nothing inside it is looked at.
 * @throws BadCertificate
 */
export function readExtent(bytes: Uint8Array, at: number, limit: number, into: Extent): void {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (at + 2 > limit || tag === undefined || first === undefined) throw new BadCertificate('is cut off');
  if ((tag & 0x1f) === 0x1f) throw new BadCertificate('has an ASN.1 tag that no certificate has');
  let length = first;
  let content = at + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4 || content + count > limit)
      throw new BadCertificate('has a length that is not in its shortest form');
    length = 0;
    for (const end = content + count; content < end; content += 1)
      length = length * 256 + (bytes[content] ?? 0);
    // X.690 10.1.
    if (length < 0x80 || length < 256 ** (count - 1))
      throw new BadCertificate('has a length that is not in its shortest form');
  }
  if (content + length > limit) throw new BadCertificate('is cut off');
  into.tag = tag;
  into.content = content;
  into.end = content + length;
}

/** One element, not descended into. */
export interface Slice {
  readonly tag: number;
  readonly bytes: Uint8Array;
  readonly content: Uint8Array;
}

/** The elements that fill these bytes. @throws BadCertificate */
export function slicesOf(bytes: Uint8Array, most: number): readonly Slice[] {
  const found: Slice[] = [];
  const extent: Extent = { tag: 0, content: 0, end: 0 };
  for (let at = 0; at < bytes.length; at = extent.end) {
    if (found.length >= most) throw new BadCertificate('has too many parts');
    readExtent(bytes, at, bytes.length, extent);
    found.push({
      tag: extent.tag,
      bytes: bytes.subarray(at, extent.end),
      content: bytes.subarray(extent.content, extent.end),
    });
  }
  return found;
}
