import { concat } from '../../keys/openpgp/cursor.js';
import { writePacket } from '../../keys/openpgp/packets.js';
import { SealFailed } from '../seal-failed.js';
import { MESSAGE_TAG } from './packet-tags.js';
import type { Recipient } from './recipient.js';
import { wrapSessionKey } from './wrap-session-key.js';

export interface SessionKeyOptions {
  /** 3 before encrypted data of version 1, 6 before version 2 (RFC 9580 10.3.2.1). */
  readonly version: 3 | 6;
  /** Nothing says whose key it is: recipients must try theirs (RFC 9580 5.1.8). */
  readonly hidden: boolean;
}

/**
 * A public-key encrypted session key packet (RFC 9580 5.1).
 * @throws SealFailed
 */
export function sessionKeyPacket(
  recipient: Recipient,
  sessionKey: Uint8Array,
  options: SessionKeyOptions,
): Uint8Array {
  const { key } = recipient;
  try {
    const body = concat(
      Uint8Array.of(options.version),
      options.version === 3 ? keyId(recipient, options.hidden) : fingerprint(recipient, options.hidden),
      Uint8Array.of(key.algorithm),
      wrapSessionKey(recipient, sessionKey, options.version),
    );
    return writePacket(MESSAGE_TAG.sessionKey, body);
  } catch (cause) {
    if (cause instanceof SealFailed) throw cause;
    throw new SealFailed('the session key could not be encrypted to the key', { cause });
  }
}

/** 5.1.1; eight zeros are the wildcard. */
function keyId({ key }: Recipient, hidden: boolean): Uint8Array {
  return hidden ? new Uint8Array(8) : Buffer.from(key.keyId, 'hex');
}

/** 5.1.2: length of what follows, version of the key, fingerprint; nothing at all is the wildcard. */
function fingerprint({ key }: Recipient, hidden: boolean): Uint8Array {
  if (hidden) return Uint8Array.of(0);
  const value = Buffer.from(key.fingerprint, 'hex');
  return concat(Uint8Array.of(1 + value.length, key.version), value);
}
