import { createHash } from 'node:crypto';

/** A recipient in a path: the same for as long as it is held, and no address in a browser's history. */
export function recipientKey(address: string): string {
  return createHash('sha256').update(address).digest('base64url').slice(0, 22);
}
