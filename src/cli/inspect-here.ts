import type { Inspection } from '../model/inspection.js';
import { UserError } from '../shared/errors.js';

/** Inspects a message in this process, for commands that look at one message and end. */
export async function inspectHere(_bytes: Uint8Array): Promise<Inspection> {
  throw new UserError('messages cannot be inspected yet; state facts instead', { exitStatus: 2 });
}
