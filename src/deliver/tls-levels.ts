import { REACHED_TLS_LEVELS, type ReachedTlsLevel } from '../model/method.js';

/** Whether the level reached is at least the one wanted. */
export function reaches(reached: ReachedTlsLevel, wanted: ReachedTlsLevel): boolean {
  return REACHED_TLS_LEVELS.indexOf(reached) >= REACHED_TLS_LEVELS.indexOf(wanted);
}

/** The stricter of two levels. */
export function stricter(a: ReachedTlsLevel, b: ReachedTlsLevel): ReachedTlsLevel {
  return reaches(a, b) ? a : b;
}
