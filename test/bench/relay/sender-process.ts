import { readFileSync } from 'node:fs';
import type { Load } from './senders.js';
import { sendLoad, type WireTarget } from './wire-client.js';

/* A process that sends mail, started by senders.ts. It begins when it is told to, and tells what it took. */

export interface Order {
  readonly target: WireTarget;
  /** Its message by the name of a file. */
  readonly load: Omit<Load, 'message'> & { readonly message: string };
}

process.once('message', ({ target, load }: Order) => {
  const whole = { ...load, message: readFileSync(load.message) };
  process.once('message', () => {
    const before = process.cpuUsage();
    sendLoad(target, whole).then(
      () => {
        const { user, system } = process.cpuUsage(before);
        process.send?.({ accepted: (user + system) / 1e6 }, () => process.exit(0));
      },
      (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exit(1);
      },
    );
  });
  process.send?.({ ready: true });
});
