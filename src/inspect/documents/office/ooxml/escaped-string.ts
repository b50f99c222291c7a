const ESCAPE = /_x([0-9a-f]{4})_/gi;

/** A string of SpreadsheetML with its escapes read (`_x0041_`, ISO/IEC 29500-1 22.9.2.19). */
export function unescaped(text: string): string {
  if (!text.includes('_')) return text;
  return text.replace(ESCAPE, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** Text in which programs may or may not read the escapes: both readings, each on its own lines. */
export function bothReadings(text: string): string {
  const read = unescaped(text);
  return read === text ? text : `${text}\n${read}`;
}
