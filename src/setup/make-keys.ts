import { loadOrCreateSigningKey } from '../audit/signing-key.js';
import type { LoadedConfig } from '../config/load.js';
import { certificateFingerprint, serverCertificate } from '../keys/server-certificate.js';
import { makePrivateFolder } from '../store/data-dir.js';
import { loadMasterKey } from '../store/index.js';

/**
 * Makes what the first start would make: the data folder, the master key, the audit signing key and the self-signed
 * certificate. What is there already stays.
 * @param now epoch milliseconds
 * @returns the certificate's SHA-256 fingerprint
 * @throws UserError when one can't be written
 */
export async function makeKeys({ config, dataDir }: LoadedConfig, now: number): Promise<string> {
  makePrivateFolder(dataDir);
  loadMasterKey(config.master_key, dataDir, { createIfMissing: true });
  loadOrCreateSigningKey(dataDir, { createIfMissing: true });
  const { certificatePem } = await serverCertificate(dataDir, config.hostname, now);
  return certificateFingerprint(certificatePem);
}
