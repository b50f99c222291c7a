import { z } from 'zod';
import {
  certificateFiles,
  cipherList,
  DEFAULT_CIPHERS,
  mailbox,
  name,
  network,
  senderPattern,
  socketAddress,
  tlsVersion,
} from './fields.js';
import { allow, tenant } from './tenant-schema.js';
import { bytes, waitingTime } from './units.js';

const ownStream = {
  stream: name
    .optional()
    .describe('Stream of its mail; default: `default`. Streams are defined under `delivery.streams`.'),
  streams: z
    .array(name)
    .default([])
    .describe(
      'Streams that a message may choose by its header field `X-Sallyport-Stream`, which is removed; others that it names are passed over.',
    ),
};

export const identity = z
  .strictObject({
    name: name.describe('Name of the identity, as it appears in the audit log.'),
    networks: z
      .array(network)
      .default([])
      .describe(
        'Clients in these networks are this identity. All identities together may take in an IPv4 /8 and an IPv6 /32 of public addresses.',
      ),
    certificates: z
      .array(
        z.strictObject({
          ca: z
            .string()
            .describe('PEM file with the CA certificates that the client certificate must chain to.'),
          subject: z
            .string()
            .optional()
            .describe(
              'Common name that the certificate must have; `*` stands for any run of characters but a dot, and not in the last two labels.',
            ),
          san: z
            .string()
            .optional()
            .describe(
              'DNS or mail name that the certificate must have as subject alternative name; `*` as above.',
            ),
        }),
      )
      .default([])
      .describe('Clients with a certificate that matches one of these are this identity.'),
    senders: z
      .array(senderPattern)
      .min(1)
      .describe('Envelope and header From addresses or domains it may use.'),
    notify: mailbox
      .optional()
      .describe(
        "Who gets DSNs, warnings of delay and hold notices of its mail in place of the envelope sender, where nobody reads what comes to that address (`no-reply`). One of the organisation's addresses.",
      ),
    ...ownStream,
    tenant: tenant
      .optional()
      .describe(
        'The one customer of Microsoft 365 or Google whose mail this is: their networks and certificates are those of all their customers.',
      ),
    allow: allow.describe('What it may do beyond writing in its own name.'),
  })
  .refine((value) => value.networks.length + value.certificates.length > 0, {
    error: 'names nobody: give `networks` or `certificates`',
  })
  .refine(
    (value) => value.certificates.every((rule) => rule.subject !== undefined || rule.san !== undefined),
    {
      error:
        'a certificate rule needs `subject` or `san`: a CA alone would admit everybody that it ever certified',
    },
  );

export const listener = z
  .strictObject({
    name,
    address: socketAddress.describe('IP address and port to listen on.'),
    mode: z
      .enum(['submission', 'submissions', 'relay'])
      .describe(
        '`submission`: STARTTLS for mail clients; `submissions`: implicit TLS; `relay`: STARTTLS for connectors (Exchange, 365, EHR).',
      ),
    accounts: z
      .boolean()
      .default(false)
      .describe('Whether accounts of `sallyport users` may log in (AUTH PLAIN and LOGIN, over TLS only).'),
    identities: z
      .array(name)
      .default([])
      .describe('Names of the identities (networks, client certificates) that may use this listener.'),
    tls: z
      .strictObject({
        mode: z
          .enum(['required', 'off'])
          .default('required')
          .describe(
            '`off` lets the networks in `off_for` submit without TLS; everyone else still must use it.',
          ),
        off_for: z
          .array(network)
          .default([])
          .describe('Networks for which TLS is off. Each start warns of them.'),
        ...certificateFiles,
        min_version: tlsVersion.default('TLSv1.2'),
        ciphers: cipherList
          .default(DEFAULT_CIPHERS)
          .describe('OpenSSL cipher list; default: the suites of NIST SP 800-52r2.'),
      })
      .prefault({}),
    bare_newline: z
      .enum(['reject', 'normalize'])
      .default('reject')
      .describe(
        'What becomes of a message with a bare LF or CR in it: `reject` answers 550 5.6.0; `normalize` makes CR LF of each, for old EHRs and scanners. Commands, and the dot at the end of a message, need CR LF either way.',
      ),
    max_message_size: bytes().prefault('50MB'),
    max_recipients: z.int().min(1).max(10_000).default(500),
    max_connections: z.int().min(1).default(500),
    max_connections_per_client: z.int().min(1).default(50),
    idle_timeout: waitingTime().prefault('5m'),
    data_timeout: waitingTime().prefault('10m').describe('From DATA to the final dot.'),
    session_timeout: waitingTime()
      .prefault('1h')
      .describe('A longer session is ended with 421 between two transactions.'),
    messages_per_hour: z.int().min(1).default(10_000).describe('For each identity.'),
    stream: ownStream.stream.describe('Stream of mail from accounts; default: `default`.'),
    streams: ownStream.streams.describe(
      'Streams that a message from an account may choose by its header field `X-Sallyport-Stream`, which is removed.',
    ),
  })
  .refine((value) => value.accounts || value.identities.length > 0, {
    error: 'admits nobody: set `accounts: true` or name `identities`',
  })
  .refine((value) => (value.tls.mode === 'off') === value.tls.off_for.length > 0, {
    error: '`tls.mode: off` and `tls.off_for` go together: TLS is switched off for listed networks only',
    path: ['tls'],
  })
  .refine((value) => !(value.tls.mode === 'off' && value.mode === 'submissions'), {
    error: '`submissions` is implicit TLS; it cannot be off',
    path: ['tls'],
  })
  .refine((value) => (value.tls.certificate === undefined) === (value.tls.key === undefined), {
    error: '`certificate` and `key` go together',
    path: ['tls'],
  });
