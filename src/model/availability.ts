import type { KeyFacts, KeyRefusal } from './key.js';
import type { Method } from './method.js';

/** Whether a recipient can receive by a method, and why or why not (for the explanation; no PHI). */
export type Availability =
  | {
      readonly available: true;
      readonly note: string;
      /** `pgp` and `smime`: the keys that could be used, best first. The decision takes the first that is allowed. */
      readonly keys?: readonly KeyFacts[];
      readonly refusedKeys?: readonly KeyRefusal[];
    }
  | {
      readonly available: false;
      readonly reason: string;
      readonly refusedKeys?: readonly KeyRefusal[];
    };

export type MethodAvailability = Readonly<Record<Method, Availability>>;
