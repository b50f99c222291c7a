import type { Config } from '../config/schema.js';
import type { StoredMessage } from '../model/message.js';

/**
 * Who hears of a message: gets its DSNs, warnings of delay and hold notices. It is the `notify` of the identity that
 * submitted it, as the configuration now says, else the envelope sender. Undefined for nobody: for a null reverse-path
 * (RFC 5321 4.5.5) without `notify`, and for mail of our own, so that no notice is ever about a notice.
 *
 * `notify` hears of mail with a null reverse-path too: nothing is sent to that path, and devices that nobody can answer
 * use it.
 */
export function noticeTarget(
  config: Pick<Config, 'identities'>,
  message: Pick<StoredMessage, 'origin' | 'identity' | 'sender'>,
): string | undefined {
  if (message.origin !== 'submitted') return undefined;
  const notify = config.identities.find((one) => one.name === message.identity)?.notify;
  return notify ?? (message.sender === '' ? undefined : message.sender);
}
