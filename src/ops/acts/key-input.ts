import { z } from 'zod';
import { fingerprintDigits } from '../../keys/fingerprint.js';
import { readOpenPgp } from '../../keys/openpgp/index.js';
import type { ReadKey } from '../../keys/types.js';
import { readCertificates } from '../../keys/x509/index.js';
import { KEY_KINDS } from '../../model/key.js';
import { parseAddress } from '../../shared/address.js';

/** Bytes as base64. */
const bytes = z.base64().transform((text): Uint8Array => Buffer.from(text, 'base64'));

/** An address as a person wrote it, made canonical. */
export const keyAddress = z.string().transform((text, context): string => {
  const parsed = parseAddress(text);
  if (parsed.ok) return parsed.mailbox.address;
  context.addIssue({ code: 'custom', message: `the address ${parsed.reason}` });
  return z.NEVER;
});

/** A fingerprint or the beginning or end of one, made digits. */
export const keyReference = z.string().transform((text, context): string => {
  const digits = fingerprintDigits(text);
  if (digits !== undefined) return digits;
  context.addIssue({
    code: 'custom',
    message: 'must be a fingerprint, or at least 8 hexadecimal digits of its beginning or end',
  });
  return z.NEVER;
});

/** One key as the control socket carries it. */
export const keyMaterial = z.strictObject({
  kind: z.enum(KEY_KINDS),
  material: bytes,
  chain: z.array(bytes).max(64).default([]),
});
export type KeyMaterial = z.output<typeof keyMaterial>;

/** The key in the material, read anew; undefined when there is none, or more than one. */
export async function readMaterial(given: KeyMaterial): Promise<ReadKey | undefined> {
  if (given.kind === 'openpgp') {
    const { publics, secrets } = await readOpenPgp(given.material);
    return publics.length === 1 && secrets.length === 0 ? publics[0] : undefined;
  }
  const { certificates } = readCertificates(given.material);
  const [only] = certificates;
  return only === undefined || certificates.length > 1 ? undefined : { ...only, chain: given.chain };
}
