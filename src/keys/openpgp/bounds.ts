/** How much of a key is looked at; more is refused. Keys of people with decades of history stay well below. */
export const BOUNDS = {
  /** Bytes of a file or an answer with keys. */
  input: 16 * 1024 * 1024,
  /** Keys of one input. */
  keys: 1000,
  /** Bytes of one key as it came, with other people's signatures and photographs. */
  key: 1024 * 1024,
  /** Packets of one key. */
  packets: 10_000,
  userIds: 200,
  subkeys: 100,
  /** Signatures of one key that are verified, which is what costs time. */
  verified: 400,
  /** Bytes of a user ID; longer ones name nobody. */
  userId: 1024,
  /** Bytes of a signature packet; longer ones count as none. */
  signature: 64 * 1024,
  /** Issuers that one signature names, and revokers: those with more are malformed. Two issuers are usual, one revoker. */
  names: 16,
  rsaBits: 16_384,
} as const;
