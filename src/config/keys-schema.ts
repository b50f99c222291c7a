import { z } from 'zod';
import { domain, name, network } from './fields.js';
import { bytes, duration, waitingTime } from './units.js';

const ldapServer = z
  .strictObject({
    name,
    url: z
      .string()
      .regex(/^ldaps?:\/\/[^/?#]+$/, {
        error: 'must be ldaps://host or ldaps://host:port (ldap:// only with `start_tls`, or on loopback)',
      })
      .describe('Server, such as ldaps://directory.clinic.example.'),
    start_tls: z.boolean().default(false).describe('With ldap://: TLS is negotiated before anything else.'),
    ca: z.string().optional().describe('PEM file with CA certificates to trust instead of the system’s.'),
    domains: z
      .array(z.union([domain, z.literal('*')]))
      .min(1)
      .describe('Recipient domains that are looked up here; `*` is every domain.'),
    base: z.string().min(1).describe('Where the search begins, such as ou=people,dc=clinic,dc=example.'),
    bind_dn: z.string().min(1).optional(),
    password_file: z.string().optional().describe('File with the password of `bind_dn`; never in this file.'),
    timeout: waitingTime().prefault('10s'),
    cache: duration().prefault('1h').describe('How long an answer is used before the server is asked again.'),
  })
  .refine((value) => (value.bind_dn === undefined) === (value.password_file === undefined), {
    error: '`bind_dn` and `password_file` go together',
  })
  .refine((value) => !(value.start_tls && value.url.startsWith('ldaps:')), {
    error: '`start_tls` goes with ldap://; ldaps:// is TLS from the start',
    path: ['start_tls'],
  });

const trustAnchor = z.strictObject({
  file: z.string().min(1).describe('PEM file with one or more CA certificates.'),
  revocation: z
    .enum(['check', 'not-published'])
    .default('check')
    .describe(
      '`not-published`: this CA publishes neither CRL nor OCSP, and certificates that point to none count as not revoked.',
    ),
});

const CURVES = [
  'P-256',
  'P-384',
  'P-521',
  'X25519',
  'X448',
  'brainpoolP256r1',
  'brainpoolP384r1',
  'brainpoolP512r1',
] as const;

export const keys = z
  .strictObject({
    local_part: z
      .enum(['ignore-case', 'exact'])
      .default('ignore-case')
      .describe(
        'How the part before the @ in a key must agree with the recipient; case means ASCII letters only.',
      ),
    min_rsa_bits: z.int().min(2048).max(16_384).default(2048).describe('Shorter RSA keys are not used.'),
    curves: z
      .array(z.enum(CURVES))
      .min(1)
      .default(['P-256', 'P-384', 'P-521', 'X25519', 'X448'])
      .describe('Curves of encryption keys that may be used.'),
    wkd: z
      .strictObject({
        timeout: waitingTime().prefault('10s').describe('For one lookup with both methods.'),
        max_size: bytes().prefault('256KB'),
        cache: duration()
          .prefault('1d')
          .describe('How long an answer is used before the directory is asked again.'),
        deny_domains: z.array(domain).default([]).describe('Domains that are never asked.'),
        ca: z.string().optional().describe('PEM file with further CA certificates to trust for directories.'),
      })
      .prefault({})
      .describe('Web Key Directory; asked only where policies name `wkd` among `key_sources`.'),
    ldap: z.array(ldapServer).default([]).describe('Directories; asked only where policies name `ldap`.'),
    failure_cache: duration()
      .prefault('10m')
      .describe(
        'How long a source that failed (unreachable, late, malformed) is left alone for that address.',
      ),
    trust_anchors: z
      .array(trustAnchor)
      .default([])
      .describe('CAs whose S/MIME certificates are accepted. None: only certificates that a person pinned.'),
    revocation: z
      .strictObject({
        timeout: waitingTime().prefault('10s').describe('For one certificate with all its CRLs and OCSP.'),
        max_crl_size: bytes().prefault('20MB'),
        private_networks: z
          .array(network)
          .default([])
          .describe(
            'Networks inside, where CRLs and OCSP of your own CA may be asked for over http and https.',
          ),
        max_age: duration()
          .prefault('1d')
          .describe('An answer is used no longer than this, even where it says that it is valid for longer.'),
      })
      .prefault({}),
  })
  .prefault({})
  .describe('Which keys of recipients may be used, and where they are looked for.');
