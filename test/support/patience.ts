/**
 * For `vi.waitFor`, which by itself gives up after a second: like the limits in vitest.config.ts, only what hangs takes so
 * long, on the slowest machine too.
 */
export const PATIENT = { timeout: 120_000, interval: 50 } as const;
