import type { Method } from './method.js';

/**
 * What an operator may do. `reviewer`: decide about held mail, and read it; `auditor`: read the log and export it;
 * `administrator`: everything about accounts, keys, the queue, the portal and operators, but not about held mail.
 */
export const ROLES = ['reviewer', 'auditor', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

/** Somebody who may change things, with a token of their own. */
export interface Operator {
  /** Letters of a-z, digits, `.`, `-` and `_`, so that it can't be taken for `local, unverified` or an address. */
  readonly name: string;
  /** In ROLES order; at least one. */
  readonly roles: readonly Role[];
  /** PHC string (argon2id) of the token. */
  readonly tokenHash: string;
  /** The TOTP secret, sealed for this operator; absent: none is asked for. */
  readonly sealedTotp?: Uint8Array;
  /** The last time step whose code was taken; it and earlier ones are not taken again. */
  readonly totpStep: number;
  /** Wrong codes in a row, each with the right token. */
  readonly failures: number;
  /** Until then no code is checked; where it is over, when the last one failed. */
  readonly lockedUntil?: number;
  readonly disabled: boolean;
  readonly createdAt: number;
  readonly changedAt: number;
}

/** Who acts. `name` is what the audit log records. */
export type Actor =
  | {
      readonly kind: 'operator';
      readonly name: string;
      readonly roles: readonly Role[];
      /** `Operator.changedAt` when they were recognised: whatever was changed about them since ends that. */
      readonly asOf?: number;
    }
  /** Whoever may open the control socket or the store: the user that the relay runs as, or root. */
  | { readonly kind: 'local'; readonly name: 'local, unverified'; readonly roles: readonly [] };

export const LOCAL: Actor = { kind: 'local', name: 'local, unverified', roles: [] };

export const OPERATOR_NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** What the log calls something else than a person, or could be taken for it; no operator has such a name. */
const RESERVED = new Set([
  'anonymous',
  'automatic',
  'daemon',
  'first-start',
  'gateway',
  'local',
  'nobody',
  'operator',
  'policy',
  'portal',
  'recipient',
  'relay',
  'retention',
  'root',
  'sallyport',
  'scheduler',
  'sender',
  'system',
  'unknown',
  'unverified',
]);

/** Whether a name is one that the gateway itself acts by, however its words are joined. */
export function isReservedName(name: string): boolean {
  return RESERVED.has(name.replaceAll(/[._]/g, '-')) || /^(?:local|first|sallyport|system)[._-]/.test(name);
}

/** One person's word that a held recipient may go, where a rule asks for two. */
export interface Approval {
  readonly messageId: string;
  readonly index: number;
  readonly operator: string;
  /** The method that was approved; another one needs to be approved anew. */
  readonly method: Method;
  readonly at: number;
}
