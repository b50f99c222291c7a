/** Text without control and format characters, so that nothing taken from mail ends a line or turns one around. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD').toWellFormed();
}
