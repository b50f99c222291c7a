import { relaxedBodyHash } from './relaxed-body.js';

/** What a signature needs of a message. */
export interface ReadToSign {
  /** Its fields, top first, byte for byte as Latin-1, folded as they came, without the CRLF at the end. */
  readonly fields: readonly SignableField[];
  /** SHA-256 of the relaxed body. */
  readonly bodyHash: Buffer;
}

export interface SignableField {
  /** Lower case. */
  readonly name: string;
  readonly raw: string;
}

/** Why a message can't be signed, in words of ours. */
export class NotSignable extends Error {
  override readonly name = 'NotSignable';
}

/** Far more than intake takes by default. */
const MAX_HEADER = 4 * 1024 * 1024;
const HEADER_END = Buffer.from('\r\n\r\n');

/**
 * Reads a message once: keeps its header, hashes its body.
 * @throws NotSignable when the header is too long; whatever the stream fails with
 */
export async function readToSign(content: AsyncIterable<Uint8Array>): Promise<ReadToSign> {
  const body = relaxedBodyHash();
  // So that an empty line at the very beginning ends an empty header.
  const header: Uint8Array[] = [Buffer.from('\r\n')];
  let length = 2;
  let inBody = false;
  for await (const chunk of content) {
    if (inBody) {
      body.update(chunk);
      continue;
    }
    const before = lastBytes(header, 3);
    const end = Buffer.concat([before, chunk]).indexOf(HEADER_END);
    if (end < 0) {
      header.push(chunk);
      length += chunk.length;
    } else {
      const bodyStart = end + HEADER_END.length - before.length;
      header.push(chunk.subarray(0, bodyStart));
      length += bodyStart;
      inBody = true;
      body.update(chunk.subarray(bodyStart));
    }
    if (length > MAX_HEADER) throw new NotSignable('its header is too long to be signed');
  }
  return {
    fields: fieldsOf(Buffer.concat(header).toString('latin1')),
    bodyHash: body.digest(),
  };
}

/** The last `count` bytes of chunks, or all where there are fewer. */
function lastBytes(chunks: readonly Uint8Array[], count: number): Buffer {
  const last: Uint8Array[] = [];
  let have = 0;
  for (let i = chunks.length - 1; i >= 0 && have < count; i -= 1) {
    const piece = (chunks[i] ?? new Uint8Array()).slice(have - count);
    last.unshift(piece);
    have += piece.length;
  }
  return Buffer.concat(last);
}

function fieldsOf(header: string): readonly SignableField[] {
  return header.split(/\r\n(?![ \t])/).flatMap((raw) => {
    const name = /^([\x21-\x39\x3b-\x7e]+)[ \t]*:/.exec(raw)?.[1];
    return name === undefined ? [] : [{ name: name.toLowerCase(), raw }];
  });
}
