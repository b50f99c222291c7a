import { createKeyFinder } from '../../../../src/keys/finder/index.js';
import {
  type KeyFinder,
  type KeySourceClient,
  type ReadKey,
  type RevocationAnswer,
  SourceFailed,
} from '../../../../src/keys/types.js';
import type { KeyKind, KeySource, StoredKey } from '../../../../src/model/key.js';
import { createMemoryKeyStore, type MemoryKeyStore } from '../../../support/memory-key-store.js';

export const ADDRESS = 'ada@clinic.test';
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
export const CACHE = 4 * HOUR;
export const FAILURE_CACHE = 10 * 60_000;
export const START = Date.UTC(2026, 10, 1);

/** What a made-up key says of itself; its bytes are this as JSON. */
export interface FakeKey {
  readonly kind: KeyKind;
  readonly fingerprint: string;
  readonly address: string;
  readonly made: number;
  readonly expires?: number;
  readonly revoked?: boolean;
  readonly signOnly?: boolean;
  /** Certificates: nobody is known whom to ask about revocation. */
  readonly orphan?: boolean;
  /** Certificates: the judge wants this one among the chain. */
  readonly needs?: string;
}

export function fakeKey(name: string, wish: Partial<FakeKey> = {}): FakeKey {
  return { kind: 'openpgp', fingerprint: fingerprint(name), address: ADDRESS, made: START - DAY, ...wish };
}

export function fingerprint(name: string): string {
  return Buffer.from(name).toString('hex').toUpperCase().padEnd(40, '0');
}

export function bytesOf(key: FakeKey): Uint8Array {
  return Buffer.from(JSON.stringify(key));
}

export function published(key: FakeKey, ...chain: readonly string[]): ReadKey {
  return {
    kind: key.kind,
    fingerprint: key.fingerprint,
    addresses: [key.address],
    algorithm: 'X25519',
    notBefore: key.made,
    material: bytesOf(key),
    chain: chain.map((text) => Buffer.from(text)),
  };
}

export function stored(key: FakeKey, more: Partial<StoredKey> = {}): StoredKey {
  return {
    kind: key.kind,
    address: ADDRESS,
    fingerprint: key.fingerprint,
    source: 'imported',
    state: 'active',
    pinned: false,
    firstSeenAt: START - DAY,
    confirmedAt: START - DAY,
    material: bytesOf(key),
    chain: [],
    ...more,
  };
}

/** Keys, nothing, a failure, or a mistake in the client. */
export type Answer = readonly ReadKey[] | 'fails' | 'throws';

export interface FakeSource extends KeySourceClient {
  answer: Answer;
  readonly asked: string[];
  /** Awaited in each lookup. */
  hold: Promise<void>;
}

function fakeSource(): FakeSource {
  const source: FakeSource = {
    answer: [],
    asked: [],
    hold: Promise.resolve(),
    cache: CACHE,
    lookup: async (address) => {
      source.asked.push(address);
      const { answer } = source;
      await source.hold;
      if (answer === 'fails') throw new SourceFailed('the server did not answer in time');
      if (answer === 'throws') throw new TypeError('secret of ada@clinic.test');
      return answer;
    },
  };
  return source;
}

export interface Stage {
  readonly store: MemoryKeyStore;
  readonly ldap: FakeSource;
  readonly ldap2: FakeSource;
  readonly wkd: FakeSource;
  readonly logged: unknown[];
  revocation: RevocationAnswer;
  now: number;
  /** What a look-up gives, in few words: the usable fingerprint and its source, and the reasons. */
  find(...sources: readonly KeySource[]): Promise<Seen>;
  readonly finder: KeyFinder;
  /** A finder on the same store that has nothing in memory, as after a restart. */
  restart(): void;
  readonly eventTypes: readonly string[];
}

export interface Seen {
  readonly openpgp: string | undefined;
  readonly x509: string | undefined;
  readonly refused: readonly string[];
}

