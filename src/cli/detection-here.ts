import type { LoadedConfig } from '../config/load.js';
import type { PolicySet } from '../decide/index.js';
import { type DetectionSettings, detectionSettings } from '../inspect/detect/settings.js';
import { loadRosters, rosterFiles } from '../roster/load.js';
import { loadMasterKey } from '../store/index.js';

/**
 * What the relay would detect with: the policies' own detectors, and the rosters of the data directory.
 * @throws UserError when there are rosters that can't be read: without them the answer would be another than the relay's
 */
export async function detectionHere(loaded: LoadedConfig, policy: PolicySet): Promise<DetectionSettings> {
  const { config, dataDir } = loaded;
  if ((await rosterFiles(dataDir)).length === 0) return detectionSettings(policy.detectors, []);
  const masterKey = loadMasterKey(config.master_key, dataDir, { createIfMissing: false });
  return detectionSettings(policy.detectors, await loadRosters(dataDir, masterKey));
}
