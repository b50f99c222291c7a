import { readFile } from 'node:fs/promises';
import type { LoadedConfig } from '../config/load.js';
import type { Log } from '../ops/log.js';
import type { Clock } from '../shared/clock.js';
import { errorText, UserError } from '../shared/errors.js';
import type { KeyStore } from '../store/ports.js';
import { createLdap } from './discovery/ldap.js';
import { createWkd } from './discovery/wkd.js';
import { createSafeFetch } from './fetch/index.js';
import { createKeyFinder } from './finder/index.js';
import { judgeOpenPgp, mergeOpenPgp } from './openpgp/index.js';
import { createRevocationChecker } from './revocation/index.js';
import type { KeyFinder } from './types.js';
import { judgeCertificate, loadTrustAnchors } from './x509/index.js';

export { createSigningKeys } from './own/index.js';
export type { KeyFinder } from './types.js';

/**
 * The finder of recipients' keys as the configuration has it: store, directories, judges, revocation.
 * @param options.record false: nothing is written, for explanations
 * @throws UserError when a file that the configuration names can't be used
 */
export async function openKeyFinder(options: {
  readonly loaded: LoadedConfig;
  readonly store: KeyStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly record: boolean;
}): Promise<KeyFinder> {
  const { loaded, store, clock, log, record } = options;
  const { keys, dns, logging } = loaded.config;
  const fetch = createSafeFetch(dns);
  const wkdCa = keys.wkd.ca === undefined ? undefined : await readText(loaded, keys.wkd.ca);
  const wkd = createWkd({
    fetch,
    config: keys.wkd,
    ...(wkdCa === undefined ? {} : { ca: wkdCa }),
  });
  const ldap = await Promise.all(
    keys.ldap.map(async (server) => {
      const ca = server.ca === undefined ? undefined : await readText(loaded, server.ca);
      const password =
        server.password_file === undefined ? undefined : await readText(loaded, server.password_file);
      return createLdap({
        server,
        ...(ca === undefined ? {} : { ca }),
        ...(password === undefined ? {} : { password: password.replace(/\r?\n$/, '') }),
      });
    }),
  );
  return createKeyFinder({
    store,
    directories: { ldap, wkd: [wkd] },
    judges: { openPgp: judgeOpenPgp, certificate: judgeCertificate, mergeOpenPgp },
    revocation: createRevocationChecker({
      fetch: createSafeFetch({ ...dns, private_networks: keys.revocation.private_networks }),
      limits: keys.revocation,
      clock,
    }),
    anchors: await loadTrustAnchors(
      keys.trust_anchors.map(({ file, revocation }) => ({ file: loaded.path(file), revocation })),
    ),
    limits: { localPart: keys.local_part, minRsaBits: keys.min_rsa_bits, curves: keys.curves },
    failureCache: keys.failure_cache,
    clock,
    log,
    logAddresses: logging.addresses,
    record,
  });
}

async function readText(loaded: LoadedConfig, file: string): Promise<string> {
  const path = loaded.path(file);
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new UserError(`cannot read ${path}: ${errorText(cause)}`, { exitStatus: 2, cause });
  }
}
