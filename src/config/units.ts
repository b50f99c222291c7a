import { z } from 'zod';

const BYTE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
};
const TIME_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A size such as `25MB` (1 KB = 1024 bytes), as bytes; undefined when it isn't one. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,12})\s*(B|KB|MB|GB|TB)$/.exec(text.trim());
  const unit = BYTE_UNITS[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/** A duration such as `30s`, `4h` or `3d`, as milliseconds; undefined when it isn't one. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9})\s*(ms|s|m|h|d)$/.exec(text.trim());
  const unit = TIME_UNITS[match?.[2] ?? ''];
  return match === null || unit === undefined ? undefined : Number(match[1]) * unit;
}

/** A size in config and policies: text with a unit, given to the program as bytes. */
export const bytes = () =>
  z.string().transform((text, context) => {
    const value = parseBytes(text);
    if (value === undefined) {
      context.addIssue({ code: 'custom', message: 'must be a size with a unit, such as 512KB, 25MB or 1GB' });
      return z.NEVER;
    }
    return value;
  });

/** A duration in config and policies: text with a unit, given to the program as milliseconds. */
export const duration = () =>
  z.string().transform((text, context) => {
    const value = parseDuration(text);
    if (value === undefined) {
      context.addIssue({
        code: 'custom',
        message: 'must be a duration with a unit, such as 500ms, 30s, 15m, 4h or 3d',
      });
      return z.NEVER;
    }
    return value;
  });

/** Timers of more than 2^31 - 1 ms fire at once; the longest use of one is a multiple of what is configured. */
const LONGEST_WAIT = 2 * 86_400_000;

/** A duration that the program waits for with a timer. */
export const waitingTime = () =>
  duration().refine((ms) => ms > 0 && ms <= LONGEST_WAIT, { error: 'must be more than 0 and at most 2d' });
