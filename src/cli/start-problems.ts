import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadOrCreateSigningKey, PUBLIC_KEY_FILE } from '../audit/signing-key.js';
import { checkFiles } from '../config/check-files.js';
import type { LoadedConfig } from '../config/load.js';
import { readSettings } from '../intake/settings.js';
import { serverCertificateToUse } from '../keys/server-certificate.js';
import { loadTrustAnchors } from '../keys/x509/index.js';
import { loadLooks } from '../portal/looks/load-looks.js';
import { portalSettings } from '../portal/settings.js';
import { reviewSettings } from '../review/site/settings.js';
import { errorText } from '../shared/errors.js';
import { databaseExists } from '../store/data-dir.js';
import { loadMasterKey } from '../store/index.js';
import { checkStore } from '../store/read-only.js';
import { dkimKeys } from './dkim-keys.js';

/**
 * What `start` would refuse besides the configuration's own text and the policies, found with the functions that it
 * uses, without making, changing or binding anything.
 * @param now epoch milliseconds
 * @returns one line per problem
 */
export async function startProblems(loaded: LoadedConfig, now: number): Promise<readonly string[]> {
  const ofFiles = await checkFiles(loaded, now);
  const problems = [...ofFiles];
  const attempt = async (about: string, work: () => void | Promise<void>) => {
    try {
      await work();
    } catch (error) {
      problems.push(`${about}: ${errorText(error)}`);
    }
  };
  const { config, dataDir, file } = loaded;
  await attempt(`${file}: master_key`, () => checkKeys(loaded));
  // What follows reads the same files again, and would only repeat what is wrong with them.
  if (ofFiles.length > 0) return problems;
  await attempt(file, async () => {
    await loadTrustAnchors(
      config.keys.trust_anchors.map((one) => ({ file: loaded.path(one.file), revocation: one.revocation })),
    );
  });
  await attempt(`${file}: dkim`, async () => {
    for (const { domain, selector, problem } of await dkimKeys(loaded))
      if (problem !== undefined) problems.push(`${file}: dkim: ${selector} of ${domain}: ${problem}`);
  });
  await attempt(file, () => loadLooks(loaded).then(() => undefined));
  await attempt(file, async () => {
    const { pair } = await serverCertificateToUse(dataDir, config.hostname, now);
    await attempt(file, () => readSettings(loaded, pair).then(() => undefined));
    if (config.portal !== undefined)
      await attempt(file, () => portalSettings(loaded, pair).then(() => undefined));
    if (config.review !== undefined)
      await attempt(file, () => reviewSettings(loaded, pair).then(() => undefined));
  });
  return problems;
}

function checkKeys({ config, dataDir }: LoadedConfig): void {
  const from = config.master_key;
  const started = databaseExists(dataDir);
  // The first start makes it.
  if ('file' in from && !started && !existsSync(resolve(dataDir, from.file))) return;
  checkStore(dataDir, loadMasterKey(from, dataDir, { createIfMissing: false }));
  const audit = join(dataDir, 'audit');
  // Where only the public half is missing, the function would write it, and `start` may.
  const writes = existsSync(join(audit, 'signing-key.pem')) && !existsSync(join(audit, PUBLIC_KEY_FILE));
  if (started && !writes) loadOrCreateSigningKey(dataDir, { createIfMissing: false });
}
