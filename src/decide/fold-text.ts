const SHOWS_NOTHING = /\p{Default_Ignorable_Code_Point}+/gu;

/**
 * Text for comparing as people see it, without regard to case and compatibility forms: NFKC, lower case, without
 * characters that show nothing (as pasted from a web page), white space as one space.
 */
export function foldText(text: string): string {
  return (
    text
      // First, because one may stand between a letter and its mark; none comes of what is left by the rest.
      .replace(SHOWS_NOTHING, '')
      .normalize('NFKC')
      .toLowerCase()
      .replace(/\s+/gu, ' ')
  );
}
