import type { IdentityConfig } from '../config/schema.js';
import type { Account } from '../model/account.js';
import { parseSenderPattern, type SenderPattern } from '../shared/sender-pattern.js';
import { NOTHING_MORE, type SenderRights } from './sender-rights.js';

/** As whom an account may send. */
export function rightsOfAccount({ senders, allow }: Pick<Account, 'senders' | 'allow'>): SenderRights {
  return {
    senders: patternsOf(senders),
    allow:
      allow === undefined
        ? NOTHING_MORE
        : { forwarding: allow.forwarding, onBehalfOf: patternsOf(allow.onBehalfOf) },
  };
}

/** As whom an identity of the configuration may send. */
export function rightsOfIdentity({
  senders,
  allow,
}: Pick<IdentityConfig, 'senders' | 'allow'>): SenderRights {
  return {
    senders: patternsOf(senders),
    allow: { forwarding: allow.forwarding, onBehalfOf: patternsOf(allow.on_behalf_of) },
  };
}

/** What is no pattern gives no right. */
function patternsOf(texts: readonly string[]): readonly SenderPattern[] {
  return texts.map(parseSenderPattern).filter((pattern) => pattern !== undefined);
}
