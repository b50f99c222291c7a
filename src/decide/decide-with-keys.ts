import type { KeyFinder } from '../keys/types.js';
import type { Availability, MethodAvailability } from '../model/availability.js';
import type { Decision } from '../model/decision.js';
import type { ExistingProtection } from '../model/inspection.js';
import type { KeyKind, KeySource } from '../model/key.js';
import { type DecideOptions, deciding } from './decide.js';
import { type MessageFacts, recipientFacts } from './facts.js';
import { keyAvailability } from './key-availability.js';
import type { PolicySet } from './policy-set.js';

export interface KeyLookup extends DecideOptions {
  /** The domains of the organisation. */
  readonly organisationDomains: readonly string[];
  /** What the recipient can receive by, keys aside. */
  readonly availability: MethodAvailability;
  readonly findKeys: KeyFinder['find'];
  /**
   * The sender's own protection of a message that was not inspected; asked only where it could be sealed once more.
   * Undefined: none, or it can't be told, and then the message is sealed.
   */
  readonly protectionOf?: () => Promise<ExistingProtection | undefined>;
}

/**
 * Decides for one recipient, and looks for its keys only where they could matter: the demand does not depend on them, so
 * it is found out first. Mail that nobody asks to protect makes no directory learn to whom we write.
 * @throws StoreUnavailable when what was found could not be recorded
 */
export async function decideWithKeys(
  policy: PolicySet,
  message: MessageFacts,
  address: string,
  lookup: KeyLookup,
): Promise<Decision> {
  const without = recipientFacts(address, lookup.organisationDomains, {
    ...lookup.availability,
    pgp: NOT_LOOKED_FOR,
    smime: NOT_LOOKED_FOR,
  });
  const decided = deciding(policy, message, without, lookup);
  const first = decided(without.availability);
  const kinds = wantedKinds(first, policy, without.domain);
  if (kinds.length === 0) return first;
  if (message.inspection.notRead === true && lookup.protectionOf !== undefined) {
    const protection = await lookup.protectionOf();
    if (protection !== undefined) {
      const { protectionOf: _, ...known } = lookup;
      const seen = { ...message, inspection: { ...message.inspection, protection } };
      return decideWithKeys(policy, seen, address, known);
    }
  }
  const found = await lookup.findKeys(address, { kinds, sources: keySourcesFor(policy, without.domain) });
  const availability: MethodAvailability = {
    ...without.availability,
    ...(kinds.includes('openpgp') && { pgp: keyAvailability(found.openpgp) }),
    ...(kinds.includes('x509') && { smime: keyAvailability(found.x509) }),
  };
  return decided(availability);
}

/** The sources that the policies ask for recipients of a domain, in their order. */
export function keySourcesFor(policy: PolicySet, domain: string): readonly KeySource[] {
  return policy.keySourcesByDomain.get(domain) ?? policy.keySources;
}

function wantedKinds(decision: Decision, policy: PolicySet, domain: string): readonly KeyKind[] {
  if (!decision.protected || decision.alreadyEncrypted === true || decision.demand.disposition === 'reject')
    return [];
  const prefer = policy.preferByDomain.get(domain) ?? policy.prefer;
  const wanted = (method: 'pgp' | 'smime') =>
    prefer.includes(method) && decision.demand.methods.includes(method);
  return [...(wanted('pgp') ? (['openpgp'] as const) : []), ...(wanted('smime') ? (['x509'] as const) : [])];
}

const NOT_LOOKED_FOR: Availability = { available: false, reason: 'no key was looked for' };
