import type { CertificateAndKey } from '../../../src/keys/certificates.js';
import { startWireSink } from './wire-sink.js';

/* A process that takes mail, started by sinks.ts. */

/** Milliseconds between two reports: each costs both processes something. */
const EVERY = 5;

process.once('message', ({ certificate }: { readonly certificate?: CertificateAndKey }) => {
  let taken = 0;
  let told = 0;
  setInterval(() => {
    if (told !== taken) process.send?.({ taken });
    told = taken;
  }, EVERY);
  startWireSink(certificate, () => {
    taken += 1;
  }).then(
    ({ port }) => process.send?.({ port }),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.once('disconnect', () => process.exit());
