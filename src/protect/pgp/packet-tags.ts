/** Packet types of messages (RFC 9580 5). */
export const MESSAGE_TAG = {
  sessionKey: 1,
  signature: 2,
  onePassSignature: 4,
  literal: 11,
  encryptedData: 18,
} as const;

/** Algorithm numbers that we write. */
export const WRITTEN = {
  /** RFC 9580 9.3. */
  aes256: 9,
  /** RFC 9580 9.6. */
  ocb: 2,
  /** RFC 9580 9.5. */
  sha512: 10,
} as const;
