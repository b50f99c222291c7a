import { pino } from 'pino';
import type { ActContext } from '../../../../src/ops/acts/index.js';
import { loadMasterKey, openStore, type Store } from '../../../../src/store/index.js';
import type { MasterKey } from '../../../../src/store/master-key.js';
import { temporaryFolder } from '../../store/fixtures.js';

export function never(): never {
  throw new Error('not needed here');
}

/** A real store in a folder of its own, to be closed by whoever opens it. */
export async function openActStore(
  clock: ActContext['clock'],
  audit: { readonly checkpointEveryEvents?: number } = {},
): Promise<{ readonly store: Store; readonly dataDir: string; readonly masterKey: MasterKey }> {
  const dataDir = temporaryFolder();
  const masterKey = loadMasterKey({ file: 'master.key' }, dataDir, { createIfMissing: true });
  const store = await openStore({
    dataDir,
    masterKey,
    clock,
    log: pino({ level: 'silent' }),
    audit: { checkpointEveryEvents: 1000, checkpointEveryMs: 60_000, ...audit },
  });
  return { store, dataDir, masterKey };
}

/** What acts get. Whatever isn't given throws when it is used, the configuration too. */
export function actContext({
  loaded,
  ...given
}: Pick<ActContext, 'store' | 'clock' | 'actor'> & Partial<ActContext>): ActContext {
  return {
    get loaded() {
      return loaded ?? never();
    },
    wake: () => undefined,
    decideAgain: never,
    relayStopped: false,
    enrolTotp: never,
    availability: never,
    findKeys: never,
    judgeKey: never,
    sealSecret: never,
    methodsAfterRelease: never,
    bounce: never,
    revokeItem: never,
    untoldItem: never,
    portalOperations: { extend: never, resend: never, resetAccount: never },
    unlockRecipient: never,
    checkRoster: never,
    rostersChanged: never,
    makeBackup: never,
    rotateMaster: never,
    ...given,
  };
}
