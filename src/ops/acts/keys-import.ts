import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import { MalformedKey, mergeOpenPgp, whyNoAddress as whyNoUserId } from '../../keys/openpgp/index.js';
import type { ReadKey } from '../../keys/types.js';
import { KEY_STATES, type StoredKey } from '../../model/key.js';
import { UserError } from '../../shared/errors.js';
import { foldAddress } from '../../shared/fold-address.js';
import type { KeyStore } from '../../store/ports.js';
import { type ActContext, act } from './act.js';
import { OVERTAKEN } from './apply.js';
import { keyAddress, keyMaterial, readMaterial } from './key-input.js';
import { createImportJudge, type ImportJudge, type ImportVerdict } from './key-judge.js';
import type { ImportResult } from './key-results.js';

type Taken = ImportResult['taken'][number];
type Refused = ImportResult['refused'][number];

/** Addresses of one key; more are brought up to date when their turn comes. */
const MAX_KNOWN = 1000;
/** The row changed under our hands more often than this only if something is wrong. */
const TRIES = 3;

/** Takes recipients' keys that a person has, for each address that they name or for one of those. */
export const importKeys = act(
  z.strictObject({ keys: z.array(keyMaterial).min(1).max(1000), address: keyAddress.optional() }),
  async (context, input): Promise<ImportResult> => {
    const judge = await createImportJudge(context);
    const taken: Taken[] = [];
    const refused: Refused[] = [];
    for (const given of input.keys) {
      const key = await readMaterial(given);
      if (key === undefined) {
        refused.push({ kind: given.kind, reason: 'it is not one whole key' });
        continue;
      }
      const { kind, fingerprint } = key;
      const known = await context.store.keys.list({
        kind,
        fingerprint,
        states: KEY_STATES,
        limit: MAX_KNOWN,
      });
      const addresses = chosen(key, known, input.address);
      if (addresses.length === 0)
        refused.push({ kind, fingerprint, reason: whyNoAddress(key, input.address) });
      for (const address of addresses) {
        const result = await takeKey(context, judge, key, known, address);
        if ('reason' in result) refused.push({ kind, fingerprint, address, reason: result.reason });
        else taken.push(result);
      }
    }
    return { taken, refused };
  },
);

/** Those that the key names, and those for which it is known: it may come with the revocation that ends that. */
function chosen(key: ReadKey, known: readonly StoredKey[], only: string | undefined): readonly string[] {
  const all = new Map(
    [...key.addresses, ...known.map((row) => row.address)].map((one) => [foldAddress(one), one]),
  );
  if (only === undefined) return [...all.values()];
  const named = all.get(foldAddress(only));
  return named === undefined ? [] : [named];
}

function whyNoAddress(key: ReadKey, only: string | undefined): string {
  if (key.addresses.length > 0) return `it does not name ${only ?? 'an address'}`;
  return key.kind === 'openpgp' ? whyNoUserId(key.material) : 'no subject alternative name is a mail address';
}

/** One key for one address: the first becomes active, a different one waits, the same one is brought up to date. */
async function takeKey(
  context: ActContext,
  judge: ImportJudge,
  key: ReadKey,
  known: readonly StoredKey[],
  address: string,
): Promise<Taken | { readonly reason: string }> {
  const { store, clock } = context;
  const actor = context.actor.name;
  const { kind, fingerprint } = key;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const rows = (await store.keys.keysFor(address)).filter((row) => row.kind === kind);
    const same = rows.find((row) => row.fingerprint === fingerprint);
    const merged = await withKnown(key, same, known);
    if (merged === undefined) return { reason: 'it could not be put together with the copy that is known' };
    const verdict = await judge(merged, address, same?.pinned === true);
    // The key in use is brought up to date even so: what makes it unusable may be a revocation.
    if (verdict.never !== undefined && same?.state !== 'active' && same?.state !== 'pending') {
      if (!(await remember(store.keys, same, merged))) continue;
      return { reason: verdict.never };
    }
    const state = stateOf(rows, same);
    const now = clock.now();
    const row: StoredKey = {
      kind,
      // A row keeps the address as it was first written.
      address: same?.address ?? address,
      fingerprint,
      source: 'imported',
      state,
      pinned: same?.pinned ?? false,
      firstSeenAt: same?.firstSeenAt ?? now,
      confirmedAt: now,
      actor,
      material: merged.material,
      chain: merged.chain,
    };
    if (state === 'pending' && same?.state !== 'pending') {
      const reason = await whyNotBeside(context, rows, row, verdict);
      if (reason !== undefined) {
        if (!(await remember(store.keys, same, merged))) continue;
        return { reason };
      }
    }
    const note = verdict.never ?? verdict.notYet;
    const shown = {
      kind,
      fingerprint,
      address: row.address,
      algorithm: key.algorithm,
      state,
      ...(note === undefined ? {} : { note }),
    };
    if (same !== undefined && isUnchanged(same, row)) return { ...shown, unchanged: true };
    const event = auditEvent('key.imported', {
      actor,
      kind,
      address: row.address,
      fingerprint,
      source: 'imported',
      state,
    });
    if (await store.keys.put(row, [event], { before: same })) return { ...shown, unchanged: false };
  }
  throw new UserError(OVERTAKEN);
}

