import type { LoadedConfig } from '../config/load.js';

/** What the relay adds to a message of the largest accepted size. */
const ADDED_AT_INTAKE = 64 * 1024;

/** Bytes of the largest message that a site reads as a whole: the largest that any listener takes. */
export function renderLimit({ config }: Pick<LoadedConfig, 'config'>): number {
  return Math.max(...config.listeners.map((listener) => listener.max_message_size)) + ADDED_AT_INTAKE;
}
