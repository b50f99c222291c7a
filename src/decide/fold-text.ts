/**
 * Text for comparing as people see it, without regard to case and compatibility forms: NFKC, lower case, without
 * characters that show nothing (as pasted from a web page), white space as one space.
 */
export function foldText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}+/gu, '')
    .replace(/\s+/gu, ' ');
}
