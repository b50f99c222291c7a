import type { Clock } from './clock.js';

/** Milliseconds; less is what time services correct. */
const FAR = 60_000;

/**
 * Whether the clock was set back since this was asked last (at first: since this was made): it shows less than the time that
 * has really passed.
 * @param passed milliseconds that only go on
 */
export function clockSetBack(clock: Clock, passed: () => number = () => performance.now()): () => boolean {
  let difference = clock.now() - passed();
  return () => {
    const before = difference;
    difference = clock.now() - passed();
    return difference < before - FAR;
  };
}
