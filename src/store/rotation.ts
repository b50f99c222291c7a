import { resolve } from 'node:path';
import { auditEvent } from '../audit/events.js';
import type { DamagedSeal } from '../model/damaged-seal.js';
import { UserError } from '../shared/errors.js';
import { unwrapBodyKey, type WrappingKeys, wrapBodyKey, wrapNumber } from './body-seal.js';
import { BodyDamaged } from './errors.js';
import { sealLasting } from './key-state.js';
import {
  derived,
  deriveKey,
  type KeyRing,
  LASTING,
  type MasterKey,
  makeNextKey,
  replaceKeyFile,
  sealingKeys,
} from './master-key.js';
import { type DamagedRow, WRAPPED_IN, type WrappedIn, type WrappedRow } from './operations/master-keys.js';
import type { MasterKeyStore } from './ports.js';

/*
 * A new master key in place of the old one, while the relay works. The new one lies beside the old one's file; relay.db
 * says that both are needed; from then on everything is sealed with the new one, and what is there is sealed anew in
 * small pieces. When nothing is left, one transaction puts the new key in force, and its file takes the place of the
 * old one's. Each step can be the last before a crash: the next start sees which of these is true.
 */

/** Rows sealed anew in one transaction: 64 KB each at most. */
const BATCH = 50;

export interface RotationDeps {
  readonly masterKey: MasterKey;
  /** The file of the master key, absolute. */
  readonly file: string;
  readonly store: MasterKeyStore;
  /** Seals what lies outside of the bodies (secrets, second factors, rosters) anew. */
  readonly resealRest: () => Promise<Resealed>;
  /** Runs what no command may change meanwhile. */
  readonly alone: <T>(task: () => Promise<T>) => Promise<T>;
  readonly stopped: () => boolean;
}

export interface Resealed {
  /** How many were sealed anew. */
  readonly resealed: number;
  /** What opens with neither key. */
  readonly damaged: readonly DamagedSeal[];
}

export interface Rotated extends Resealed {
  readonly from: number;
  readonly to: number;
}

/** More that doesn't open is no damage to single things: then the old key is kept. */
const MOST_DAMAGED = 100;

/** The file that a configuration names, if the key is in one. */
export function masterKeyFile(
  from: { readonly file: string } | { readonly env: string } | { readonly credential: string },
  dataDir: string,
): string | undefined {
  return 'file' in from ? resolve(dataDir, from.file) : undefined;
}

/** Whether a rotation is under way. */
export function isRotating({ ring }: MasterKey): boolean {
  return ring !== undefined && ring.older.length > 0;
}

/**
 * Makes a new master key and begins to use it.
 * @throws UserError when a rotation is under way
 */
export async function beginRotation(deps: RotationDeps, actor: string): Promise<void> {
  const { masterKey, file, store } = deps;
  if (isRotating(masterKey))
    throw new UserError('the master key is being replaced already: wait for its end');
  const from = masterKey.ring?.newest.number ?? 1;
  const to = from + 1;
  const secret = makeNextKey(file);
  const lasting = new Map(LASTING.map((purpose) => [purpose, deriveKey(masterKey, purpose)] as const));
  await store.begin(
    {
      from,
      to,
      check: derived(secret, 'key-check'),
      lasting: sealLasting(derived(secret, 'lasting-keys'), to, lasting),
    },
    [auditEvent('master-key.rotation-started', { actor, from, to })],
  );
  setRing(masterKey, {
    newest: { number: to, secret },
    older: [{ number: from, secret: masterKey.secret }],
    retired: masterKey.ring?.retired ?? [],
    lasting,
  });
}

/**
 * Seals everything anew and destroys the old key; goes on where it was left. What opens with neither key can't be sealed anew, and
 * stays as it is: nobody can read it, whichever keys there are.
 * @throws UserError when the relay stops: the next start goes on; when too much doesn't open
 */
