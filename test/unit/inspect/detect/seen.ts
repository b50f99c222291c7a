import { detectSpans } from '../../../../src/inspect/detect/index.js';
import type { Confidence } from '../../../../src/model/inspection.js';

/** What one detector saw in a text: the matched pieces with their confidence. */
export function seen(detector: string, text: string): readonly (readonly [string, Confidence])[] {
  return detectSpans(text, { detectors: [detector] }).map((span) => [
    text.slice(span.start, span.end),
    span.confidence,
  ]);
}

/** The NPI with these first nine digits. */
export function npi(nine: string): string {
  return withLuhn(nine, '80840');
}

/** Digits with the Luhn digit that belongs behind them (and behind a prefix that isn't written). */
export function withLuhn(digits: string, prefix = ''): string {
  let sum = 0;
  [...(prefix + digits)].reverse().forEach((digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return `${digits}${(10 - (sum % 10)) % 10}`;
}

/** The DEA number with these letters and first six digits. */
export function dea(letters: string, six: string): string {
  const d = [...six].map(Number);
  const odd = (d[0] ?? 0) + (d[2] ?? 0) + (d[4] ?? 0);
  const even = (d[1] ?? 0) + (d[3] ?? 0) + (d[5] ?? 0);
  return `${letters}${six}${(odd + 2 * even) % 10}`;
}
