/** Of text and of what can be acted on, against what is behind it (WCAG 2.2, 1.4.3, level AA). */
export const LEAST_CONTRAST = 4.5;

/**
 * Contrast of two colours as `#rrggbb`, from 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance").
 */
export function contrast(one: string, other: string): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) =>
    linear(Number.parseInt(colour.slice(at, at + 2), 16) / 255),
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
