import { type Mailbox, parseAddress } from './address.js';
import { UserError } from './errors.js';

/**
 * One mailbox that a person named on the command line or in a form.
 * @param what names what was given (`--to`, `the address`)
 * @throws UserError (exit status 2) that shows what was given on one line, without characters that steer a terminal
 */
export function givenMailbox(text: string, what: string): Mailbox {
  const parsed = parseAddress(text);
  if (parsed.ok) return parsed.mailbox;
  const shown = JSON.stringify(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
  throw new UserError(`${what} must be a mail address; ${shown} ${parsed.reason}`, { exitStatus: 2 });
}
