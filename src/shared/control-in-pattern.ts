/** A control character in a pattern, in one line, and where it stands (UTF-16). */
export interface ControlInPattern {
  readonly reason: string;
  readonly offset: number;
}

/**
 * A control character that stands in a pattern as itself, but for blanks and line ends. Nobody writes one: in YAML's double
 * quotes `\b`, a word's edge, becomes a backspace (YAML 1.2, 5.7), and such a pattern would compile and never match.
 */
export function controlInPattern(source: string): ControlInPattern | undefined {
  const found = /(?![\t\n\v\f\r])[\p{Cc}\u2028\u2029]/u.exec(source);
  if (found === null) return undefined;
  const code = found[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return {
    reason: `has the control character U+${code}: in double quotes YAML makes one of \`\\b\` and the like; put the pattern in single quotes`,
    offset: found.index,
  };
}
