import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import { fingerprintFits } from '../../keys/fingerprint.js';
import { type StoredKey, signsContent } from '../../model/key.js';
import { UserError } from '../../shared/errors.js';
import { type ActContext, act } from './act.js';
import { OVERTAKEN } from './apply.js';
import { keyAddress, keyReference } from './key-input.js';
import type { DecideResult, FindResult } from './key-results.js';
import { rowsOfKey } from './key-rows.js';

const target = { fingerprint: keyReference, address: keyAddress.optional() };

/** Makes a key the one that is used for its address; with `pin`, a person vouches for the certificate itself. */
export const trustKey = act(
  z.strictObject({ ...target, pin: z.boolean().default(false) }),
  async (context, input): Promise<DecideResult> => {
    const { keys } = context.store;
    const rows = await toTrust(context, await rowsOfKey(keys, input.fingerprint, input.address), input.pin);
    // All before the first is changed.
    for (const row of rows) await mustBeUsable(context, row, input.pin);
    for (const row of rows) {
      const { kind, address, fingerprint, source } = row;
      const before = (await beside(context, row)).find((one) => one.state === 'active');
      const pinned = input.pin || row.pinned;
      const event = auditEvent('key.trusted', {
        actor: context.actor.name,
        kind,
        address,
        fingerprint,
        source,
        pinned,
        ...(before === undefined ? {} : { replacedFingerprint: before.fingerprint }),
      });
      if (!(await keys.activate(row, { actor: context.actor.name, pinned }, [event])))
        throw new UserError(OVERTAKEN);
    }
    context.wake();
    return decided(context, rows);
  },
);

/** Refuses a key that waits; it is not proposed again, and the one before is used on. */
export const rejectKey = act(z.strictObject(target), async (context, input): Promise<DecideResult> => {
  const { keys } = context.store;
  const all = await rowsOfKey(keys, input.fingerprint, input.address);
  const rows = all.filter((row) => row.state === 'pending');
  const inUse = all.filter((row) => row.state === 'active').map((row) => row.address);
  if (rows.length === 0)
    throw new UserError(
      inUse.length === 0
        ? 'this key does not wait for a decision; `sallyport keys remove` takes a key out'
        : `this key does not wait for a decision: it is in use for ${inUse.join(', ')}; \`sallyport keys remove\` takes it out`,
    );
  for (const row of rows) {
    const event = auditEvent('key.rejected', { actor: context.actor.name, ...about(row) });
    if (!(await keys.reject(row, context.actor.name, [event]))) throw new UserError(OVERTAKEN);
  }
  const usedOn: DecideResult['usedOn'] = [];
  for (const row of rows)
    for (const { kind, fingerprint, address, source, state } of await beside(context, row))
      if (state === 'active') usedOn.push({ kind, fingerprint, address, source });
  const result = await decided(context, rows);
  // Where yet another one waits, none is used.
  const settled = usedOn.filter(({ address }) => !result.stillPending.includes(address));
  return { ...result, usedOn: settled, stillInUseFor: inUse };
});

/** Takes a key out, for all its addresses or for one. A source may give it again. */
export const removeKey = act(z.strictObject(target), async (context, input): Promise<DecideResult> => {
  const { keys } = context.store;
  const rows = await rowsOfKey(keys, input.fingerprint, input.address, {
    orElse: await hintAtOwn(context, input.fingerprint),
  });
  for (const row of rows) {
    const event = auditEvent('key.removed', { actor: context.actor.name, ...about(row) });
    if (!(await keys.remove(row, [event]))) throw new UserError(OVERTAKEN);
  }
  return decided(context, rows);
});

/** What would be used for a recipient now, and what not, with the reasons. */
export const findKeys = act(
  z.strictObject({ address: keyAddress }),
  async (context, { address }): Promise<FindResult> => {
    const { openpgp, x509 } = await context.findKeys(address);
    const shown = ({ usable, refused }: typeof openpgp): FindResult['openpgp'] => ({
      usable: usable.map(({ facts }) => ({ ...facts })),
      refused: refused.map((one) => ({ ...one })),
    });
    return { address, openpgp: shown(openpgp), x509: shown(x509) };
  },
);

