import { z } from 'zod';
import { UserError } from '../../shared/errors.js';

/** What somebody says to be an operator. */
export const credentialsSchema = z.strictObject({
  operator: z.string().max(256),
  token: z.string().max(1024),
  /** Of the authenticator app. */
  code: z.string().max(64).optional(),
});
export type Credentials = z.output<typeof credentialsSchema>;

/** The token was right, and a code of the authenticator app is needed beside it. */
export class CodeNeeded extends UserError {
  readonly needs = 'code';
}
