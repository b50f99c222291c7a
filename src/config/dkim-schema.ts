import { z } from 'zod';
import { domain } from './fields.js';

/** One or more labels of a DNS name (RFC 6376 3.1), in lower case. */
const selector = z
  .string()
  .transform((text) => text.toLowerCase())
  .refine((text) => isSelector(text), {
    error: 'must be a selector of a-z, 0-9 and -, such as s2026a',
  });

const dkimKey = z.strictObject({
  domain: domain.describe('Signs mail whose From is of this domain, or below it where none is nearer.'),
  selector: selector.describe('Name under which the public key is published: SELECTOR._domainkey.DOMAIN.'),
  key: z
    .string()
    .min(1)
    .optional()
    .describe(
      'PEM file with the private key, RSA of 2048 bits or more, or Ed25519. Left out: the key that `sallyport keys dkim` made and keeps sealed.',
    ),
  sign: z
    .enum(['changed', 'all'])
    .default('changed')
    .describe(
      '`changed`: what this relay made or changed. `all`: also mail that leaves as it came; for domains that nobody signs before us.',
    ),
});

export const dkim = z
  .array(dkimKey)
  .max(200)
  .default([])
  .superRefine((entries, context) => {
    entries.forEach((one, i) => {
      const before = entries.findIndex(
        (other) => other.domain === one.domain && other.selector === one.selector,
      );
      if (before < i)
        context.addIssue({
          code: 'custom',
          path: [i, 'selector'],
          message: `${one.selector} of ${one.domain} is named twice`,
        });
    });
  })
  .describe(
    'DKIM keys that sign. Two of one domain (RSA and Ed25519) give two signatures; see docs/dkim.md.',
  );

/** Whether a text could be a selector: labels of at most 63 of a-z, 0-9 and -, 100 characters in all. */
export function isSelector(text: string): boolean {
  return (
    text.length <= 100 &&
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/.test(text)
  );
}
