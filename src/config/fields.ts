import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { canonicalDomain, parseAddress } from '../shared/address.js';
import { parseAddressEntry } from '../shared/address-list.js';
import { parseSenderPattern } from '../shared/sender-pattern.js';
import { cipherListProblem } from './cipher-list.js';

/* Kinds of values that several sections of the configuration have. */

export const domain = z.string().transform((text, context) => {
  const canonical = canonicalDomain(text);
  if (canonical === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'must be a host name of two or more labels, such as clinic.example',
    });
    return z.NEVER;
  }
  return canonical;
});

export const mailbox = z.string().transform((text, context) => {
  const parsed = parseAddress(text);
  if (!parsed.ok) {
    context.addIssue({ code: 'custom', message: `must be a mail address; this one ${parsed.reason}` });
    return z.NEVER;
  }
  return parsed.mailbox.address;
});

export const socketAddress = z.string().transform((text, context) => {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2] ?? '';
  const port = Number(match?.[3]);
  if (match === null || isIP(host) === 0 || port > 65_535) {
    context.addIssue({
      code: 'custom',
      message: 'must be an IP address and a port, such as 127.0.0.1:2587 or [::1]:2587',
    });
    return z.NEVER;
  }
  return { host, port };
});

export const network = z.string().refine((text) => ipaddr.isValidCIDR(text) || isIP(text) !== 0, {
  error: 'must be an IP address or a network, such as 10.1.0.0/16',
});

export const senderPattern = z.string().refine((text) => parseSenderPattern(text) !== undefined, {
  error: 'must be an address or a domain, such as ward3@clinic.example or clinic.example',
});

export const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, { error: 'must be a short name of a-z, 0-9, - and _' });

export const tlsVersion = z.enum(['TLSv1.2', 'TLSv1.3']);

/** NIST SP 800-52r2 section 3.3.1: ephemeral key exchange and AEAD, and the TLS 1.3 suites, in OpenSSL's names. */
export const DEFAULT_CIPHERS = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'DHE-RSA-AES256-GCM-SHA384',
  'DHE-RSA-AES128-GCM-SHA256',
].join(':');

export const cipherList = z.string().superRefine((list, context) => {
  const problem = cipherListProblem(list);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

export const certificateFiles = {
  certificate: z
    .string()
    .optional()
    .describe('PEM file with the certificate chain. Left out: the self-signed one made at the first start.'),
  key: z.string().optional().describe('PEM file with the private key of `certificate`.'),
};

/** An envelope sender of a list: an address, a domain or `*.domain`. */
export const senderEntry = z
  .string()
  .refine((text) => text !== '<>' && parseAddressEntry(text) !== undefined, {
    error: 'must be an address, a domain or *.domain, such as ward3@clinic.example',
  });
