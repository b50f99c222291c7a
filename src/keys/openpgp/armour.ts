import * as openpgp from 'openpgp';

export interface ArmourBlock {
  /** `PUBLIC KEY BLOCK`, `PRIVATE KEY BLOCK`, or whatever else it says. */
  readonly label: string;
  /** Absent when the block is damaged. */
  readonly bytes?: Uint8Array;
}

const BEGIN = /^-----BEGIN PGP ([A-Z0-9 ,/]{1,60})-----\s*$/;
const END = /^-----END PGP ([A-Z0-9 ,/]{1,60})-----\s*$/;
const ARMOUR_HEADER = /^[!-9;-~]{1,100}:( |\s*$)/;

/**
 * All armoured blocks of a text (RFC 9580 6.2), whatever stands around them. The checksum is not looked at: 6.1 says
 * that an object must not be refused for it, and signatures protect what matters.
 */
export function readArmour(text: string): readonly ArmourBlock[] {
  const blocks: ArmourBlock[] = [];
  let open: { readonly label: string; readonly lines: string[] } | undefined;
  for (const line of text.split('\n')) {
    const begin = BEGIN.exec(line)?.[1];
    const end = END.exec(line)?.[1];
    if (begin !== undefined) {
      if (open !== undefined) blocks.push({ label: open.label });
      open = { label: begin, lines: [] };
    } else if (open !== undefined && end !== undefined) {
      const bytes = end === open.label ? decode(open.lines) : undefined;
      blocks.push({ label: open.label, ...(bytes === undefined ? {} : { bytes }) });
      open = undefined;
    } else {
      open?.lines.push(line.trimEnd());
    }
  }
  if (open !== undefined) blocks.push({ label: open.label });
  return blocks;
}

function decode(lines: readonly string[]): Uint8Array | undefined {
  // Headers end with an empty line; some programs forget it where there are no headers.
  let first = 0;
  while (ARMOUR_HEADER.test(lines[first] ?? '')) first++;
  if (lines[first] === '') first++;
  else if (first > 0) return undefined;
  const body = lines.slice(first).filter((line) => line !== '');
  if (/^=[A-Za-z0-9+/]{4}$/.test(body[body.length - 1] ?? '')) body.pop();
  const base64 = body.join('');
  if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** A public key (binary) as text for people, without version, comment and checksum lines. */
export function armour(material: Uint8Array): string {
  return openpgp.armor(openpgp.enums.armor.publicKey, material, undefined, undefined, undefined, false, {
    ...openpgp.config,
    showVersion: false,
    showComment: false,
  });
}