/**
 * Without an address, only what waits is meant: a key that was replaced at one address must not come back because
 * it waits at another.
 */
async function toTrust(
  context: ActContext,
  rows: readonly StoredKey[],
  pin: boolean,
): Promise<readonly StoredKey[]> {
  if (pin && rows.some((row) => row.kind !== 'x509'))
    throw new UserError('only certificates are pinned; an OpenPGP key needs nobody else to vouch for it', {
      exitStatus: 2,
    });
  const pending = rows.filter((row) => row.state === 'pending');
  if (pending.length > 0) return pending;
  const unpinned = rows.filter((row) => row.state === 'active' && !row.pinned);
  if (pin && unpinned.length > 0) return unpinned;
  const active = rows.filter((row) => row.state === 'active');
  const others = rows.filter((row) => row.state !== 'active');
  for (const row of active) {
    const rival = (await beside(context, row)).find((one) => one.state === 'pending');
    if (rival !== undefined)
      throw new UserError(
        `this key is the one in use for ${row.address}, and another one waits; to keep this one: \`sallyport keys reject ${rival.fingerprint}\``,
      );
  }
  if (others.length === 0) {
    for (const row of active) await mustBeUsable(context, row, pin);
    throw new UserError('this key is in use already; nothing was changed');
  }
  if (others.length > 1)
    throw new UserError(
      `this key is known for ${others.length} addresses, and waits at none: choose one by --address`,
      { exitStatus: 2 },
    );
  return others;
}

/** @throws UserError with the reason where the key could not be used although a person trusts it */
async function mustBeUsable({ judgeKey }: ActContext, row: StoredKey, pin: boolean): Promise<void> {
  const judged = await judgeKey({ ...row, pinned: pin || row.pinned });
  if (judged.usable) return;
  const { kind, fingerprint, address } = row;
  const couldBePinned =
    kind === 'x509' && !pin && !row.pinned && (await judgeKey({ ...row, pinned: true })).usable;
  throw new UserError(
    `${row.state === 'active' ? 'this key is in use already, and it' : 'it'} could not be used for ${address}: ${judged.reason}; ${
      couldBePinned
        ? `to vouch for it yourself: \`sallyport keys trust ${fingerprint} --pin\``
        : 'nothing was changed'
    }`,
  );
}

function about({ kind, address, fingerprint, source }: StoredKey) {
  return { kind, address, fingerprint, source };
}

/** What is said where there is no such recipient's key, but one that signs. */
async function hintAtOwn({ store }: ActContext, digits: string): Promise<string | undefined> {
  const own = (await store.keys.ownKeys())
    .filter(signsContent)
    .find((row) => fingerprintFits(row.fingerprint, digits));
  return own === undefined
    ? undefined
    : `${own.fingerprint} is no recipient's key but one that signs our mail; to destroy it: \`sallyport keys remove ${own.fingerprint} --own\``;
}

/** The other keys of the same kind for the address of this one. */
async function beside({ store }: ActContext, row: StoredKey): Promise<readonly StoredKey[]> {
  const all = await store.keys.keysFor(row.address);
  return all.filter((one) => one.kind === row.kind && one.fingerprint !== row.fingerprint);
}

async function decided(context: ActContext, rows: readonly StoredKey[]): Promise<DecideResult> {
  const stillPending: string[] = [];
  for (const { kind, address } of rows) {
    const others = await context.store.keys.keysFor(address);
    if (others.some((one) => one.kind === kind && one.state === 'pending')) stillPending.push(address);
  }
  return {
    changed: rows.map(({ kind, fingerprint, address }) => ({ kind, fingerprint, address })),
    stillPending,
    usedOn: [],
    stillInUseFor: [],
  };
}
