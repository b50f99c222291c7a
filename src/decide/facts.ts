import type { MethodAvailability } from '../model/availability.js';
import type { Inspection, PartReport } from '../model/inspection.js';
import type { Authors } from '../model/message.js';

/** What is known of a message when its recipients are decided. Stays in memory: it may hold PHI. */
export interface MessageFacts {
  /** Name of the account or identity that submitted it. */
  readonly identity: string;
  /** Canonical envelope sender, `''` for the null reverse-path. */
  readonly sender: string;
  /** Who wrote it beside the envelope sender. */
  readonly authors?: Authors;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** With `failure` set, only its parts are known. */
  readonly inspection: Inspection;
}

/** What is known of one recipient. */
export interface RecipientFacts {
  /** Canonical address. */
  readonly address: string;
  /** Lower-case A-labels. */
  readonly domain: string;
  /** Whether the domain is one of the organisation's. */
  readonly internal: boolean;
  readonly availability: MethodAvailability;
}

/**
 * The facts of a message. An inspection that died or was late gives a part with status `corrupt` or `timed-out`, so
 * that rules about unread parts see it, and leaves everything else unknown.
 */
export function messageFacts(
  inspection: Inspection,
  message: Pick<MessageFacts, 'sender' | 'authors' | 'identity' | 'receivedAt'>,
): MessageFacts {
  const { sender, authors, identity, receivedAt } = message;
  const envelope = { sender, identity, receivedAt, ...(authors === undefined ? {} : { authors }) };
  const status = inspection.failure === 'timed-out' ? 'timed-out' : 'corrupt';
  if (inspection.failure === undefined || inspection.parts.some((part) => part.status === status)) {
    return { ...envelope, inspection };
  }
  const unread: PartReport = {
    path: '0',
    mediaType: 'message/rfc822',
    disposition: 'none',
    status,
    size: inspection.size,
  };
  const parts = [...inspection.parts, unread];
  return { ...envelope, inspection: { ...inspection, parts } };
}

/** The facts of a recipient; internal are the domains named by the configuration, not their subdomains. */
export function recipientFacts(
  address: string,
  organisationDomains: readonly string[],
  availability: MethodAvailability,
): RecipientFacts {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  return { address, domain, internal: organisationDomains.includes(domain), availability };
}
