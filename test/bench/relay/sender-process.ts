import { readFileSync } from 'node:fs';
import type { Load } from './senders.js';
import { sendLoad, type WireTarget } from './wire-client.js';

/* A process that sends mail, started by senders.ts. */

interface Order {
  readonly target: WireTarget;
  /** Its message by the name of a file. */
  readonly load: Omit<Load, 'message'> & { readonly message: string };
}

process.once('message', ({ target, load }: Order) => {
  sendLoad(target, { ...load, message: readFileSync(load.message) }).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exit(1);
    },
  );
});
