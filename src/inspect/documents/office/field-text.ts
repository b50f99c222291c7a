/** Fields whose text is made of their instructions whenever a program calculates them (ISO/IEC 29500-1 17.16.5). */
const MAKES_TEXT = /^\s*(?:QUOTE|IF|COMPARE|EQ|SYMBOL|=)(?=[\s"(\\]|$)/i;
const MAX_INSTRUCTIONS = 4096;

/** What a field may show in the place of the result that is stored with it; '' where it makes no text by itself. */
export function textOfField(instructions: string): string {
  const code = instructions.slice(0, MAX_INSTRUCTIONS);
  if (!MAKES_TEXT.test(code)) return '';
  const symbol = /^\s*SYMBOL\s+(\d{1,5}|0x[0-9a-f]{1,4})/i.exec(code)?.[1];
  if (symbol !== undefined) return String.fromCharCode(Number(symbol));
  const quoted = [...code.matchAll(/"([^"]*)"/g)].map(([, text = '']) => text);
  if (quoted.length > 0) return quoted.join('');
  return code
    .replace(/^\s*(?:QUOTE|IF|COMPARE|EQ|=)\s*/i, '')
    .replace(/\\\S*/g, '')
    .trim();
}