export function createStage(
  options: { readonly rows?: readonly StoredKey[]; readonly record?: boolean } = {},
): Stage {
  const store = createMemoryKeyStore(...(options.rows ?? []));
  const [ldap, ldap2, wkd] = [fakeSource(), fakeSource(), fakeSource()];
  const logged: unknown[] = [];
  const log = {
    warn: (...line: unknown[]) => logged.push(line),
    error: (...line: unknown[]) => logged.push(line),
  };
  const start = () =>
    createKeyFinder({
      store,
      directories: { ldap: [ldap, ldap2], wkd: [wkd] },
      judges: {
        openPgp: (material, address, _limits, now) => {
          const key = parse(material);
          const reason = fault(key, address, now);
          if (reason !== undefined) return { usable: false, reason };
          const { fingerprint } = key;
          return {
            usable: true,
            algorithm: 'X25519',
            sealing: { kind: 'openpgp', fingerprint, material, encryptionKey: fingerprint, seipd: 1 },
          };
        },
        certificate: (certificate, chain, address, { pinned, now }) => {
          const key = parse(certificate);
          const { fingerprint, needs } = key;
          const reason = fault(key, address, now);
          if (reason !== undefined) return { usable: false, reason };
          if (needs !== undefined && !pinned && !chain.some((one) => Buffer.from(one).toString() === needs))
            return { usable: false, reason: 'no path to a trust anchor' };
          return {
            usable: true,
            algorithm: 'P-256',
            sealing: { kind: 'x509', fingerprint, certificate },
            path: [certificate],
            revocation: pinned && key.orphan === true ? 'pinned' : 'check',
          };
        },
        mergeOpenPgp: (known, found) => {
          const [a, b] = [parse(known), parse(found)];
          const revoked = a.revoked === true || b.revoked === true;
          const expires = Math.max(a.expires ?? 0, b.expires ?? 0);
          return bytesOf({ ...a, ...(revoked ? { revoked } : {}), ...(expires > 0 ? { expires } : {}) });
        },
      },
      revocation: { check: async () => stage.revocation },
      anchors: [],
      limits: { localPart: 'ignore-case', minRsaBits: 2048, curves: ['X25519'] },
      failureCache: FAILURE_CACHE,
      clock: { now: () => stage.now },
      log,
      logAddresses: 'domains',
      record: options.record ?? true,
    });
  let finder = start();
  const stage: Stage = {
    store,
    ldap,
    ldap2,
    wkd,
    logged,
    revocation: { status: 'good' },
    now: START,
    get finder() {
      return finder;
    },
    restart: () => {
      finder = start();
    },
    get eventTypes() {
      return store.events.map((event) => event.type);
    },
    find: async (...sources) => {
      const { openpgp, x509 } = await finder.find(ADDRESS, { kinds: ['openpgp', 'x509'], sources });
      const usable = ({ usable: [first] }: typeof openpgp) =>
        first === undefined ? undefined : `${nameOf(first.facts.fingerprint)} from ${first.facts.source}`;
      return {
        openpgp: usable(openpgp),
        x509: usable(x509),
        refused: [...openpgp.refused, ...x509.refused].map(
          (one) =>
            `${one.source}${one.fingerprint === undefined ? '' : ` ${nameOf(one.fingerprint)}`}: ${one.reason}`,
        ),
      };
    },
  };
  return stage;
}

export function nameOf(hex: string): string {
  return Buffer.from(hex, 'hex').toString().replaceAll('\0', '');
}

function parse(bytes: Uint8Array): FakeKey {
  return JSON.parse(Buffer.from(bytes).toString()) as FakeKey;
}

function fault(key: FakeKey, address: string, now: number): string | undefined {
  if (key.address.toLowerCase() !== address.toLowerCase()) return 'no user ID names this address';
  if (key.revoked === true) return 'revoked';
  if (key.expires !== undefined && key.expires <= now) return 'expired';
  return key.signOnly === true ? 'it can only sign' : undefined;
}
