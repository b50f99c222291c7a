/** Text for comparing without regard to case and compatibility forms: NFKC, lower case, white space as one space. */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ');
}
