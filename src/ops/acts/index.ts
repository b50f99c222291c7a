import { placeInWords, plainProblem } from '../../config/plain-words.js';
import type { Json } from '../../shared/canonical-json.js';
import { UserError } from '../../shared/errors.js';
import { addAccount, disableAccount, setAccountPassword } from './accounts.js';
import type { Act, ActContext } from './act.js';
import { rejectHeld, releaseHeld } from './held.js';
import { findKeys, rejectKey, removeKey, trustKey } from './keys.js';
import { importKeys } from './keys-import.js';
import { importOwnKey, removeOwnKey } from './keys-own.js';
import { extendPortalItems, resendPortalItems, revokePortalItems, unlockPortalRecipient } from './portal.js';
import { cancelQueued, recordExport, resetTlsMemory, retryQueued } from './queue.js';
import { importRoster, removeRoster } from './roster.js';

export type { ActContext } from './act.js';

type Performed = (context: ActContext, input: unknown) => Promise<Json>;

/** Checks the input, which may come over the control socket, before it acts. */
function checked<Input>(one: Act<Input>): Performed {
  return async (context, input) => {
    const parsed = one.input.safeParse(input);
    if (!parsed.success) {
      const text = parsed.error.issues
        .map((issue) => [...placeInWords(issue.path), plainProblem(issue)].join(': '))
        .join('; ');
      throw new UserError(text, { exitStatus: 2 });
    }
    return one.run(context, parsed.data);
  };
}

/** Every command that changes something, by its name on the control socket. */
const ACTS = {
  'users add': checked(addAccount),
  'users password': checked(setAccountPassword),
  'users disable': checked(disableAccount),
  'queue retry': checked(retryQueued),
  'queue cancel': checked(cancelQueued),
  'held release': checked(releaseHeld),
  'held reject': checked(rejectHeld),
  'portal revoke': checked(revokePortalItems),
  'portal extend': checked(extendPortalItems),
  'portal resend': checked(resendPortalItems),
  'portal unlock': checked(unlockPortalRecipient),
  'tls reset': checked(resetTlsMemory),
  'keys import': checked(importKeys),
  'keys import-own': checked(importOwnKey),
  'keys trust': checked(trustKey),
  'keys reject': checked(rejectKey),
  'keys remove': checked(removeKey),
  'keys remove-own': checked(removeOwnKey),
  'keys find': checked(findKeys),
  'roster import': checked(importRoster),
  'roster remove': checked(removeRoster),
  'audit record-export': checked(recordExport),
} as const satisfies Record<string, Performed>;

export type ActName = keyof typeof ACTS;

/**
 * Performs a command that changes something.
 * @throws UserError when there is no such command, the input is wrong, or it can't be done
 */
export async function performAct(context: ActContext, name: string, input: unknown): Promise<Json> {
  const known = Object.entries(ACTS).find(([key]) => key === name);
  if (known === undefined) throw new UserError(`unknown command: ${JSON.stringify(name)}`, { exitStatus: 2 });
  return known[1](context, input);
}
