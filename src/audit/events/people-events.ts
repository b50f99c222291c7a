import type { Role } from '../../model/operator.js';

/** Operators, the review page, and accounts that submit mail. */
export interface PeopleEvents {
  'operator.added': {
    readonly actor: string;
    readonly operator: string;
    readonly roles: readonly Role[];
    readonly secondFactor: boolean;
  };
  'operator.changed': {
    readonly actor: string;
    readonly operator: string;
    /** `recovered`: with the relay stopped, by whoever may open its files. */
    readonly change: 'roles' | 'token' | 'totp' | 'enabled' | 'recovered';
    /** Those that the operator has from here on. */
    readonly roles: readonly Role[];
  };
  'operator.disabled': { readonly actor: string; readonly operator: string };
  /** Without `clientAddress`: by a command on this machine. */
  'operator.logged-in': {
    readonly operator: string;
    readonly clientAddress?: string;
    readonly secondFactor: boolean;
  };
  'operator.signed-out': { readonly operator: string; readonly clientAddress: string };
  'operator.login-failed': {
    /** Only where there is such an operator, because people type passwords into the name field. */
    readonly operator?: string;
    readonly clientAddress?: string;
    readonly reason: string;
  };
  /** Somebody was not let in at the review page. `operator`: who was signed in; `messageId`: a message that is held. */
  'review.refused': {
    readonly operator?: string;
    readonly messageId?: string;
    readonly clientAddress: string;
    readonly reason: string;
  };
  /** Somebody asked for what their roles don't allow. */
  'operator.refused': { readonly actor: string; readonly act: string; readonly reason: string };
  'account.added': { readonly actor: string; readonly account: string; readonly senders: readonly string[] };
  'account.password-changed': { readonly actor: string; readonly account: string };
  /** What an account may do beyond writing in its own name, from here on. */
  'account.allowed': {
    readonly actor: string;
    readonly account: string;
    readonly forwarding: 'off' | 'resent' | 'redirected';
    readonly onBehalfOf: readonly string[];
  };
  'account.disabled': { readonly actor: string; readonly account: string };
  'account.enabled': { readonly actor: string; readonly account: string };
}
