import { existsSync, lstatSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { loadOrCreateSigningKey, PUBLIC_KEY_FILE } from '../audit/signing-key.js';
import { checkFiles } from '../config/check-files.js';
import type { LoadedConfig } from '../config/load.js';
import { placesIn } from '../config/places.js';
import { readSettings } from '../intake/settings.js';
import { serverCertificateToUse } from '../keys/server-certificate.js';
import { loadTrustAnchors } from '../keys/x509/index.js';
import { loadLooks } from '../portal/looks/load-looks.js';
import { portalSettings } from '../portal/settings.js';
import { reviewSettings } from '../review/site/settings.js';
import { refuseUnused, rosterFiles } from '../roster/load.js';
import { errorText } from '../shared/errors.js';
import { databaseExists } from '../store/data-dir.js';
import { loadMasterKey } from '../store/index.js';
import { checkStore, hasOlderLayout } from '../store/read-only.js';
import { dkimKeys } from './dkim-keys.js';

/** What `start` would refuse. */
export interface StartProblem {
  /** One line: where, and what is wrong. */
  readonly text: string;
  /** What to do. */
  readonly fix: string;
}

/** A problem and what to do about it, on one line. */
export function problemLine({ text, fix }: StartProblem): string {
  return `${text}; ${fix}`;
}

/**
 * What `start` would refuse besides the configuration's own text and the policies, found with the functions that it
 * uses, without making, changing or binding anything.
 * @param now epoch milliseconds
 */
export async function startProblems(loaded: LoadedConfig, now: number): Promise<readonly StartProblem[]> {
  const { config, dataDir } = loaded;
  const at = await placesIn(loaded.file);
  const ofFiles = await checkFiles(loaded, now);
  const problems: StartProblem[] = ofFiles.map(({ keys, path, what, fix }) => ({
    text: `${at(keys[0] ?? '')}: ${keys.join(', ')}: ${path}: ${what}`,
    fix,
  }));
  const attempt = async (about: string, fix: string, work: () => void | Promise<void>) => {
    try {
      await work();
    } catch (error) {
      const text = `${about}: ${errorText(error)}`;
      // Parts that share a certificate share what is wrong with it.
      if (!problems.some((one) => one.text === text)) problems.push({ text, fix });
    }
  };
  await attempt(
    `${at('master_key')}: master_key`,
    'see that `data_dir` and `master_key` belong together; put a lost key back from its safe copy, with chmod 600',
    () => checkKeys(loaded),
  );
  await attempt(at('inspect'), 'switch inspection on, or remove the rosters', async () =>
    refuseUnused(
      config,
      (await rosterFiles(dataDir)).map((path) => basename(path, '.roster')),
    ),
  );
  // What follows reads the same files again, and would only repeat what is wrong with them.
  if (ofFiles.length > 0) return problems;
  await attempt(
    at('keys.trust_anchors'),
    'keep CA certificates alone in the files of `keys.trust_anchors`, in PEM form, each once',
    async () => {
      await loadTrustAnchors(
        config.keys.trust_anchors.map((one) => ({ file: loaded.path(one.file), revocation: one.revocation })),
      );
    },
  );
  await attempt(`${at('dkim')}: dkim`, 'let the user who runs this read `data_dir`', async () => {
    // Between an upgrade and its first start, which reads them.
    if (hasOlderLayout(dataDir)) return;
    for (const { domain, selector, kept, problem } of await dkimKeys(loaded))
      if (problem !== undefined)
        problems.push({
          text: `${at('dkim')}: dkim: ${selector} of ${domain}: ${problem}`,
          fix: `make the key with \`sallyport keys dkim ${domain} --selector ${selector}\`${kept === 'in a file' ? ' and leave `key` out, or mend its file (PEM form, chmod 600)' : ''}`,
        });
  });
  await attempt(at('portal.organisations'), 'put another logo there, or leave `logo` out', () =>
    loadLooks(loaded).then(() => undefined),
  );
  await attempt(
    at('listeners'),
    `let the relay’s user read ${join(dataDir, 'tls')}, or remove that folder: the next start makes it anew`,
    async () => {
      const { pair } = await serverCertificateToUse(dataDir, config.hostname, now);
      await attempt(at('listeners'), 'correct `listeners`', () =>
        readSettings(loaded, pair).then(() => undefined),
      );
      if (config.portal !== undefined)
        await attempt(at('portal'), 'correct `portal`', () =>
          portalSettings(loaded, pair).then(() => undefined),
        );
      if (config.review !== undefined)
        await attempt(at('review'), 'correct `review`', () =>
          reviewSettings(loaded, pair).then(() => undefined),
        );
    },
  );
  return problems;
}

function checkKeys({ config, dataDir }: LoadedConfig): void {
  const from = config.master_key;
  const started = databaseExists(dataDir);
  // The first start makes it.
  if ('file' in from && !started && !existsSync(resolve(dataDir, from.file))) return;
  checkStore(dataDir, loadMasterKey(from, dataDir, { createIfMissing: false }));
  const audit = join(dataDir, 'audit');
  // Where only the public half is missing, the function would write it, and `start` may; where there is no folder at all, `start`
  // begins a new log.
  const writes = existsSync(join(audit, 'signing-key.pem')) && !existsSync(join(audit, PUBLIC_KEY_FILE));
  if (started && !writes && lstatSync(audit, { throwIfNoEntry: false }) !== undefined)
    loadOrCreateSigningKey(dataDir, { createIfMissing: false });
}
