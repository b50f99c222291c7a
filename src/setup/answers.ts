import { z } from 'zod';
import { domain, mailbox, name, network, senderPattern } from '../config/fields.js';

/** Where mail comes from. */
const upstream = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('mail-clients'),
    account: name.default('clinic').describe('The first account; its password is printed once.'),
  }),
  z.strictObject({
    kind: z.literal('exchange'),
    networks: z.array(network).min(1).describe('Addresses of the servers that send.'),
  }),
  z.strictObject({
    kind: z.literal('microsoft-365'),
    tenant_id: z.uuid({
      error: 'must be the ID of your tenant, such as 00000000-0000-0000-0000-000000000000',
    }),
  }),
  z.strictObject({ kind: z.literal('google-workspace') }),
  z.strictObject({
    kind: z.literal('ehr'),
    networks: z.array(network).min(1).describe('Addresses of the EHR, scanners and other devices.'),
    tls: z.enum(['required', 'off']).default('required').describe('`off` for devices that know no TLS.'),
    notify: mailbox.optional().describe('Who gets bounces and notices, where devices write as no-reply.'),
    senders: z.array(senderPattern).min(1).optional().describe('Left out: the domains of the organisation.'),
  }),
]);

/** Where mail goes. */
const downstream = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('mx') }),
  z
    .strictObject({
      kind: z.literal('smarthost'),
      host: z.string().min(1),
      port: z.int().min(1).max(65_535).default(587),
      user: z.string().min(1).optional(),
      password_file: z.string().min(1).optional(),
      onward_tls_owner: z
        .string()
        .min(3)
        .optional()
        .describe(
          'Person or contract that promises verified TLS onward; left out: `tls` counts for nothing there.',
        ),
    })
    .refine((value) => (value.user === undefined) === (value.password_file === undefined), {
      error: '`user` and `password_file` go together',
    }),
]);

/** What `sallyport init` needs to know; also the format of its answers file. */
export const answersSchema = z.strictObject({
  hostname: domain,
  organisation: z.strictObject({
    name: z.string().min(1).max(120),
    domains: z.array(domain).min(1),
    postmaster: mailbox.optional(),
    reviewers: z.array(mailbox).default([]),
  }),
  upstream: z
    .array(upstream)
    .min(1)
    .refine((all) => new Set(all.map((one) => one.kind)).size === all.length, {
      error: 'names one kind twice; give all networks of a kind together',
    }),
  downstream: downstream.prefault({ kind: 'mx' }),
  inside: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Server for the organisation's own domains, such as its Exchange; left out: found like any other.",
    ),
  portal: z
    .union([
      z.literal('none'),
      z.strictObject({
        url: z.url({
          protocol: /^https$/,
          error: 'must be an address such as https://pickup.clinic.example',
        }),
        behind_proxy: z.boolean().default(false),
      }),
    ])
    .default('none'),
  certificate: z
    .union([
      z.literal('self-signed'),
      z.strictObject({ certificate: z.string().min(1), key: z.string().min(1) }),
    ])
    .default('self-signed'),
  enforcement: z.enum(['shadow', 'enforce']).default('shadow'),
  ports: z
    .enum(['standard', 'high'])
    .default('standard')
    .describe(
      '`high`: 2525 (devices beside servers: 2526), 2587, 2465 and 8443, for a process without CAP_NET_BIND_SERVICE or behind a forwarder.',
    ),
  listen: z.union([z.ipv4(), z.ipv6()]).default('0.0.0.0').describe('Address that the listeners bind.'),
  dkim_selector: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?$/, { error: 'must be a short name of a-z, 0-9 and -' })
    .default('sallyport'),
  data_dir: z.string().min(1).default('data'),
});

export type Answers = z.output<typeof answersSchema>;
export type AnswersInput = z.input<typeof answersSchema>;
export type UpstreamAnswer = Answers['upstream'][number];