/** Everything that either copy says, so that an old copy in a file can't undo a revocation. */
async function withKnown(
  key: ReadKey,
  same: StoredKey | undefined,
  known: readonly StoredKey[],
): Promise<ReadKey | undefined> {
  if (key.kind === 'x509') {
    // The way to the anchor may have been in the earlier file only.
    return same === undefined ? key : { ...key, chain: unique([...key.chain, ...same.chain]) };
  }
  let { material } = key;
  try {
    // The copies of other addresses too; its own last, which comes back as it is where nothing is new.
    for (const copy of [...known, ...(same === undefined ? [] : [same])])
      if (!Buffer.from(copy.material).equals(material))
        material = await mergeOpenPgp(copy.material, material);
    return { ...key, material };
  } catch (error) {
    if (!(error instanceof MalformedKey)) throw error;
    return undefined;
  }
}

/**
 * Why a key isn't put before a person: it could not be used, while the key in use can be. Waiting, it would only keep
 * that one from being used.
 */
async function whyNotBeside(
  { judgeKey }: ActContext,
  rows: readonly StoredKey[],
  added: StoredKey,
  verdict: ImportVerdict,
): Promise<string | undefined> {
  const active = rows.find((row) => row.state === 'active');
  if (active === undefined) return undefined;
  const judged = await judgeKey(added);
  if (judged.usable || !(await judgeKey(active)).usable) return undefined;
  return verdict.notYet === undefined
    ? judged.reason
    : `${judged.reason}; the key in use for this address can be used: to vouch for this one instead, \`sallyport keys remove ${active.fingerprint}\`, import it again, and \`keys trust --pin\``;
}

/**
 * What a refused key brings along is kept where it is known, so that an older copy can't undo it; its state stays. False
 * when somebody else was faster.
 */
async function remember(
  keys: Pick<KeyStore, 'put'>,
  same: StoredKey | undefined,
  { material }: Pick<ReadKey, 'material'>,
): Promise<boolean> {
  if (same === undefined || Buffer.from(same.material).equals(material)) return true;
  const { kind, address, fingerprint } = same;
  return keys.put(
    { ...same, material },
    [auditEvent('key.updated', { kind, address, fingerprint, source: 'imported' })],
    { before: same },
  );
}

/** The first key of an address is used; one beside another waits for a person. */
function stateOf(rows: readonly StoredKey[], same: StoredKey | undefined): 'active' | 'pending' {
  if (same?.state === 'active') return 'active';
  if (same?.state === 'pending') return 'pending';
  const others = rows.filter((row) => row !== same);
  return others.some((row) => row.state === 'active' || row.state === 'pending') ? 'pending' : 'active';
}

function isUnchanged(before: StoredKey, after: StoredKey): boolean {
  return (
    before.source === after.source &&
    before.state === after.state &&
    Buffer.from(before.material).equals(after.material) &&
    before.chain.length === after.chain.length
  );
}

function unique(chain: readonly Uint8Array[]): readonly Uint8Array[] {
  return [...new Map(chain.map((der) => [Buffer.from(der).toString('base64'), der])).values()];
}
