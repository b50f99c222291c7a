const FALLBACK = 'attachment';
const LONGEST = 120;

/** Device names of Windows, which open no file whatever their extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;

/**
 * A file name from a mail as a name that is safe to save anywhere: the last path component, without control and
 * invisible characters and marks that turn the writing direction (`gpj.exe` for `exe.jpg`), characters that file
 * systems reserve, leading dots, trailing dots and spaces, or device names; at most 120 characters, keeping the
 * extension.
 */
export function safeFileName(name: string): string {
  let safe = name
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\p{Zs}/gu, ' ')
    .replace(/^.*[/\\]/s, '')
    .replace(/[<>:"|?*%]/g, '_')
    .replace(/^[.\s]+|[.\s]+$/g, '');
  if (safe === '') return FALLBACK;
  if (DEVICE.test(safe)) safe = `_${safe}`;
  const characters = [...safe];
  if (characters.length <= LONGEST) return safe;
  const dot = characters.lastIndexOf('.');
  const extension = dot > 0 && characters.length - dot <= 16 ? characters.slice(dot) : [];
  const start = characters
    .slice(0, LONGEST - extension.length)
    .join('')
    .replace(/[.\s]+$/, '');
  return start + extension.join('');
}

/** `Content-Disposition` that always saves and never shows (RFC 6266 4.1, with RFC 8187 for names beyond ASCII). */
export function attachmentDisposition(name: string): string {
  const safe = safeFileName(name);
  const ascii = safe.replace(/[^A-Za-z0-9 ._()+-]/g, '_');
  const extended = [...Buffer.from(safe)]
    .map((byte) =>
      ATTR_CHAR.test(String.fromCharCode(byte))
        ? String.fromCharCode(byte)
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
  return `attachment; filename="${ascii}"; filename*=UTF-8''${extended}`;
}

/** RFC 8187 3.2.1 attr-char. */
const ATTR_CHAR = /^[A-Za-z0-9!#$&+.^_`|~-]$/;

/** Types that a phone needs to open a saved file, and that no browser runs as a page. */
const SAFE_TYPES: ReadonlySet<string> = new Set([
  'application/pdf',
  'application/zip',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/tiff',
]);

/** The declared type where it is harmless, else `application/octet-stream`. */
export function safeMediaType(mediaType: string): string {
  const lower = mediaType.toLowerCase();
  return SAFE_TYPES.has(lower) ? lower : 'application/octet-stream';
}
