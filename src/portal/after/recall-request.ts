import { parseAddress } from '../../shared/address.js';

/** What a sender wants to take back. */
export type RecallTarget =
  /** IDs of ours: of an item, a message, or a mail of ours about one. */
  | { readonly kind: 'id'; readonly ids: readonly string[] }
  /** The Message-ID that the message had when it was submitted, with angle brackets. */
  | { readonly kind: 'message-id'; readonly value: string }
  | { readonly kind: 'recipient'; readonly address: string };

/** The header fields of a mail to the portal's address that matter; texts decoded, one line each. */
export interface RequestHeader {
  readonly subject: string;
  /** Value of `X-Sallyport-Recall`. */
  readonly trigger?: string;
  /** Values of In-Reply-To and References. */
  readonly answers: string;
  readonly autoSubmitted?: string;
}

const ID = /(?<![0-9a-z])[0-9abcdefghjkmnpqrstvwxyz]{22}(?![0-9a-z])/g;
/** So many IDs of one mail are looked at. */
const MOST_IDS = 20;

/**
 * What a mail to the portal's own address asks for, where it is a request to take a message back: it has the header
 * `X-Sallyport-Recall`, or the word "recall" in its Subject, and names a message: by our reference, which our mails to
 * the sender have in their Subject, by being an answer to one of these, by the recipient's address, or by Message-ID.
 * undefined: ordinary mail. Mail that a machine wrote (RFC 3834) is never a request.
 */
export function readRecallRequest(header: RequestHeader, hostname: string): RecallTarget | undefined {
  const { autoSubmitted, trigger } = header;
  if (autoSubmitted !== undefined && !/^no\b/i.test(autoSubmitted)) return undefined;
  if (trigger !== undefined) return named(trigger);
  const word = /(?<![\p{L}\p{N}])recall(?![\p{L}\p{N}])/iu.exec(header.subject.slice(0, 2000));
  if (word === null) return undefined;
  return named(header.subject.slice(0, 2000)) ?? answered(header.answers, hostname);
}

function named(text: string): RecallTarget | undefined {
  const messageId = /<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>/.exec(text)?.[0];
  if (messageId?.includes('@') === true) return { kind: 'message-id', value: messageId };
  const ids = text.match(ID);
  if (ids !== null) return { kind: 'id', ids: ids.slice(0, MOST_IDS) };
  for (const word of text.split(/[\s<>[\](),;:"']+/).slice(0, 100)) {
    const parsed = parseAddress(word);
    if (parsed.ok) return { kind: 'recipient', address: parsed.mailbox.address };
  }
  return undefined;
}

/** Our own mails have Message-IDs of our IDs; the newest of the thread stands last. */
function answered(answers: string, hostname: string): RecallTarget | undefined {
  const ids = [...answers.slice(0, 100_000).matchAll(/<([0-9a-z]{22})@([^<>\s]{1,255})>/g)].flatMap(
    ([, id, host]) => (id !== undefined && host?.toLowerCase() === hostname.toLowerCase() ? [id] : []),
  );
  const newest = ids.at(-1);
  return newest === undefined ? undefined : { kind: 'id', ids: [newest] };
}
