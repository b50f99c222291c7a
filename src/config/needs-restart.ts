import type { LoadedConfig } from './load.js';

/** What is opened, bound or derived at the start, so that a reload can't change it. */
function fixedAtStart({ config, dataDir }: LoadedConfig): ReadonlyMap<string, unknown> {
  return new Map<string, unknown>([
    ['hostname', config.hostname],
    ['data_dir', dataDir],
    ['master_key', config.master_key],
    ['logging', config.logging],
    ['listeners', config.listeners.map(({ name, address, mode }) => ({ name, address, mode }))],
    ['inspect', config.inspect],
    ['dns', config.dns],
    ['portal', config.portal],
    ['review', config.review],
    ['audit', config.audit],
    ['admin', config.admin],
  ]);
}

/** The keys that differ and take effect only after a restart. */
export function changesThatNeedRestart(before: LoadedConfig, after: LoadedConfig): readonly string[] {
  const old = fixedAtStart(before);
  return [...fixedAtStart(after)]
    .filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(old.get(key)))
    .map(([key]) => key);
}
