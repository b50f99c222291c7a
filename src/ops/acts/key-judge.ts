import { judgeOpenPgp } from '../../keys/openpgp/index.js';
import type { ReadKey } from '../../keys/types.js';
import { judgeCertificate, loadTrustAnchors } from '../../keys/x509/index.js';
import type { ActContext } from './act.js';

/** What is wrong with a key that a person brings. */
export interface ImportVerdict {
  /** Why it can't be used, whatever a person or the configuration says. */
  readonly never?: string;
  /** Why it can't be used as long as no person vouches for it, or the configuration names its CA. */
  readonly notYet?: string;
}

export type ImportJudge = (key: ReadKey, address: string, pinned: boolean) => Promise<ImportVerdict>;

/**
 * Judges keys as they are imported, without asking anybody about revocation: that is asked each time a key is to be used.
 * @throws UserError when a trust anchor of the configuration can't be read
 */
export async function createImportJudge(context: ActContext): Promise<ImportJudge> {
  const { loaded, clock } = context;
  const { keys } = loaded.config;
  const limits = { localPart: keys.local_part, minRsaBits: keys.min_rsa_bits, curves: keys.curves };
  const anchors = await loadTrustAnchors(
    keys.trust_anchors.map(({ file, revocation }) => ({ file: loaded.path(file), revocation })),
  );
  return async (key, address, pinned) => {
    const now = clock.now();
    if (key.kind === 'openpgp') {
      const verdict = await judgeOpenPgp(key.material, address, limits, now);
      return verdict.usable ? {} : { never: verdict.reason };
    }
    const judge = (asPinned: boolean) =>
      judgeCertificate(key.material, key.chain, address, { anchors, pinned: asPinned, limits, now });
    // As if it were pinned, only the certificate itself counts, not who issued it.
    const itself = await judge(true);
    if (!itself.usable) return { never: itself.reason };
    const verdict = await judge(pinned);
    return verdict.usable ? {} : { notYet: verdict.reason };
  };
}