export async function finishRotation(deps: RotationDeps): Promise<Rotated> {
  const { masterKey, store } = deps;
  const { ring } = masterKey;
  const [old] = ring?.older ?? [];
  if (ring === undefined || old === undefined) throw new Error('no rotation is under way');
  const to = ring.newest.number;
  let resealed = 0;
  for (;;) {
    const bodies = await resealBodies(deps, to);
    resealed += bodies.resealed;
    const done = await deps.alone(async () => {
      const rest = await deps.resealRest();
      resealed += rest.resealed;
      const damaged = [...bodies.damaged.map(({ seal }) => seal), ...rest.damaged];
      refuseMuchDamage(damaged.length);
      const from = old.number;
      const finished = await store.finish({ to, except: bodies.damaged.map(({ row }) => row) }, [
        auditEvent('master-key.rotation-finished', {
          from,
          to,
          resealed,
          ...(damaged.length === 0 ? {} : { damaged }),
        }),
      ]);
      if (!finished) return undefined;
      replaceKeyFile(deps.file);
      setRing(masterKey, { ...ring, older: [], retired: [...ring.retired, old] }, ring.newest.secret);
      return { from, to, resealed, damaged };
    });
    if (done !== undefined) return done;
    // Something came in that was sealed a moment before the new key was there.
  }
}

interface ResealedBodies {
  readonly resealed: number;
  readonly damaged: readonly { readonly seal: DamagedSeal; readonly row: DamagedRow }[];
}

async function resealBodies(
  { masterKey, store, stopped }: RotationDeps,
  to: number,
): Promise<ResealedBodies> {
  let resealed = 0;
  const damaged: { readonly seal: DamagedSeal; readonly row: DamagedRow }[] = [];
  for (const table of WRAPPED_IN) {
    for (let after = 0; ; ) {
      if (stopped())
        throw new UserError('the relay stops; the rotation of the master key goes on at its next start');
      const rows = await store.wrapped({ table, after, limit: BATCH });
      const last = rows.at(-1);
      if (last === undefined) break;
      after = last.row;
      const keys = sealingKeys(masterKey, 'body-wrap');
      const anew = rows
        .filter(({ wrapped }) => wrapNumber(wrapped) !== to)
        .flatMap((one) => {
          const { row, id, wrapped } = one;
          const after = wrappedAnew(keys, one);
          if (after !== undefined) return [{ row, before: wrapped, after }];
          damaged.push({ seal: { kind: KIND_IN[table], id }, row: { table, row, wrapped } });
          refuseMuchDamage(damaged.length);
          return [];
        });
      if (anew.length > 0) resealed += await store.rewrap({ table, rows: anew });
    }
  }
  return { resealed, damaged };
}

const KIND_IN: Readonly<Record<WrappedIn, DamagedSeal['kind']>> = {
  bodies: 'message',
  rewritten_bodies: 'message',
  portal_bodies: 'portal-item',
  portal_replies: 'portal-reply',
};

/** Undefined: it opens with no key. */
function wrappedAnew(keys: WrappingKeys, { wrapped, size, fileName }: WrappedRow): Buffer | undefined {
  const place = { size, ...(fileName === undefined ? {} : { fileName }) };
  try {
    return wrapBodyKey(keys, unwrapBodyKey(keys, wrapped, place), place);
  } catch (error) {
    if (error instanceof BodyDamaged) return undefined;
    throw error;
  }
}

/** @throws UserError */
function refuseMuchDamage(damaged: number): void {
  if (damaged <= MOST_DAMAGED) return;
  throw new UserError(
    `more than ${MOST_DAMAGED} sealed keys in relay.db open with neither master key, so the old one is not destroyed: the database is damaged; keep both keys and restore the newest backup`,
  );
}

/** Whoever has the key sees the change: it is one object in the whole process. */
function setRing(masterKey: MasterKey, ring: KeyRing, secret = masterKey.secret): void {
  Object.assign(masterKey, { ring, secret });
}
