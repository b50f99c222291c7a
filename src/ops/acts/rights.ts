import type { Actor, Role } from '../../model/operator.js';
import type { ActName } from './index.js';

/** When the local user without a name may do it. */
export type LocalRight =
  /** Unless `operators.required` is set. */
  | 'unless-required'
  /** As long as there is no administrator. */
  | 'first-administrator'
  /** Only with the relay stopped: for whoever lost the token of the last administrator. */
  | 'relay-stopped'
  | 'never';

export interface Right {
  /** Operators with any of these roles may. */
  readonly roles: readonly Role[];
  readonly local: LocalRight;
}

const administrator = { roles: ['administrator'], local: 'unless-required' } as const satisfies Right;
const reviewer = { roles: ['reviewer'], local: 'unless-required' } as const satisfies Right;

/**
 * Who may do what. Whoever keeps the machines running needs no mail, so an administrator decides about held mail only
 * with the role `reviewer` beside it (45 CFR 164.308(a)(4)(ii)(B), 164.502(b)).
 */
export const RIGHTS = {
  'users add': administrator,
  'users password': administrator,
  'users allow': administrator,
  'users disable': administrator,
  'users enable': administrator,
  'queue retry': administrator,
  // Held mail is a reviewer's to end, other mail an administrator's; the act itself sees to that.
  'queue cancel': { roles: ['administrator', 'reviewer'], local: 'unless-required' },
  'held release': reviewer,
  'held reject': reviewer,
  'held redecide': reviewer,
  'portal revoke': administrator,
  'portal extend': administrator,
  'portal resend': administrator,
  'portal unlock': administrator,
  'suppress add': administrator,
  'suppress remove': administrator,
  'tls reset': administrator,
  'keys import': administrator,
  'keys import-own': administrator,
  'keys trust': administrator,
  'keys reject': administrator,
  'keys remove': administrator,
  'keys remove-own': administrator,
  'keys find': { roles: ['administrator', 'reviewer'], local: 'unless-required' },
  'keys dkim': administrator,
  'keys dkim-remove': administrator,
  'roster import': administrator,
  'roster remove': administrator,
  'audit record-export': { roles: ['administrator', 'auditor'], local: 'unless-required' },
  'audit hold add': { roles: ['administrator', 'auditor'], local: 'unless-required' },
  // Not an administrator's: whoever could have something destroyed must not lift what stops it.
  'audit hold remove': { roles: ['auditor'], local: 'unless-required' },
  'audit prune': administrator,
  backup: administrator,
  'keys rotate-master': administrator,
  'operators add': { roles: ['administrator'], local: 'first-administrator' },
  'operators roles': { roles: ['administrator'], local: 'never' },
  'operators disable': { roles: ['administrator'], local: 'never' },
  // Everybody their own; the act itself sees to that.
  'operators token': { roles: ['administrator', 'auditor', 'reviewer'], local: 'never' },
  'operators totp': { roles: ['administrator', 'auditor', 'reviewer'], local: 'never' },
  'operators recover': { roles: [], local: 'relay-stopped' },
} as const satisfies Readonly<Record<ActName, Right>>;

/** Circumstances on which the local user's rights depend. */
export interface Circumstances {
  /** `operators.required`. */
  readonly required: boolean;
  /** Whether an administrator exists who isn't disabled. */
  readonly administrators: boolean;
  /** No relay runs: the command opened the store itself. */
  readonly relayStopped: boolean;
}

/** Why somebody may not do something, in words with what to do; undefined: they may. Pure. */
export function whyNotAllowed(actor: Actor, right: Right, now: Circumstances): string | undefined {
  if (actor.kind === 'operator') {
    if (right.roles.some((role) => actor.roles.includes(role))) return undefined;
    if (right.roles.length === 0) return 'it is for the local user, without an operator';
    return `${actor.name} has the ${actor.roles.length === 1 ? 'role' : 'roles'} ${actor.roles.join(', ')}, and it takes ${right.roles.join(' or ')}`;
  }
  switch (right.local) {
    case 'unless-required':
      return now.required ? `\`operators.required\` is set, so it takes an operator: ${HOW}` : undefined;
    case 'first-administrator':
      return now.administrators ? `there is an administrator, so it takes one: ${HOW}` : undefined;
    case 'relay-stopped':
      return now.relayStopped ? undefined : 'it is possible only while the relay is stopped';
    case 'never':
      return now.administrators
        ? `it takes an operator: ${HOW}`
        : 'it takes an operator, and there is no administrator yet: `sallyport operators add NAME --role administrator` makes the first';
  }
}

const HOW = 'set SALLYPORT_OPERATOR and SALLYPORT_OPERATOR_TOKEN_FILE';
