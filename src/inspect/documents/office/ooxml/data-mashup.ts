import type { Findings } from '../findings.js';

const CONTENT = /<(?:[\w.-]{1,40}:)?DataMashup(?:\s[^>]{0,1000})?>([A-Za-z0-9+/=\s]+)</;
/** Before its package: a version, and the length of the package ([MS-QDEFF] 2.2). */
const HEAD = 8;

/**
 * Queries of Power Query ([MS-QDEFF]), which are a package in base64. Its scripts are read; tables that were typed in are
 * compressed within these, so such a part counts as unread.
 * @throws TooLarge
 */
export function readMashup(xml: string, found: Findings): void {
  found.fail('unsupported');
  const bytes = Buffer.from(CONTENT.exec(xml)?.[1] ?? '', 'base64');
  if (bytes.length <= HEAD) return;
  const length = bytes.readUInt32LE(4);
  found.extracted({ bytes: bytes.subarray(HEAD, HEAD + length) });
}
