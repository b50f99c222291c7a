import type { Account } from '../../model/account.js';
import type { Approval, Operator } from '../../model/operator.js';
import type { Events } from './events.js';

export interface AccountStore {
  account(name: string): Promise<Account | undefined>;
  accounts(): Promise<readonly Account[]>;
  put(account: Account, events: Events): Promise<void>;
}

export interface OperatorStore {
  operator(name: string): Promise<Operator | undefined>;
  operators(): Promise<readonly Operator[]>;
  /**
   * Adds or replaces. False, and nothing written, when it isn't as `expected` any more (undefined: absent). What changes an
   * operator (`changedAt`, roles, token, disabled) voids the approvals that they gave, in the same commit.
   */
  put(operator: Operator, expected: Operator | undefined, events: Events): Promise<boolean>;
  /** Approvals that count, of one message or of all. */
  approvals(messageId?: string): Promise<readonly Approval[]>;
}
