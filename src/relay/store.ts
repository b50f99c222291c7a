import type { LoadedConfig } from '../config/load.js';
import { rememberedKeys } from '../keys/remembered-keys.js';
import type { Log } from '../ops/log.js';
import { checkpointSink } from '../ops/system-log.js';
import type { Clock } from '../shared/clock.js';
import { type FreshMessages, freshMessages } from '../store/fresh-messages.js';
import { openStore, type Store } from '../store/index.js';
import { knownSuppressions } from '../store/known-suppressions.js';
import type { MasterKey } from '../store/master-key.js';
import { type WatchMessage, watchedMessages } from '../store/watched-messages.js';
import { judgedAtOnce } from './load.js';

/** Mail that waits to be judged and is still in memory. */
const FRESH_BYTES = 8 * 1024 * 1024;

/** The store, with what is remembered in front of it. */
export interface RelayStore extends Omit<FreshMessages<Store>, 'store'> {
  readonly store: Store;
  readonly watch: WatchMessage;
}

/** @throws UserError when it is in use, damaged, or another master key's */
export async function openRelayStore(
  { config, dataDir }: LoadedConfig,
  { masterKey, clock, log }: { readonly masterKey: MasterKey; readonly clock: Clock; readonly log: Log },
): Promise<RelayStore> {
  const opened = await openStore({
    dataDir,
    masterKey,
    clock,
    log,
    audit: {
      checkpointEveryEvents: config.audit.checkpoint_every_events,
      checkpointEveryMs: config.audit.checkpoint_every,
      onCheckpoint: checkpointSink(log, config.audit.syslog),
    },
  });
  const { store, watch } = watchedMessages(
    knownSuppressions({ ...opened, keys: rememberedKeys(opened.keys) }),
  );
  // What comes in while that much waits is read again when its turn comes.
  return { ...freshMessages(store, { messages: judgedAtOnce(config), bytes: FRESH_BYTES }), watch };
}
