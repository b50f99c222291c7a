import { z } from 'zod';

export const protect = z
  .strictObject({
    subject: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[\x20-\x7e]+$/, { error: 'must be one line of ASCII characters' })
      .default('[...]')
      .describe('What stands in place of the Subject outside; the real one travels inside (RFC 9788).'),
    wrap_encrypted: z
      .boolean()
      .default(false)
      .describe('Whether a message that its sender already encrypted may be encrypted once more.'),
    pgp: z
      .strictObject({
        sign: z.boolean().default(false).describe("Sign with the gateway's (or the sender's) imported key."),
        copies: z
          .enum(['separate', 'hidden-key-ids'])
          .default('separate')
          .describe(
            '`separate`: a copy for each recipient; `hidden-key-ids`: one copy for all of a domain, whose key IDs are zero, so that clients must try their keys.',
          ),
      })
      .prefault({}),
    smime: z
      .strictObject({
        sign: z
          .boolean()
          .default(false)
          .describe("Sign with the gateway's (or the sender's) imported certificate."),
        cipher: z
          .enum(['aes-256-cbc', 'aes-256-gcm'])
          .default('aes-256-cbc')
          .describe(
            'For recipients whose certificate does not say what they can read. Old clients know CBC only.',
          ),
        key_transport: z
          .enum(['rsa-pkcs1', 'rsa-oaep'])
          .default('rsa-pkcs1')
          .describe('For RSA certificates. Old clients know PKCS#1 v1.5 only.'),
      })
      .prefault({}),
  })
  .prefault({})
  .describe('How copies are sealed by PGP and S/MIME.');
