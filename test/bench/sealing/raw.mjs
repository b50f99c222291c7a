import { createCipheriv, randomBytes } from 'node:crypto';

/** Bytes that are encrypted in one call. */
const CHUNK = 64 * 1024;
/** Bytes that are encoded in one call: whole lines of 57 bytes, 76 characters. */
const BLOCK = 57 * 1024;

/**
 * The least that sealing could take here: AES over chunks of 64 KB, and base64 of what comes out, from memory and thrown
 * away. No header, no key, no hash, no stream.
 * @param lines whether CRLF is put behind every 76 characters; else base64 is one native call for each block, and no bytes
 * are made of its text
 */
export function rawOnce(name, content, lines) {
  const iv = randomBytes(/gcm|ocb/.test(name) ? 12 : 16);
  const cipher = createCipheriv(name, randomBytes(32), iv, name.endsWith('ocb') ? { authTagLength: 16 } : {});
  const block = Buffer.allocUnsafe(BLOCK);
  let filled = 0;
  let size = 0;
  for (let at = 0; at < content.length; at += CHUNK) {
    const encrypted = cipher.update(content.subarray(at, at + CHUNK));
    for (let from = 0; from < encrypted.length; ) {
      const taken = encrypted.copy(block, filled, from);
      from += taken;
      filled += taken;
      if (filled === BLOCK) {
        size += encoded(block, lines);
        filled = 0;
      }
    }
  }
  size += encoded(block.subarray(0, filled), lines);
  if (size < content.length) throw new Error('nothing was encoded');
}

/** @returns how long the text is */
function encoded(bytes, lines) {
  const text = bytes.toString('base64');
  if (!lines) return text.length;
  const out = Buffer.allocUnsafe(text.length + 2 * Math.ceil(text.length / 76));
  let end = 0;
  // A regular expression takes twice as long.
  for (let at = 0; at < text.length; at += 76) {
    end += out.write(text.slice(at, at + 76), end, 'latin1');
    out[end++] = 0x0d;
    out[end++] = 0x0a;
  }
  return end;
}
