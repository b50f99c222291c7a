import { randomBytes } from 'node:crypto';
import { type Config, configSchema } from '../config/schema.js';
import { withCrlf } from '../inspect/bytes.js';
import { inspectMessage } from '../inspect/inspect-message.js';
import type { Inspection } from '../model/inspection.js';

/**
 * Inspects a message in this process, for commands that look at one message and end. Bare line feeds are read as
 * CRLF, because files on disk often have them; the relay refuses them.
 * @throws what the inspection throws; the relay would then hold the message as unread
 */
export function inspectHere(
  bytes: Uint8Array,
  limits: Config['inspect'] = configSchema.shape.inspect.parse({}),
): Inspection {
  // Fingerprints of a key that is forgotten mean nothing elsewhere.
  return inspectMessage(withCrlf(Buffer.from(bytes)).bytes, { limits, fingerprintKey: randomBytes(32) });
}
