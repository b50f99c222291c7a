/*
 * Words of a person that go into mail, notices and the audit log. Line ends would forge lines there, and characters of
 * format (Unicode category Cf: bidirectional overrides such as U+202E, zero-width ones) make a line read as another one.
 */
const ONE_LINE = /^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+$/u;

/** Whether it is one line that reads as it is written, and not blank. */
export function isOneLine(text: string): boolean {
  return ONE_LINE.test(text) && text.trim() !== '';
}
