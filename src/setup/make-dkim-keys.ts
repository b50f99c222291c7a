import type { LoadedConfig } from '../config/load.js';
import type { DkimRecord } from '../keys/dkim/index.js';
import { dkimKeyResult } from '../ops/acts/keys-dkim.js';
import type { Answers } from './answers.js';
import { dkimKeysOf } from './config-text.js';
import type { SetUpDeps } from './set-up.js';

/** Makes the DKIM keys that the configuration names. @returns their records */
export async function makeDkimKeys(
  answers: Answers,
  loaded: LoadedConfig,
  perform: SetUpDeps['perform'],
): Promise<readonly DkimRecord[]> {
  const records: DkimRecord[] = [];
  for (const { domain, selector, type } of dkimKeysOf(answers))
    records.push(dkimKeyResult.parse(await perform(loaded, 'keys dkim', { domain, selector, type })).record);
  return records;
}
