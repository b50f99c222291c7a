import { createHmac } from 'node:crypto';
import {
  generateAuthenticationOptions,
  generateRegistrationOptions,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { z } from 'zod';
import type { PortalPasskey } from '../../model/portal-item.js';
import type { PortalSettings } from '../settings.js';

/* Passkeys (W3C Web Authentication level 2). The site is the relying party, its host name the ID. */

const base64url = z
  .string()
  .min(1)
  .max(8000)
  .regex(/^[A-Za-z0-9_-]+$/);
const registration = z.object({
  id: base64url,
  response: z.object({ clientDataJSON: base64url, attestationObject: base64url }),
});
const assertion = z.object({
  id: base64url,
  response: z.object({
    clientDataJSON: base64url,
    authenticatorData: base64url,
    signature: base64url,
  }),
});

/** The largest form field of an answer: base64url of JSON. */
export const MOST_ANSWER = 12_000;

/** What the script sends, as it says it: base64url of JSON; undefined when it isn't that. */
function answerOf<T>(schema: z.ZodType<T>, field: string | undefined): T | undefined {
  if (field === undefined || field.length > MOST_ANSWER) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(field, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch (cause) {
    // Whatever isn't JSON proves nothing.
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

type SiteOf = Pick<PortalSettings, 'origin'>;
const rpIdOf = ({ origin }: SiteOf) => new URL(origin).hostname;
const idText = (id: Uint8Array) => Buffer.from(id).toString('base64url');

/** Options for `navigator.credentials.create`, with a new challenge. */
export async function creationOptions(
  settings: SiteOf,
  input: {
    readonly organisation: string;
    readonly recipient: string;
    readonly codeKey: Uint8Array;
    readonly existing: readonly PortalPasskey[];
  },
): Promise<{ readonly challenge: string; readonly json: string }> {
  const options = await generateRegistrationOptions({
    rpName: input.organisation,
    rpID: rpIdOf(settings),
    userName: input.recipient,
    // The same for each of a recipient's passkeys, and says nothing of the address (level 2, 14.6.1).
    userID: new Uint8Array(
      createHmac('sha256', input.codeKey).update(`passkey user\n${input.recipient}`).digest(),
    ),
    attestationType: 'none',
    excludeCredentials: input.existing.map(({ credentialId }) => ({ id: idText(credentialId) })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  });
  return { challenge: options.challenge, json: JSON.stringify(options) };
}

/** What a new passkey is made of; undefined when the answer doesn't prove one. */
export async function newPasskey(
  settings: SiteOf,
  field: string | undefined,
  challenge: string,
): Promise<Pick<PortalPasskey, 'credentialId' | 'publicKey' | 'counter'> | undefined> {
  const answer = answerOf(registration, field);
  if (answer === undefined) return undefined;
  const result = await orNothing(
    verifyRegistrationResponse({
      response: { ...answer, rawId: answer.id, type: 'public-key', clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: settings.origin,
      expectedRPID: rpIdOf(settings),
      requireUserVerification: true,
    }),
  );
  if (result === undefined || !result.verified) return undefined;
  const { credential } = result.registrationInfo;
  return {
    credentialId: Buffer.from(credential.id, 'base64url'),
    publicKey: credential.publicKey,
    counter: credential.counter,
  };
}

/** Options for `navigator.credentials.get`, with a new challenge; without passkeys: any that the browser knows of. */
export async function requestOptions(
  settings: SiteOf,
  passkeys: readonly PortalPasskey[] | undefined,
): Promise<{ readonly challenge: string; readonly json: string }> {
  const options = await generateAuthenticationOptions({
    rpID: rpIdOf(settings),
    userVerification: 'required',
    ...(passkeys === undefined
      ? {}
      : { allowCredentials: passkeys.map(({ credentialId }) => ({ id: idText(credentialId) })) }),
  });
  return { challenge: options.challenge, json: JSON.stringify(options) };
}

/** Which passkey an answer says it is of, before anything is checked. */
export function answeringPasskey(field: string | undefined): Uint8Array | undefined {
  const answer = answerOf(assertion, field);
  return answer === undefined ? undefined : Buffer.from(answer.id, 'base64url');
}

/**
 * The passkey's new counter, where the answer proves it; undefined where not. A counter that doesn't grow is a copied
 * passkey (level 2, 6.1.1), unless it is always zero.
 */
export async function provenCounter(
  settings: SiteOf,
  passkey: PortalPasskey,
  field: string | undefined,
  challenge: string,
): Promise<number | undefined> {
  const answer = answerOf(assertion, field);
  if (answer === undefined) return undefined;
  const result = await orNothing(
    verifyAuthenticationResponse({
      response: { ...answer, rawId: answer.id, type: 'public-key', clientExtensionResults: {} },
      expectedChallenge: challenge,
      expectedOrigin: settings.origin,
      expectedRPID: rpIdOf(settings),
      credential: {
        id: idText(passkey.credentialId),
        publicKey: new Uint8Array(passkey.publicKey),
        counter: passkey.counter,
      },
      requireUserVerification: true,
    }),
  );
  return result?.verified === true ? result.authenticationInfo.newCounter : undefined;
}

/** The library throws for everything that is wrong with an answer; what isn't proved is refused, and on record. */
async function orNothing<T>(verified: Promise<T>): Promise<T | undefined> {
  try {
    return await verified;
  } catch {
    return undefined;
  }
}
