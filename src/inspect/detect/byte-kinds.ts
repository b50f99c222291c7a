/** Stands for a character beyond ASCII: for hints a letter, and for clues what lies between words. */
export const BEYOND = 0x80;

export function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39;
}

/** A capital letter. */
export function isUpper(code: number | undefined): boolean {
  return code !== undefined && code >= 0x41 && code <= 0x5a;
}

export function hasDigit(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (isDigit(bytes[at])) return true;
  return false;
}
