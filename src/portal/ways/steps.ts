import type { PortalItem, PortalSession, Proof } from '../../model/portal-item.js';
import { type Enrolment, opens } from './proofs.js';

/** What a visitor may do next to get in; each proves one thing. */
export type Step = Proof;

/** What there is to sign in with, for one recipient and one item. */
export interface Means {
  readonly password: boolean;
  readonly totp: boolean;
  readonly passkey: boolean;
  /** The browser is remembered for this recipient. */
  readonly device: boolean;
  /** The organisation's gateway for codes is configured. */
  readonly sms: boolean;
  /** The item has a passphrase that is not locked. */
  readonly passphrase: boolean;
}

const NOTHING: Pick<PortalSession, 'proofs' | 'passphraseItems'> = { proofs: [], passphraseItems: [] };

/**
 * The steps that bring a visitor nearer to an item, in the order in which they are offered; empty when it is open to
 * him, or when nothing that he could do would open it: then only the organisation can help.
 */
export function nextSteps(
  item: Pick<PortalItem, 'id' | 'recipient' | 'strength'>,
  session: Pick<PortalSession, 'proofs' | 'passphraseItems'> | undefined,
  means: Means,
  enrolment: Enrolment,
): readonly Step[] {
  const { proofs, passphraseItems } = session ?? NOTHING;
  const proven = {
    recipient: item.recipient,
    proofs,
    passphraseItems,
  };
  if (opens(item, proven, enrolment)) return [];
  const possible = ORDER.filter((step) => isAtHand(step, proven, item, means));
  return possible.filter((step) => leadsOn(step, possible, proven, item, enrolment));
}

const ORDER: readonly Step[] = ['device', 'passkey', 'mailbox', 'password', 'totp', 'passphrase', 'sms'];

type Proven = Pick<PortalSession, 'recipient' | 'proofs' | 'passphraseItems'>;
type Wanted = Pick<PortalItem, 'id' | 'recipient' | 'strength'>;

function isAtHand(step: Step, proven: Proven, item: Wanted, means: Means): boolean {
  switch (step) {
    case 'mailbox':
      return !proven.proofs.includes('mailbox');
    case 'passphrase':
      return means.passphrase && !proven.passphraseItems.includes(item.id);
    case 'totp':
      // Asked of whoever has given the password, so that it can't be tried without.
      return means.totp && proven.proofs.includes('password') && !proven.proofs.includes('totp');
    case 'sms':
      // Codes cost money, and ring telephones: only for whoever has proved something before.
      return means.sms && hasFirst(proven) && !proven.proofs.includes('sms');
    default:
      return means[step] && !proven.proofs.includes(step);
  }
}

/** Whether a set of steps that holds this one opens the item, and the same without it doesn't. */
function leadsOn(
  step: Step,
  possible: readonly Step[],
  proven: Proven,
  item: Wanted,
  enrolment: Enrolment,
): boolean {
  // A second step may only be at hand after the first.
  const later: readonly Step[] = possible.includes('password') ? ['totp'] : [];
  const all = [...new Set([...possible, ...later])];
  for (const others of subsets(all.filter((one) => one !== step))) {
    if (opens(item, after(proven, [...others, step], item), enrolment)) {
      if (!opens(item, after(proven, others, item), enrolment)) return true;
    }
  }
  return false;
}

function after(proven: Proven, steps: readonly Step[], item: Wanted): Proven {
  return {
    recipient: proven.recipient,
    proofs: [...proven.proofs, ...steps],
    passphraseItems: steps.includes('passphrase')
      ? [...proven.passphraseItems, item.id]
      : proven.passphraseItems,
  };
}

function hasFirst({ proofs }: Proven): boolean {
  return proofs.includes('mailbox') || proofs.includes('password') || proofs.includes('passkey');
}

/** At most 2^6 of them. */
function subsets<T>(of: readonly T[]): readonly (readonly T[])[] {
  return of.reduce<readonly (readonly T[])[]>(
    (sets, one) => [...sets, ...sets.map((set) => [...set, one])],
    [[]],
  );
}
