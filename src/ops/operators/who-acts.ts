import { type Actor, LOCAL } from '../../model/operator.js';
import { UserError } from '../../shared/errors.js';
import { CodeNeeded, type Credentials } from './credentials.js';
import type { LoginRefusal, OperatorLogin } from './login.js';

/**
 * Who gives a command on this machine: the operator whose credentials come with it, or, without any, the local user.
 * @throws UserError when the credentials are not right: nobody acts as `local` instead; CodeNeeded when only a code of
 * the authenticator app is missing
 */
export async function whoActs(login: OperatorLogin, credentials: Credentials | undefined): Promise<Actor> {
  if (credentials === undefined) return LOCAL;
  const answer = await login.authenticate(credentials, {
    // By name, so that one program with an old token doesn't silence everybody.
    clientKey: `local ${credentials.operator}`,
    secondFactor: 'where-enrolled',
    remember: true,
  });
  if (answer.ok) return answer.actor;
  if (answer.refusal === 'code-needed') throw new CodeNeeded(WORDS['code-needed']);
  throw new UserError(WORDS[answer.refusal]);
}

const WORDS: Readonly<Record<LoginRefusal, string>> = {
  wrong: 'no operator has this name and token, or it is disabled; nothing was done',
  'code-needed':
    'a code of your authenticator app is needed: give it in SALLYPORT_OPERATOR_CODE, or answer the question at a terminal',
  'code-wrong': 'the code is wrong, or was used before: wait for the next one; nothing was done',
  locked: 'there were too many wrong codes for this operator: try again later; nothing was done',
  'no-second-factor': 'this operator has no second factor: `sallyport operators totp` enrols one',
  'too-many': 'there were too many failed log-ins: try again later; nothing was done',
  busy: 'too many log-ins are being checked: try again in a moment; nothing was done',
};
