import { createHash } from 'node:crypto';
import { parseAddress } from '../../shared/address.js';

/** Where the keys of one address are published (draft-koch-openpgp-webkey-service section 3.1). */
export interface WkdUrls {
  /** Undefined where no such host can exist, because its name would be too long. */
  readonly advanced: string | undefined;
  readonly direct: string;
}

/** Undefined when it isn't an address. */
export function wkdUrls(text: string): WkdUrls | undefined {
  const parsed = parseAddress(text);
  if (!parsed.ok) return undefined;
  const { local, domain } = parsed.mailbox;
  const place = `hu/${wkdHash(local)}?l=${percentEncoded(local)}`;
  const host = `openpgpkey.${domain}`;
  return {
    // RFC 1035 2.3.4: 255 octets on the wire, which is 253 characters.
    advanced: host.length > 253 ? undefined : `https://${host}/.well-known/openpgpkey/${domain}/${place}`,
    direct: `https://${domain}/.well-known/openpgpkey/${place}`,
  };
}

/** z-base-32 of the SHA-1 of the local part, whose ASCII capitals are made small; other characters stay as they are. */
export function wkdHash(local: string): string {
  const folded = local.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return zBase32(createHash('sha1').update(folded, 'utf8').digest());
}

/** RFC 6189 section 5.1.6: five bits a character, from the highest. */
const Z_BASE_32 = 'ybndrfg8ejkmcpqxot1uwisza345h769';

function zBase32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += Z_BASE_32.charAt((held >> bits) & 31);
    }
  }
  return bits === 0 ? text : text + Z_BASE_32.charAt((held << (5 - bits)) & 31);
}

/** RFC 3986 2.1 and 2.3: everything but unreserved characters, as UTF-8. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
