import { auditEvent } from './audit/events.js';
import type { LoadedConfig } from './config/load.js';
import { keySourcesFor } from './decide/index.js';
import { detectionSettings } from './inspect/detect/settings.js';
import type { JudgedBy } from './judging.js';
import { type DkimKeys, usableDkimKeys } from './keys/dkim/index.js';
import { type KeyFinder, openKeyFinder } from './keys/index.js';
import type { KeyKind } from './model/key.js';
import { logWarnings, type ReadInForce, readAgain } from './ops/in-force.js';
import type { Log } from './ops/log.js';
import { loadRosters, refuseUnused } from './roster/load.js';
import type { Clock } from './shared/clock.js';
import { domainOf } from './shared/domain-of.js';
import { errorText } from './shared/errors.js';
import { slots } from './shared/slots.js';
import type { MasterKey } from './store/master-key.js';
import type { AuditSink, KeyStore } from './store/ports.js';

/** Recipients whose keys are looked for in directories at the same time. */
const MAX_LOOKUPS = 20;

/** What the running relay goes by, and whatever follows from it; a reload replaces all of it at once. */
export interface Reloadable {
  loaded(): LoadedConfig;
  /** What messages are judged by. */
  judgedBy(): JudgedBy;
  /** As the configuration has it: store, directories, judges, revocation. */
  readonly keys: KeyFinder;
  /** Looks in the sources that the policies accept for the recipient. */
  findKeys(address: string, kinds: readonly KeyKind[]): ReturnType<KeyFinder['find']>;
  /** Reads the rosters of the data directory again. @throws UserError when one can't be read; then the old ones stay */
  rostersChanged(): Promise<void>;
  /**
   * Reads configuration and policies again; bad ones keep the old, which is logged and recorded. To be called in turn.
   * @returns whether they were taken
   */
  reload(parts: {
    /** Rejects where the next configuration can't be used; what it gives puts it in force. */
    readonly prepare: (next: LoadedConfig) => Promise<() => void>;
    /** Called in the same moment. */
    readonly replaced: () => Promise<void>;
  }): Promise<boolean>;
}

/** @throws UserError where files, keys or rosters can't be used, or rosters would not be */
export async function createReloadable(
  first: ReadInForce,
  deps: {
    readonly masterKey: MasterKey;
    readonly store: { readonly keys: KeyStore; readonly audit: AuditSink };
    readonly dkimKeys: DkimKeys;
    readonly clock: Clock;
    readonly log: Log;
  },
): Promise<Reloadable> {
  const { masterKey, store, dkimKeys, clock, log } = deps;
  const { dataDir } = first.loaded;
  const finderFor = (from: LoadedConfig) =>
    openKeyFinder({ loaded: from, store: store.keys, clock, log, record: true });

  let { loaded, policy } = first;
  let finder = await finderFor(loaded);
  await usableDkimKeys(dkimKeys, loaded);
  let rosters = await loadRosters(dataDir, masterKey);
  refuseUnused(
    loaded.config,
    rosters.map((one) => one.name),
  );
  let detection = detectionSettings(policy.detectors, rosters);
  logWarnings(log, first);

  const lookups = slots(MAX_LOOKUPS);
  // Directories may be slow; whom we hold keys for by import must not wait behind them.
  const find: KeyFinder['find'] = (address, wanted) =>
    wanted.sources.every((source) => source === 'imported')
      ? finder.find(address, wanted)
      : lookups.run(() => finder.find(address, wanted));

  return {
    loaded: () => loaded,
    judgedBy: () => ({ loaded, policy, detection }),
    keys: { find, judge: (key) => finder.judge(key) },
    findKeys: (address, kinds) => find(address, { kinds, sources: keySourcesFor(policy, domainOf(address)) }),
    async rostersChanged() {
      rosters = await loadRosters(dataDir, masterKey);
      detection = detectionSettings(policy.detectors, rosters);
    },
    async reload({ prepare, replaced }) {
      const read = await readAgain({ loaded, policy });
      let nextFinder = finder;
      let admit: () => void = () => undefined;
      // All that may refuse comes first: what is recorded as loaded is in force.
      const refused = read.ok
        ? await refusedBy(async () => {
            nextFinder = await finderFor(read.next.loaded);
            await usableDkimKeys(dkimKeys, read.next.loaded);
            admit = await prepare(read.next.loaded);
          })
        : read.reason;
      if (!read.ok || refused !== undefined) {
        await store.audit.record(
          read.ok ? [auditEvent('config.rejected', { error: refused ?? '' })] : read.events,
        );
        log.error({ reason: refused }, 'reload refused: the configuration and policies in force stay');
        return false;
      }
      await store.audit.record(read.events);
      admit();
      ({ loaded, policy } = read.next);
      detection = detectionSettings(policy.detectors, rosters);
      finder = nextFinder;
      await replaced();
      logWarnings(log, read.next);
      log.info({ policy: policy.hash, rules: policy.rules.length }, 'configuration and policies reloaded');
      return true;
    },
  };
}

/** Why a part would not take the new configuration. */
async function refusedBy(reload: () => Promise<void>): Promise<string | undefined> {
  try {
    await reload();
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}
