import type { Method } from './method.js';

/** Whether a recipient can receive by a method, and why or why not (for the explanation; no PHI). */
export type Availability =
  | { readonly available: true; readonly note: string }
  | { readonly available: false; readonly reason: string };

export type MethodAvailability = Readonly<Record<Method, Availability>>;
