import { problemsInWords } from '../../config/plain-words.js';
import type { Json } from '../../shared/canonical-json.js';
import { UserError } from '../../shared/errors.js';
import { addAccount, allowAccount, disableAccount, enableAccount, setAccountPassword } from './accounts.js';
import type { Act, ActContext } from './act.js';
import { makeBackup, rotateMaster } from './backup.js';
import { rejectHeld, releaseHeld } from './held.js';
import { findKeys, rejectKey, removeKey, trustKey } from './keys.js';
import { makeDkim, removeDkim } from './keys-dkim.js';
import { importKeys } from './keys-import.js';
import { importOwnKey, removeOwnKey } from './keys-own.js';
import { addLegalHold, pruneAudit, removeLegalHold } from './legal-holds.js';
import {
  addOperator,
  disableOperator,
  enrolOperatorTotp,
  recoverOperator,
  renewOperatorToken,
  setOperatorRoles,
} from './operators.js';
import { extendPortalItems, resendPortalItems, revokePortalItems, unlockPortalRecipient } from './portal.js';
import { cancelQueued, recordExport, resetTlsMemory, retryQueued } from './queue.js';
import { redecideHeld } from './redecide.js';
import { refuse } from './refuse.js';
import { RIGHTS, whyNotAllowed } from './rights.js';
import { importRoster, removeRoster } from './roster.js';
import { addSuppression, removeSuppression } from './suppressions.js';

export type { ActContext } from './act.js';

type Performed = (context: ActContext, input: unknown) => Promise<Json>;

/** Checks the input, which may come over the control socket, before it acts. */
function checked<Input>(one: Act<Input>): Performed {
  return async (context, input) => {
    const parsed = one.input.safeParse(input);
    if (!parsed.success) throw new UserError(problemsInWords(parsed.error), { exitStatus: 2 });
    return one.run(context, parsed.data);
  };
}

/** Every command that changes something, by its name on the control socket. */
const ACTS = {
  'users add': checked(addAccount),
  'users password': checked(setAccountPassword),
  'users allow': checked(allowAccount),
  'users disable': checked(disableAccount),
  'users enable': checked(enableAccount),
  'queue retry': checked(retryQueued),
  'queue cancel': checked(cancelQueued),
  'held release': checked(releaseHeld),
  'held reject': checked(rejectHeld),
  'held redecide': checked(redecideHeld),
  'portal revoke': checked(revokePortalItems),
  'portal extend': checked(extendPortalItems),
  'portal resend': checked(resendPortalItems),
  'portal unlock': checked(unlockPortalRecipient),
  'suppress add': checked(addSuppression),
  'suppress remove': checked(removeSuppression),
  'tls reset': checked(resetTlsMemory),
  'keys import': checked(importKeys),
  'keys import-own': checked(importOwnKey),
  'keys trust': checked(trustKey),
  'keys reject': checked(rejectKey),
  'keys remove': checked(removeKey),
  'keys remove-own': checked(removeOwnKey),
  'keys find': checked(findKeys),
  'keys dkim': checked(makeDkim),
  'keys dkim-remove': checked(removeDkim),
  'roster import': checked(importRoster),
  'roster remove': checked(removeRoster),
  'operators add': checked(addOperator),
  'operators roles': checked(setOperatorRoles),
  'operators disable': checked(disableOperator),
  'operators token': checked(renewOperatorToken),
  'operators totp': checked(enrolOperatorTotp),
  'operators recover': checked(recoverOperator),
  'audit record-export': checked(recordExport),
  'audit hold add': checked(addLegalHold),
  'audit hold remove': checked(removeLegalHold),
  'audit prune': checked(pruneAudit),
  backup: checked(makeBackup),
  'keys rotate-master': checked(rotateMaster),
} as const satisfies Record<string, Performed>;

export type ActName = keyof typeof ACTS;

/**
 * Performs a command that changes something.
 * @throws UserError when there is no such command, the actor has no right to it (which is recorded), the input is wrong, or it can't be done
 */
export async function performAct(context: ActContext, name: string, input: unknown): Promise<Json> {
  if (!isActName(name)) throw new UserError(`unknown command: ${JSON.stringify(name)}`, { exitStatus: 2 });
  await mustBeAllowed(context, name);
  return ACTS[name](context, input);
}

function isActName(name: string): name is ActName {
  return Object.hasOwn(ACTS, name);
}

async function mustBeAllowed(context: ActContext, name: ActName): Promise<void> {
  const { actor, store } = context;
  const right = RIGHTS[name];
  const operators = actor.kind === 'local' ? await store.operators.operators() : [];
  const reason = whyNotAllowed(actor, right, {
    // An operator needs nothing of this.
    required: actor.kind === 'local' && context.loaded.config.operators.required,
    administrators: operators.some((one) => !one.disabled && one.roles.includes('administrator')),
    relayStopped: context.relayStopped,
  });
  if (reason === undefined) return;
  await refuse(context, name, reason);
}
