/** An event about one message. */
export interface About {
  readonly messageId: string;
}

/** An event about one recipient of it. */
export interface AboutRecipient extends About {
  readonly recipient: string;
}
