/** One block of RFC 7468. */
export interface PemBlock {
  readonly label: string;
  /** Undefined: not ended, or not base64. */
  readonly der?: Uint8Array;
}

const BEGIN = '-----BEGIN ';
const DASHES = '-----';
const MAX_LABEL = 64;
/** Blocks after these are not read. */
export const MAX_BLOCKS = 5000;

export function hasPem(bytes: Uint8Array): boolean {
  // A SEQUENCE of 128 octets or more, or of indefinite length, is no text, and may have anything inside.
  const binary = bytes[0] === 0x30 && (bytes[1] ?? 0) >= 0x80;
  return !binary && Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(BEGIN);
}

/** Every block, in order; text between them is skipped. One pass, whatever the input. */
export function readPem(bytes: Uint8Array): readonly PemBlock[] {
  const text = Buffer.from(bytes).toString('latin1');
  const blocks: PemBlock[] = [];
  for (let at = text.indexOf(BEGIN); at >= 0 && blocks.length < MAX_BLOCKS; at = text.indexOf(BEGIN, at)) {
    const start = at + BEGIN.length;
    const labelEnd = text.slice(start, start + MAX_LABEL + DASHES.length).indexOf(DASHES);
    if (labelEnd < 0) {
      at = start;
      continue;
    }
    const label = text.slice(start, start + labelEnd);
    const bodyStart = start + labelEnd + DASHES.length;
    const bodyEnd = text.indexOf(DASHES, bodyStart);
    const end = `-----END ${label}-----`;
    if (bodyEnd < 0 || !text.startsWith(end, bodyEnd)) {
      blocks.push({ label });
      at = bodyStart;
      continue;
    }
    const der = base64(text.slice(bodyStart, bodyEnd));
    blocks.push(der === undefined ? { label } : { label, der });
    at = bodyEnd + end.length;
  }
  return blocks;
}

function base64(text: string): Uint8Array | undefined {
  const compact = text.replace(/[ \t\r\n]+/g, '');
  if (compact === '' || compact.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) return undefined;
  return new Uint8Array(Buffer.from(compact, 'base64'));
}

/** A certificate as PEM (RFC 7468 5). */
export function certificatePem(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
