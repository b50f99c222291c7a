/** A message split for sealing: what stays outside, and the MIME entity that travels inside. */
export interface Payload {
  /** Header fields of the outgoing message but its MIME fields, each ending in CRLF; the Subject is obscured. */
  readonly outerHeader: Buffer;
  /** Bytes of the entity. */
  readonly size: number;
  /** The entity to be protected, afresh at each call: MIME header with the protected fields, blank line, body; CRLF. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** The sender's own signature is inside: it must not be signed again, nor changed by a byte. */
  readonly alreadySigned: boolean;
}
