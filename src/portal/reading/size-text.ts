import type { Texts } from '../texts.js';

/** A number of bytes in words, as the language writes numbers. */
export function sizeText(bytes: number, t: Texts, language: string): string {
  const number = (value: number, digits: number) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  if (bytes < 1024) return t('size.bytes', { count: number(bytes, 0) });
  return bytes < 1024 ** 2
    ? `${number(Math.ceil(bytes / 1024), 0)} KB`
    : `${number(bytes / 1024 ** 2, 1)} MB`;
}
