import { NotSignable, type SignableField } from './read-to-sign.js';

/**
 * Fields that a reader is shown, or that say how the content is read. Each is named once more than it is there, so that
 * nobody can add another one, or one that was missing, without breaking the signature (RFC 6376 8.15).
 */
const OVERSIGNED: readonly string[] = [
  'from',
  'reply-to',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
];

/**
 * Signed where they are there. A server on the way may add one of these rightly (a list, a forwarder, a filter that rates),
 * so their absence is not signed. RFC 8058 4 wants both List-Unsubscribe fields signed.
 */
const SIGNED: readonly string[] = [
  'sender',
  'content-disposition',
  'content-id',
  'content-description',
  'content-language',
  'auto-submitted',
  'autocrypt',
  'disposition-notification-to',
  'list-id',
  'list-help',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-subscribe',
  'list-post',
  'list-owner',
  'list-archive',
  'resent-date',
  'resent-from',
  'resent-sender',
  'resent-to',
  'resent-cc',
  'resent-message-id',
];

/** No proper message has nearly as many; the tag `h=` must not become a message of its own. */
const MAX_FIELDS = 150;

export interface SignedFields {
  /** The value of `h=`. */
  readonly names: readonly string[];
  /** The fields in that order; where a name stands for one that isn't there, none. */
  readonly fields: readonly SignableField[];
}

/**
 * Which fields are signed, and in which order. Of several with one name the lowest comes first (RFC 6376 5.4.2). Trace
 * fields, other signatures and everything that servers write on the way are left out.
 * @throws NotSignable when there are too many
 */
export function signedFields(fields: readonly SignableField[]): SignedFields {
  const names: string[] = [];
  const signed: SignableField[] = [];
  for (const name of [...OVERSIGNED, ...SIGNED]) {
    const there = fields.filter((one) => one.name === name).reverse();
    for (const field of there) {
      names.push(name);
      signed.push(field);
    }
    if (OVERSIGNED.includes(name)) names.push(name);
    if (names.length > MAX_FIELDS) throw new NotSignable('its header has too many fields to be signed');
  }
  return { names, fields: signed };
}
