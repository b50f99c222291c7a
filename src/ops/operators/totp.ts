import { generateURI } from 'otplib';
import { newTotpSecret, openTotp, sealTotp, totpStep } from '../../portal/account/totp.js';
import { deriveKey, type MasterKey, sealingKeys } from '../../store/master-key.js';

/* Operators' second factors: the portal's (RFC 6238), with secrets sealed under a key of their own. */

/** What makes, seals and checks them. */
export interface OperatorTotp {
  /** @returns the secret for the row, and what an authenticator app is given; it is shown once */
  enrol(operator: string): { readonly sealed: Uint8Array; readonly uri: string; readonly secret: string };
  /**
   * The time step of a right code that was not used before.
   * @param now epoch milliseconds
   * @throws an error when the secret was damaged, or sealed for somebody else
   */
  step(
    operator: string,
    sealed: Uint8Array,
    code: string,
    lastStep: number,
    now: number,
  ): Promise<number | undefined>;
}

/** @param issuer what the app shows beside the operator's name */
export function operatorTotp(masterKey: MasterKey, issuer: () => string): OperatorTotp {
  return {
    enrol(operator) {
      const secret = newTotpSecret();
      const uri = generateURI({ issuer: issuer(), label: operator, secret });
      return { sealed: sealTotp(deriveKey(masterKey, 'operators'), operator, secret), uri, secret };
    },
    step: (operator, sealed, code, lastStep, now) =>
      totpStep(openOperatorTotp(masterKey, operator, sealed), code, lastStep, now),
  };
}

/** @throws an error when it was damaged, or sealed for somebody else or with another master key */
export function openOperatorTotp(masterKey: MasterKey, operator: string, sealed: Uint8Array): string {
  const [newest, ...others] = sealingKeys(masterKey, 'operators');
  if (newest === undefined) throw new RangeError('no key to open it with');
  try {
    return openTotp(newest.key, operator, sealed);
  } catch (error) {
    for (const { key } of others) {
      try {
        return openTotp(key, operator, sealed);
      } catch {
        // What the newest key says counts.
      }
    }
    throw error;
  }
}
