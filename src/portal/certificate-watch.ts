import { unwatchFile, watchFile } from 'node:fs';
import type { Log } from '../ops/log.js';
import { errorText } from '../shared/errors.js';
import { createInTurn } from '../shared/in-turn.js';

export interface CertificateWatch {
  /** Looks now; resolves when a new certificate is in use, or the old one stays. */
  look(): Promise<void>;
  close(): void;
}

/** How often the files are looked at. Asking for their facts works where notices of changes don't: links, network shares. */
const EVERY_MS = 10_000;

/**
 * Takes a new certificate into use when its files change. One that can't be used, such as a half that was written before
 * the other, is logged, and the old one stays until the files change again: connections go on being served.
 */
export function watchCertificate<Pair extends { readonly cert: string; readonly key: string }>(deps: {
  readonly files: readonly string[];
  readonly inUse: Pair;
  /** Rejects when the files hold nothing that can be used. */
  readonly read: () => Promise<Pair>;
  readonly use: (pair: Pair) => void;
  readonly log: Log;
  readonly everyMs?: number;
}): CertificateWatch {
  const { files, log } = deps;
  const inTurn = createInTurn();
  let inUse: Pair = deps.inUse;

  const look = () =>
    inTurn('certificate', async () => {
      try {
        const next = await deps.read();
        if (next.cert === inUse.cert && next.key === inUse.key) return;
        deps.use(next);
        inUse = next;
        log.info('the portal uses a new certificate');
      } catch (error) {
        log.error(
          { reason: errorText(error) },
          'the portal keeps its certificate: the new one cannot be used',
        );
      }
    });
  // `look` never rejects.
  const changed = () => void look();
  for (const file of files)
    watchFile(file, { persistent: false, interval: deps.everyMs ?? EVERY_MS }, changed);
  return {
    look,
    close: () => {
      for (const file of files) unwatchFile(file, changed);
    },
  };
}
