/** The stream of everything that is in no other. */
export const DEFAULT_STREAM = 'default';
