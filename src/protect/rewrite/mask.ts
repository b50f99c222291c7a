/**
 * Stands for everything that was redacted. It doesn't say what it was: the name of a kind of number is one of the words
 * by which detectors tell such numbers, and would make findings of others near it.
 */
export const MASK = '[redacted]';
