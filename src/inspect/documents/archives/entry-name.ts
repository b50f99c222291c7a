import iconv from 'iconv-lite';

const MAX_CHARACTERS = 255;

/** A name cut to what is kept of it. */
export function shortName(name: string): string {
  const cut = name.slice(0, MAX_CHARACTERS);
  // Not through the middle of a surrogate pair.
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}

/**
 * How the bytes of a name can be read, likeliest first. A ZIP without the UTF-8 flag means code page 437 (PKWARE
 * APPNOTE 4.4.4, bit 11, and appendix D), but programs write whatever they run with, often UTF-8 or Windows-1252.
 * @param declaredUtf8 whether the archive says that it is UTF-8
 */
export function nameReadings(raw: Buffer, declaredUtf8: boolean): readonly string[] {
  if (raw.every((byte) => byte < 0x80)) return [raw.toString('latin1')];
  const utf8 = strictUtf8(raw);
  if (utf8 !== undefined && declaredUtf8) return [utf8];
  const others = [iconv.decode(raw, 'cp437'), iconv.decode(raw, 'win1252')];
  return utf8 === undefined ? others : [utf8, ...others];
}

function strictUtf8(raw: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    // Not UTF-8: read as the 8-bit sets instead.
    return undefined;
  }
}
