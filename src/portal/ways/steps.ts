import type { PortalItem, PortalSession, Proof } from '../../model/portal-item.js';
import { type Enrolment, opens } from './proofs.js';

/** What a visitor may do next to get in; each proves one thing. `register`: choose a password for the first time. */
export type Step = Proof | 'register';

/** What a step proves. */
export function proofOf(step: Step): Proof {
  return step === 'register' ? 'password' : step;
}

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
  /** The recipient has neither password nor second factor yet, so whoever has the mailbox may choose a password. */
  readonly register: boolean;
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
  const thinkable = ORDER.filter((step) => isThere(step, means) && !isDone(step, proven, item));
  return thinkable.filter(
    (step) => isAtHand(step, proven) && leadsOn(step, thinkable, proven, item, enrolment),
  );
}

const ORDER: readonly Step[] = [
  'device',
  'passkey',
  'mailbox',
  'password',
  'register',
  'totp',
  'passphrase',
  'sms',
];

type Proven = Pick<PortalSession, 'recipient' | 'proofs' | 'passphraseItems'>;
type Wanted = Pick<PortalItem, 'id' | 'recipient' | 'strength'>;

function isThere(step: Step, means: Means): boolean {
  return step === 'mailbox' || means[step];
}

function isDone(step: Step, proven: Proven, item: Wanted): boolean {
  return step === 'passphrase'
    ? proven.passphraseItems.includes(item.id)
    : proven.proofs.includes(proofOf(step));
}

function isAtHand(step: Step, proven: Pick<Proven, 'proofs'>): boolean {
  switch (step) {
    // Asked of whoever has given the password, so that it can't be tried without.
    case 'totp':
      return proven.proofs.includes('password');
    // These codes cost money, and ring telephones: only for whoever has proved something before.
    case 'sms':
      return hasFirst(proven);
    // Ten wrong ones lock it: not for whoever merely has the link.
    case 'passphrase':
      return hasFirst(proven);
    // The first password is the choice of whoever has the mailbox.
    case 'register':
      return proven.proofs.includes('mailbox');
    default:
      return true;
  }
}

/** Whether there is a set of steps with this one that opens the item, and that doesn't without it. */
function leadsOn(
  step: Step,
  thinkable: readonly Step[],
  proven: Proven,
  item: Wanted,
  enrolment: Enrolment,
): boolean {
  return subsets(thinkable.filter((one) => one !== step)).some(
    (others) =>
      opens(item, after(proven, [...others, step], item), enrolment) &&
      !opens(item, after(proven, others, item), enrolment),
  );
}

/** What is proven after those of the steps that can be taken, in whatever order they must be. */
function after(proven: Proven, steps: readonly Step[], item: Wanted): Proven {
  const next = steps.find((step) => !isDone(step, proven, item) && isAtHand(step, proven));
  if (next === undefined) return proven;
  return after(
    {
      recipient: proven.recipient,
      proofs: [...proven.proofs, proofOf(next)],
      passphraseItems: next === 'passphrase' ? [...proven.passphraseItems, item.id] : proven.passphraseItems,
    },
    steps,
    item,
  );
}

function hasFirst({ proofs }: Pick<Proven, 'proofs'>): boolean {
  return proofs.includes('mailbox') || proofs.includes('password') || proofs.includes('passkey');
}

/** At most 2^7 of them. */
function subsets<T>(of: readonly T[]): readonly (readonly T[])[] {
  const [first, ...others] = of;
  if (first === undefined) return [[]];
  const without = subsets(others);
  return without.concat(without.map((set) => [first, ...set]));
}
