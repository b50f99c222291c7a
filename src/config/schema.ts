import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { isOwnIdentity } from '../model/own-identity.js';
import { delivery } from './delivery-schema.js';
import { dkim } from './dkim-schema.js';
import { documents } from './documents-schema.js';
import { DEFAULT_CIPHERS, domain, mailbox, senderEntry, senderPattern, socketAddress } from './fields.js';
import { identity, listener } from './intake-schema.js';
import { keys } from './keys-schema.js';
import { operatorsSchema } from './operators-schema.js';
import { portalSchema } from './portal-schema.js';
import { protect } from './protect-schema.js';
import { retention } from './retention.js';
import { reviewSchema } from './review-schema.js';
import { bytes, duration, waitingTime } from './units.js';

export { DEFAULT_CIPHERS, senderEntry };

export const configSchema = z
  .strictObject({
    hostname: domain.describe('Name of this relay: EHLO, Received, Message-ID and certificate.'),
    data_dir: z
      .string()
      .min(1)
      .default('data')
      .describe('Folder of databases, sealed content and keys; relative to this file. Mode 0700.'),
    policies: z
      .string()
      .min(1)
      .default('policies')
      .describe('Folder with policy files; relative to this file.'),
    enforcement: z
      .enum(['enforce', 'shadow'])
      .default('enforce')
      .describe('`shadow`: decide and record, but send everything as plain. For the first weeks only.'),
    organisation: z.strictObject({
      name: z.string().min(1).max(120).describe('Shown in notices and on the pickup pages.'),
      domains: z.array(domain).min(1).describe('Domains of the organisation: recipients there are internal.'),
      postmaster: mailbox.describe('Contact named in notices and DSNs.'),
      reviewers: z.array(mailbox).default([]).describe('Who is told of held mail.'),
    }),
    master_key: z
      .union([
        z.strictObject({
          file: z
            .string()
            .min(1)
            .describe('Path of the key, relative to `data_dir`; made at the first start.'),
        }),
        z.strictObject({ env: z.string().min(1).describe('Name of an environment variable with the key.') }),
        z.strictObject({
          credential: z
            .string()
            .regex(/^[\w.-]+$/)
            .describe('Name of a systemd credential (LoadCredential=).'),
        }),
      ])
      .prefault({ file: 'master.key' })
      .describe('Where the 32-byte master key (base64) is: one of `file`, `env` and `credential`.'),
    logging: z
      .strictObject({
        level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
        addresses: z
          .enum(['none', 'domains', 'full'])
          .default('domains')
          .describe('How much of envelope addresses the operational log may show.'),
      })
      .prefault({}),
    listeners: z.array(listener).min(1),
    identities: z.array(identity).default([]),
    first_account: z
      .strictObject({ name: z.string().min(1).max(128), senders: z.array(senderPattern).min(1) })
      .optional()
      .describe('Account made at the first start, when there is none; its password is printed once.'),
    login: z
      .strictObject({
        failures_per_client: z
          .int()
          .min(1)
          .default(10)
          .describe('Failed log-ins per client address within `window`.'),
        failures_per_account: z
          .int()
          .min(1)
          .default(20)
          .describe('Failed log-ins per account within `window`.'),
        window: waitingTime().prefault('15m'),
        remember: duration()
          .refine((ms) => ms <= 15 * 60_000, { error: 'must be at most 15m; `0s` remembers nothing' })
          .prefault('1m')
          .describe(
            'How long a right password is remembered (as a keyed hash in memory), for clients that log in for each message; at most 15m. A changed password or a disabled account ends it at once. `0s` remembers nothing.',
          ),
      })
      .prefault({}),
    intake: z
      .strictObject({
        min_free_space: bytes().prefault('500MB').describe('Below it new mail is deferred with 452 4.3.1.'),
        max_received_headers: z
          .int()
          .min(1)
          .default(50)
          .describe('More Received headers than this mean a loop (RFC 5321 6.3).'),
        max_header_size: bytes().prefault('256KB'),
      })
      .prefault({}),
    inspect: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe(
            '`false`: nobody looks into mail, and policies decide by envelope, client, size and time alone. Policies that ask for more, detectors and rosters are refused then.',
          ),
        workers: z.int().min(1).max(64).optional().describe('Worker threads; default: the number of cores.'),
        deadline: waitingTime()
          .prefault('60s')
          .describe('Longest inspection of one message; a longer one counts as unread.'),
        max_depth: z.int().min(1).max(100).default(20),
        max_parts: z.int().min(1).max(100_000).default(1000),
        max_part_text: bytes()
          .prefault('20MB')
          .describe('Decoded text of one part beyond which it is `too-large`.'),
        health_senders: z
          .array(senderEntry)
          .default([])
          .describe(
            'Senders (addresses, domains, `*.domain`) whose mail is health context by itself, such as the departments of a clinic: an identifier of a person in it is `phi` without health words.',
          ),
        documents,
      })
      .prefault({}),
    dns: z
      .strictObject({
        servers: z.array(socketAddress).default([]).describe('Resolvers; default: those of the system.'),
        timeout: waitingTime().prefault('5s'),
        allow_private_targets: z
          .boolean()
          .default(false)
          .describe(
            'Deliver to private, loopback and link-local addresses found in DNS, and ask key directories, CRL and OCSP servers there and on any port. For tests only.',
          ),
      })
      .prefault({}),
    delivery,
    dkim,
    keys,
    protect,
    portal: portalSchema,
    review: reviewSchema,
    operators: operatorsSchema,
    audit: z
      .strictObject({
        checkpoint_every_events: z.int().min(1).default(1000),
        checkpoint_every: waitingTime().prefault('5m'),
        retention: retention.prefault('72 months'),
        syslog: z
          .boolean()
          .default(true)
          .describe(
            'Checkpoints go to the system log too; without a copy elsewhere, whoever holds the signing key could rewrite everything.',
          ),
      })
      .prefault({}),
    admin: z
      .strictObject({ address: socketAddress.prefault('127.0.0.1:9464') })
      .prefault({})
      .describe('`/healthz` and `/metrics`; loopback only.'),
  })
  .superRefine((config, context) => {
    const issue = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    const unique = (names: readonly string[], ...path: string[]) => {
      names.forEach((one, i) => {
        if (names.indexOf(one) !== i) issue([...path, i, 'name'], `the name ${one} is used twice`);
      });
    };
    unique(
      config.listeners.map((one) => one.name),
      'listeners',
    );
    unique(
      config.identities.map((one) => one.name),
      'identities',
    );
    const identities = new Set(config.identities.map((one) => one.name));
    const notOurs = (name: string, path: (string | number)[]) => {
      if (isOwnIdentity(name)) issue(path, `${name} is the name of the relay's own mail; choose another`);
    };
    config.identities.forEach(({ name }, i) => {
      notOurs(name, ['identities', i, 'name']);
    });
    const account = config.first_account?.name;
    if (account !== undefined) {
      notOurs(account, ['first_account', 'name']);
      if (identities.has(account))
        issue(
          ['first_account', 'name'],
          `an identity is named ${account}, so nobody could log in as it; choose another`,
        );
    }
    config.identities.forEach(({ notify }, i) => {
      if (notify === undefined) return;
      const { domains } = config.organisation;
      if (!domains.includes(notify.slice(notify.lastIndexOf('@') + 1)))
        issue(
          ['identities', i, 'notify'],
          "must be an address in one of the organisation's domains (`organisation.domains`): notices name recipients",
        );
    });
    config.listeners.forEach((one, i) => {
      one.identities.forEach((wanted, j) => {
        if (!identities.has(wanted))
          issue(
            ['listeners', i, 'identities', j],
            `no identity is named ${wanted}; define it under \`identities\``,
          );
      });
    });
    if (!config.inspect.enabled && config.inspect.health_senders.length > 0)
      issue(
        ['inspect', 'health_senders'],
        'says how content counts, and nobody looks into mail (`inspect.enabled: false`); leave it out, or switch inspection on',
      );
    unique(
      config.keys.ldap.map((one) => one.name),
      'keys',
      'ldap',
    );
    config.keys.ldap.forEach((one, i) => {
      const local = /^ldap:\/\/(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?$/.test(one.url);
      if (one.url.startsWith('ldap:') && !one.start_tls && !local)
        issue(['keys', 'ldap', i, 'url'], 'ldap:// without `start_tls` is for a server on loopback only');
    });
    const routed = new Map<string, string>();
    config.delivery.routes.forEach((one, i) => {
      one.domains.forEach((routedDomain, j) => {
        const before = routed.get(routedDomain);
        if (before !== undefined)
          issue(['delivery', 'routes', i, 'domains', j], `${routedDomain} already takes route ${before}`);
        routed.set(routedDomain, one.name);
      });
    });
    const sites = {
      portal: ['the portal', 'a portal'],
      review: ['the review page', 'a review page'],
    } as const;
    for (const section of ['portal', 'review'] as const) {
      const site = config[section];
      if (site === undefined) continue;
      const loopback = isLoopback(site.address.host);
      const [the, a] = sites[section];
      if (site.behind_proxy && !loopback)
        issue([section, 'behind_proxy'], `behind a proxy ${the} listens on loopback only`);
      if ((site.certificate === undefined) !== (site.key === undefined))
        issue([section, 'certificate'], '`certificate` and `key` go together');
      if (site.url.startsWith('http:') && !loopback)
        issue([section, 'url'], `plain http is for ${a} on loopback only`);
    }
    if (!isLoopback(config.admin.address.host))
      issue(['admin', 'address'], 'must be a loopback address: metrics and health are not for the network');
  });

/** The configuration as the program sees it: sizes in bytes, durations in milliseconds, domains as A-labels. */
export type Config = z.output<typeof configSchema>;
export type ListenerConfig = Config['listeners'][number];
export type IdentityConfig = Config['identities'][number];
export type RouteConfig = Config['delivery']['routes'][number];
export type ThrottleConfig = Config['delivery']['throttles'][number];
export type KeysConfig = Config['keys'];
export type LdapConfig = KeysConfig['ldap'][number];
export type ProtectConfig = Config['protect'];
export type DkimKeyConfig = Config['dkim'][number];
export type PortalConfig = NonNullable<Config['portal']>;
export type ReviewConfig = NonNullable<Config['review']>;

function isLoopback(host: string): boolean {
  return ipaddr.process(host).range() === 'loopback';
}
