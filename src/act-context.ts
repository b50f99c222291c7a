import type { LoadedConfig } from './config/load.js';
import { keyAvailability, methodsAfterRelease } from './decide/index.js';
import { ownMail, rejectHeldChange, tlsAvailability, untoldItem } from './deliver/index.js';
import { secretSealer } from './keys/own/index.js';
import type { ActContext } from './ops/acts/index.js';
import type { OperatorTotp } from './ops/operators/totp.js';
import { createPortalOperations, revoke, unlockRecipient } from './portal/index.js';
import { methodAvailability } from './protect/index.js';
import { checkRosterFile } from './roster/roster-file.js';
import { domainOf } from './shared/domain-of.js';
import type { InTurn } from './shared/in-turn.js';
import { deriveKey, type MasterKey } from './store/master-key.js';

/** What differs between the running relay and a command that opened the store itself. */
type Here = Pick<
  ActContext,
  | 'store'
  | 'clock'
  | 'relayStopped'
  | 'wake'
  | 'decideAgain'
  | 'findKeys'
  | 'judgeKey'
  | 'rostersChanged'
  | 'rotateMaster'
  | 'makeBackup'
>;

/** What operators' commands need, whoever gives them: the parts of the relay that they act on. */
export function createActContext(
  deps: {
    /** The configuration in force, after reloads. */
    readonly loaded: () => LoadedConfig;
    readonly masterKey: MasterKey;
    readonly totp: Pick<OperatorTotp, 'enrol'>;
    /** The portal's, where it runs: what recipients and operators do to one account comes one after the other. */
    readonly portalTurns: InTurn;
  },
  here: Here,
): Omit<ActContext, 'actor'> {
  const { loaded, masterKey, totp, portalTurns: inTurn } = deps;
  const { store, clock, findKeys } = here;
  const { queue, portal, bodies } = store;
  const codeKey = deriveKey(masterKey, 'portal-code');
  return {
    ...here,
    get loaded() {
      return loaded();
    },
    enrolTotp: (operator) => totp.enrol(operator),
    availability: async ({ address, stream }) => {
      const { openpgp, x509 } = await findKeys(address);
      const { config } = loaded();
      return {
        ...methodAvailability(config, tlsAvailability(config, domainOf(address), stream)),
        pgp: keyAvailability(openpgp),
        smime: keyAvailability(x509),
      };
    },
    sealSecret: secretSealer(masterKey),
    methodsAfterRelease,
    bounce: (message, recipient, status, reason) =>
      rejectHeldChange({
        loaded: loaded(),
        queue,
        portalItems: portal,
        bodies,
        message,
        recipient,
        status,
        reason,
        now: clock.now(),
      }),
    revokeItem: revoke,
    untoldItem: (message) => untoldItem({ queue, portalItems: portal, message }),
    portalOperations: createPortalOperations({
      loaded,
      queue,
      portal,
      bodies,
      ownMail,
      codeKey,
      inTurn,
      clock,
    }),
    unlockRecipient: (address, actor) => unlockRecipient({ portal, codeKey, inTurn }, address, actor),
    checkRoster: (path) => checkRosterFile(path, masterKey),
  };
}
