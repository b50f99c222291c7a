/** In this order: many browsers name others, too, to be taken for them. */
const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(?:Firefox|FxiOS)\//, 'Firefox'],
  [/\b(?:Chrome|Chromium|HeadlessChrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;

const SYSTEMS = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

/** Bytes of the header that are looked at. */
const MOST = 512;

/**
 * Browser and system by `User-Agent`, as their owner would call them: `Firefox, Android`. Of the header itself, which a
 * program may fill with anything, nothing is kept. Empty: neither is known.
 */
export function clientName(userAgent: string | undefined): string {
  const start = (userAgent ?? '').slice(0, MOST);
  const named = (table: readonly (readonly [RegExp, string])[]) =>
    table.find(([sign]) => sign.test(start))?.[1];
  return [named(BROWSERS), named(SYSTEMS)].filter((one) => one !== undefined).join(', ');
}
