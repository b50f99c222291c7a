const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?:\.|$)/i;
const MAX_LENGTH = 120;

/**
 * A file name from mail as one that can be offered for download: no path, control or format characters (which can
 * reverse what is shown), no characters or names with a meaning to some system, never empty.
 * @param fallback used when nothing is left
 */
export function safeFileName(given: string | undefined, fallback: string): string {
  const cleaned = (given ?? '')
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[/\\:*?"<>|%]/g, '_')
    .replace(/\s+/gu, ' ')
    .replace(/\.{2,}/g, '.')
    .replace(/^[. _]+|[. ]+$/g, '');
  const short = shorten(cleaned);
  if (short === '') return fallback;
  return DEVICE.test(short) ? `_${short}` : short;
}

/** Shortened in the middle of nothing: the extension stays, so that the type stays visible. */
function shorten(name: string): string {
  const characters = [...name];
  if (characters.length <= MAX_LENGTH) return name;
  const dot = characters.lastIndexOf('.');
  const extension = dot > 0 && characters.length - dot <= 12 ? characters.slice(dot).join('') : '';
  return characters.slice(0, MAX_LENGTH - [...extension].length).join('') + extension;
}
