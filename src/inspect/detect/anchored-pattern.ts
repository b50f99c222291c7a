import { PatternSyntaxError } from './patterns.js';

/**
 * A shipped pattern for V8's engine. Tried at single places of a text this costs a hundredth of a call into
 * WebAssembly. It is for shipped patterns alone: their repeats are bounded, so a try at one place takes bounded time,
 * which nobody checks of a user's pattern.
 *
 * Translates what these patterns use of Rust's syntax: flags in front, and ASCII word boundaries.
 * @param flags `y` to match only at `lastIndex`, `g` to search from there
 */
export function anchoredPattern(source: string, flags: 'y' | 'g'): RegExp {
  const inFront = /^\(\?([im]+)\)/.exec(source);
  const body = source.slice(inFront?.[0].length ?? 0).replaceAll('(?-u:', '(?:');
  const bare = body.replace(/\\./g, '').replace(/\[[^\]]*\]/g, '');
  if (/\(\?(?!:)|[*+]|,\}/.test(bare)) {
    throw new PatternSyntaxError(0, 'only flags in front, plain groups and bounded repeats can be anchored');
  }
  return new RegExp(body, `${flags}${inFront?.[1] ?? ''}`);
}
