import { escape as escapePattern, RRegex } from 'rregex';
import { controlInPattern } from '../shared/control-in-pattern.js';

/** A compiled pattern. Matching takes time linear in the text, whatever the pattern. */
export interface Pattern {
  /** As it was written. */
  readonly source: string;
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
}

export type PatternResult =
  | { readonly ok: true; readonly pattern: Pattern }
  /** `reason` is one line; `offset` is the place in the pattern (UTF-16), where the engine names one. */
  | { readonly ok: false; readonly reason: string; readonly offset?: number };

/** Compiles a regular expression in Rust's syntax, which has neither look-around nor back-references. */
export function compilePattern(source: string): PatternResult {
  const control = controlInPattern(source);
  if (control !== undefined) return { ok: false, ...control };
  try {
    const compiled = new RRegex(source);
    return { ok: true, pattern: { source, test: (text) => compiled.isMatch(text.toWellFormed()) } };
  } catch (thrown) {
    return { ok: false, ...explainFailure(thrown, source) };
  }
}

/**
 * A file name or media type with `*` for any run of characters and `?` for one. Case is ignored, and whether a letter is
 * written with its mark or beside it: Apple's programs take names apart (NFD).
 */
export function compileGlob(glob: string): PatternResult {
  const body = [...glob.normalize('NFC')]
    .map((char) => (char === '*' ? '.*' : char === '?' ? '.' : escapePattern(char)))
    .join('');
  const compiled = compilePattern(`(?is)\\A${body}\\z`);
  if (!compiled.ok) return compiled;
  const { test } = compiled.pattern;
  return { ok: true, pattern: { source: glob, test: (text) => test(text.normalize('NFC')) } };
}

// The engine throws its message either as an Error or as a bare object with `message`.
function explainFailure(thrown: unknown, source: string): { reason: string; offset?: number } {
  const message =
    typeof thrown === 'object' && thrown !== null && 'message' in thrown
      ? String(thrown.message)
      : String(thrown);
  const lines = message.split('\n');
  const error = lines.find((one) => one.startsWith('error: '));
  const reason = error === undefined ? (lines[0] ?? 'cannot be compiled') : error.slice('error: '.length);
  const echoed = lines.findIndex((one) => one.trim() === source.trim() && one.startsWith('    '));
  const caret = lines[echoed + 1]?.indexOf('^') ?? -1;
  return echoed >= 0 && caret >= 4 ? { reason, offset: caret - 4 } : { reason };
}
