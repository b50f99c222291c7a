import { z } from 'zod';
import { cipherList, DEFAULT_CIPHERS, domain, name, tlsVersion } from './fields.js';
import { stream, suppression, throttle } from './sending-schema.js';
import { duration, waitingTime } from './units.js';

const route = z
  .strictObject({
    name,
    domains: z
      .array(z.union([domain, z.literal('*')]))
      .default([])
      .describe(
        'Recipient domains that take this route; `*` is every other domain. Left out only where a stream names the route.',
      ),
    host: z.string().min(1).describe('Host name or IP address of the next server.'),
    port: z.int().min(1).max(65_535).default(25),
    kind: z
      .enum(['smarthost', 'recipient-server'])
      .default('smarthost')
      .describe("`recipient-server`: this host is the recipient's own server, so TLS to it counts."),
    tls_name: z.string().optional().describe('Name that the certificate must carry; default: `host`.'),
    implicit_tls: z.boolean().default(false),
    ca: z
      .string()
      .optional()
      .describe('PEM file with CA certificates to trust on this route instead of the system’s.'),
    certificate: z
      .string()
      .optional()
      .describe('PEM file with a certificate chain of ours, shown to a server that asks for one.'),
    key: z.string().optional().describe('PEM file with the private key of `certificate`.'),
    auth: z
      .strictObject({
        user: z.string().min(1),
        password_file: z.string().describe('File with the password; never in this file.'),
      })
      .optional(),
    onward_tls: z
      .literal('guaranteed')
      .optional()
      .describe(
        "The smarthost promises verified TLS to the recipient's server; without it `tls` is not available.",
      ),
    onward_tls_owner: z
      .string()
      .min(3)
      .optional()
      .describe('Person or contract behind that promise; every explanation repeats it.'),
  })
  .refine((value) => !(value.kind === 'recipient-server' && value.onward_tls !== undefined), {
    error: "`onward_tls` is for smarthosts; with `recipient-server` the route ends at the recipient's server",
  })
  .refine((value) => (value.certificate === undefined) === (value.key === undefined), {
    error: '`certificate` and `key` go together',
  })
  .refine((value) => (value.onward_tls === undefined) === (value.onward_tls_owner === undefined), {
    error: '`onward_tls: guaranteed` needs `onward_tls_owner`: a promise without a name is none',
  });

export const delivery = z
  .strictObject({
    routes: z.array(route).default([]),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .default(25)
      .describe('Port of servers found by MX. 25, except in tests.'),
    ca: z
      .string()
      .optional()
      .describe('PEM file with further CA certificates to trust for recipients’ servers.'),
    tls_min_version: tlsVersion
      .default('TLSv1.2')
      .describe('Least version that counts as `verified` or `encrypted`.'),
    tls_ciphers: cipherList
      .default(DEFAULT_CIPHERS)
      .describe(
        'OpenSSL cipher list, offered where TLS is demanded; what a suite then counts as is fixed: ephemeral keys with AES-GCM, AES-CCM, ChaCha20 or CBC with SHA-2 for `verified`.',
      ),
    max_connections: z
      .int()
      .min(2)
      .max(1000)
      .default(100)
      .describe('Attempts at the same time, all streams and destinations together.'),
    connections_per_destination: z
      .int()
      .min(1)
      .max(100)
      .default(20)
      .describe('Connections to one destination at the same time. What waits for the disk holds none.'),
    recipients_per_transaction: z.int().min(1).max(1000).default(100),
    connect_timeout: waitingTime().prefault('30s'),
    command_timeout: waitingTime().prefault('5m'),
    first_retry: waitingTime().prefault('2m'),
    max_retry: waitingTime().prefault('2h'),
    lifetime: duration().prefault('4d').describe('A recipient not reached by then bounces.'),
    delay_warning: duration().prefault('4h').describe('The sender gets one warning after this time.'),
    tls_fallback_after: duration()
      .prefault('30m')
      .describe('Temporary TLS failures for this long lead to the next allowed method.'),
    hold_lifetime: duration().prefault('3d').describe('A hold that nobody decided becomes a bounce.'),
    streams: z.array(stream).default([]),
    throttles: z.array(throttle).default([]),
    suppression,
  })
  .prefault({});
