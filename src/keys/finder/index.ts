import type { Config } from '../../config/schema.js';
import { KEY_KINDS, type KeyKind, type KeySource, type StoredKey } from '../../model/key.js';
import { type Log, logAddress } from '../../ops/log.js';
import type { Clock } from '../../shared/clock.js';
import { errorFacts } from '../../shared/errors.js';
import { foldAddress } from '../../shared/fold-address.js';
import { createInTurn } from '../../shared/in-turn.js';
import type { KeyStore } from '../../store/ports.js';
import type {
  KeyFinder,
  KeyLimits,
  KeySourceClient,
  KindFound,
  RevocationChecker,
  TrustAnchor,
} from '../types.js';
import { type FindContext, findKind } from './find-kind.js';
import { judgeRow } from './judge-row.js';
import { type CachedSource, createLookupCache } from './lookup-cache.js';
import type { KeyDirectories, KeyJudges } from './parts.js';

export type { KeyDirectories, KeyJudges } from './parts.js';

export interface KeyFinderOptions {
  readonly store: Pick<KeyStore, 'keysFor' | 'list' | 'put' | 'confirm'>;
  readonly directories: KeyDirectories;
  readonly judges: KeyJudges;
  readonly revocation: RevocationChecker;
  readonly anchors: readonly TrustAnchor[];
  readonly limits: KeyLimits;
  /** `keys.failure_cache`, in milliseconds. */
  readonly failureCache: number;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'error'>;
  /** What the log may show of addresses: `logging.addresses`. */
  readonly logAddresses: Config['logging']['addresses'];
  /** False: nothing is written; a key seen for the first time is reported as the one that would be used. */
  readonly record: boolean;
}

/**
 * Looks for keys in the order of the policy's sources, and keeps to what was used first: the first usable key of an
 * address becomes its key, another one later waits for a person, and meanwhile neither is used.
 *
 * A source is asked only where no earlier one had a usable key of that kind. So an imported key that can be used is not
 * compared with what directories say; its change is noticed when it can't be used any longer.
 */
export function createKeyFinder(options: KeyFinderOptions): KeyFinder {
  const { store, directories, log, logAddresses } = options;
  const inTurn = createInTurn();
  const cached = (source: string, clients: readonly KeySourceClient[]): readonly CachedSource[] =>
    clients.map((client) =>
      createLookupCache(client, {
        failureCache: options.failureCache,
        clock: options.clock,
        onFailure: (address, reason, error) =>
          log.warn(
            {
              source,
              recipient: logAddress(logAddresses, address),
              reason,
              ...(error === undefined ? {} : errorFacts(error)),
            },
            'a key source could not be asked',
          ),
      }),
    );
  const context: FindContext = {
    store,
    directories: { ldap: cached('ldap', directories.ldap), wkd: cached('wkd', directories.wkd) },
    judges: options.judges,
    revocation: options.revocation,
    anchors: options.anchors,
    limits: options.limits,
    clock: options.clock,
    record: options.record,
    onJudgeFailure: (error) => log.error(errorFacts(error), 'a key could not be judged'),
  };

  const findOne = async (
    address: string,
    kind: KeyKind,
    wanted: Parameters<KeyFinder['find']>[1],
    read: readonly StoredKey[] | undefined,
  ) => {
    // Twice, because another process or a person may have been faster. Not for ever: a third time is no accident.
    for (let tries = 0; tries < 2; tries += 1) {
      const rows = (tries === 0 ? read : undefined) ?? (await store.keysFor(address));
      const found = await findKind(address, kind, wanted.sources, rows, context);
      if (found !== undefined) return found;
    }
    return overtaken(wanted.sources[0] ?? 'imported');
  };

  const findAll = async (
    address: string,
    wanted: Parameters<KeyFinder['find']>[1],
    read: readonly StoredKey[] | undefined,
  ) => {
    const found: Record<KeyKind, KindFound> = { openpgp: NOT_WANTED, x509: NOT_WANTED };
    for (const kind of KEY_KINDS) {
      if (wanted.kinds.includes(kind)) found[kind] = await findOne(address, kind, wanted, read);
    }
    return found;
  };

  return {
    async find(address, wanted) {
      // What was imported is judged at once, and nothing is written.
      if (wanted.sources.every((source) => source === 'imported'))
        return findAll(address, wanted, await store.keysFor(address));
      // In turn: two messages for a new recipient must not take two first keys, or ask for the same change twice. Asking
      // directories takes its time, so rows are read for each kind.
      return inTurn(foldAddress(address), () => findAll(address, wanted, undefined));
    },
    async judge(key) {
      try {
        return await judgeRow(key, key.address, context);
      } catch (error) {
        context.onJudgeFailure(error);
        return { usable: false, reason: 'it could not be judged' };
      }
    },
  };
}

const NOT_WANTED: KindFound = { usable: [], refused: [] };

function overtaken(source: KeySource): KindFound {
  return {
    usable: [],
    refused: [{ source, reason: 'the keys of this address were being changed at the same time' }],
  };
}
