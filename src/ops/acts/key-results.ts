import { z } from 'zod';
import { KEY_KINDS, KEY_SOURCES, KEY_STATES } from '../../model/key.js';

/* What the key commands answer: the acts write it, the command line reads it back. */

const kind = z.enum(KEY_KINDS);

export const importResult = z.strictObject({
  taken: z.array(
    z.strictObject({
      kind,
      fingerprint: z.string(),
      address: z.string(),
      algorithm: z.string(),
      state: z.enum(KEY_STATES),
      /** It was there before, just so. */
      unchanged: z.boolean(),
      /** Why it can't be used as things are. */
      note: z.string().optional(),
    }),
  ),
  refused: z.array(
    z.strictObject({
      kind,
      fingerprint: z.string().optional(),
      address: z.string().optional(),
      reason: z.string(),
    }),
  ),
});
export type ImportResult = z.output<typeof importResult>;

export const importOwnResult = z.strictObject({
  kind,
  fingerprint: z.string(),
  algorithm: z.string(),
  address: z.string().optional(),
  /** Fingerprint of the key whose place it took. */
  replaced: z.string().optional(),
});
export type ImportOwnResult = z.output<typeof importOwnResult>;

export const decideResult = z.strictObject({
  changed: z.array(z.strictObject({ kind, fingerprint: z.string(), address: z.string().optional() })),
  /** Of these addresses other keys of the kind still wait. */
  stillPending: z.array(z.string()),
  /** Refusing a key: the one that is used on for its address, and where it came from. */
  usedOn: z
    .array(
      z.strictObject({ kind, fingerprint: z.string(), address: z.string(), source: z.enum(KEY_SOURCES) }),
    )
    .default([]),
  /** Refusing a key: the addresses for which it is in use all the same. */
  stillInUseFor: z.array(z.string()).default([]),
});
export type DecideResult = z.output<typeof decideResult>;

const found = z.strictObject({
  usable: z.array(
    z.strictObject({
      fingerprint: z.string(),
      source: z.enum(KEY_SOURCES),
      algorithm: z.string(),
      revocation: z.enum(['good', 'vouched', 'undetermined']),
      /** Why revocation is not known. */
      detail: z.string().optional(),
    }),
  ),
  refused: z.array(
    z.strictObject({ fingerprint: z.string().optional(), source: z.enum(KEY_SOURCES), reason: z.string() }),
  ),
});
export const findResult = z.strictObject({ address: z.string(), openpgp: found, x509: found });
export type FindResult = z.output<typeof findResult>;
