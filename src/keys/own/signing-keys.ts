import type { KeyKind, OwnKey } from '../../model/key.js';
import type { Log } from '../../ops/log.js';
import type { Clock } from '../../shared/clock.js';
import { type MasterKey, sealingKeys } from '../../store/master-key.js';
import type { KeyStore } from '../../store/ports.js';
import type { SigningKey, SigningKeys } from '../types.js';
import { openSecret } from './secret-seal.js';
import { whyCertificateCannotSign } from './signing-certificate.js';
import { createOpenPgpSigners } from './signing-openpgp.js';

/**
 * The gateway's own keys. Each is asked for anew, so that one which was removed signs nothing more. A key that can't
 * sign now is passed over with a word in the log, once: an expired certificate must not keep mail from being encrypted.
 */
export function createSigningKeys(options: {
  readonly store: Pick<KeyStore, 'ownKeysFor'>;
  readonly masterKey: MasterKey;
  readonly clock: Clock;
  readonly log: Log;
}): SigningKeys {
  const { store, clock, log } = options;
  const openPgp = createOpenPgpSigners();

  const warned = new Set<string>();
  const warnOnce = ({ kind, fingerprint }: OwnKey, reason: string) => {
    if (warned.has(`${fingerprint} ${reason}`)) return;
    warned.add(`${fingerprint} ${reason}`);
    log.warn({ kind, fingerprint, reason }, 'a signing key can’t be used');
  };

  return {
    async signer(kind, sender) {
      for (const own of await store.ownKeysFor(kind, sender)) {
        const secret = openSecret(sealingKeys(options.masterKey, 'secrets'), own, own.sealedSecret);
        const now = clock.now();
        const problem =
          kind === 'openpgp'
            ? await openPgp.whyItCannotSign(own.fingerprint, secret, now)
            : whyCertificateCannotSign(own.material, now);
        if (problem === undefined) return opened(kind, own, secret);
        warnOnce(own, problem);
      }
      return undefined;
    },
  };
}

function opened(kind: KeyKind, own: OwnKey, secret: Uint8Array): SigningKey {
  const { fingerprint } = own;
  if (kind === 'openpgp') return { kind: 'openpgp', fingerprint, secret };
  return { kind: 'x509', fingerprint, certificate: own.material, chain: own.chain, pkcs8: secret };
}
