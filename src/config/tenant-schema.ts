import { z } from 'zod';
import { domain, senderPattern } from './fields.js';

/** A field that an administrator's own rule adds; none that mail programs or servers write by themselves. */
const secretHeader = z
  .string()
  .regex(/^[Xx]-[A-Za-z0-9-]{3,60}$/, {
    error: 'must be a header name of your own that begins with X-, such as X-Clinic-Relay',
  })
  .refine((name) => !/^x-(?:ms-|microsoft-|google-|gm-|originator|forefront-|eop)/i.test(name), {
    error: 'is a name that the provider itself may write; choose one of your own, such as X-Clinic-Relay',
  })
  // X-Sallyport-Tenant is what `sallyport init` writes.
  .refine((name) => !/^x-sallyport-(?!tenant$)/i.test(name), {
    error:
      'is a name that Sallyport itself may write, read or take out; choose one of your own, such as X-Clinic-Relay',
  });

const secretFile = z
  .string()
  .min(1)
  .describe(
    'File (mode 0600) with that value: 32 to 500 random letters, digits and signs without spaces, such as `openssl rand -hex 32` prints.',
  );

/** The one customer of a provider whose mail an identity is for. */
export const tenant = z.discriminatedUnion('provider', [
  z
    .strictObject({
      provider: z.literal('microsoft-365'),
      id: z
        .string()
        .regex(/^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, {
          error: 'must be the ID of your tenant, such as 00000000-0000-0000-0000-000000000000',
        })
        .transform((id) => id.toLowerCase())
        .describe('Tenant ID; `X-MS-Exchange-CrossTenant-Id` must name it.'),
      domains: z
        .array(domain)
        .min(1)
        .describe('Accepted domains of the tenant; `X-OriginatorOrg` must name one of them.'),
      secret_header: secretHeader
        .optional()
        .describe(
          'Header that a mail flow rule of the tenant adds, with the value in `secret_file`. Recommended: Microsoft promises nowhere that nobody can forge the other two.',
        ),
      secret_file: secretFile.optional(),
    })
    .refine((value) => (value.secret_header === undefined) === (value.secret_file === undefined), {
      error: '`secret_header` and `secret_file` go together',
    }),
  z.strictObject({
    provider: z.literal('google-workspace'),
    secret_header: secretHeader.describe(
      'Header that a routing rule of the tenant adds, with the value in `secret_file`; it is taken out before anything is stored.',
    ),
    secret_file: secretFile,
  }),
]);

/** What an identity may do beyond writing in its own name. */
export const allow = z
  .strictObject({
    forwarding: z
      .enum(['off', 'resent', 'redirected'])
      .default('off')
      .describe(
        'Mail from others that is sent on. `resent`: with a `Resent-From` among `senders` on top, and From a stranger or among `senders`; `redirected`: also without one, where only the envelope sender is among `senders` and From is of none of `organisation.domains` or their subdomains, as Microsoft 365 and Google forward.',
      ),
    on_behalf_of: z
      .array(senderPattern)
      .default([])
      .describe(
        'Addresses or domains that may stand in From where a `Sender` among `senders` wrote in their name.',
      ),
  })
  .prefault({});
