import { z } from 'zod';
import { duration } from './units.js';

export const operatorsSchema = z
  .strictObject({
    required: z
      .boolean()
      .default(false)
      .describe(
        'Refuse every change that names no operator (`SALLYPORT_OPERATOR`). Otherwise the user that the relay runs as may change things, on record as `local, unverified`.',
      ),
    code_every: duration()
      .prefault('10m')
      .describe(
        'How long commands with the same token go on without another code, after one of the authenticator app was right.',
      ),
  })
  .prefault({})
  .describe('People who change things; see `sallyport operators`.');
