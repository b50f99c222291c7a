import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import {
  certificateFiles,
  cipherList,
  DEFAULT_CIPHERS,
  domain,
  mailbox,
  name,
  network,
  senderEntry,
  senderPattern,
  socketAddress,
  tlsVersion,
} from './fields.js';
import { portalSchema } from './portal-schema.js';
import { bytes, duration, waitingTime } from './units.js';

export { DEFAULT_CIPHERS, senderEntry };

const identity = z
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

const listener = z
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

const route = z
  .strictObject({
    name,
    domains: z
      .array(z.union([domain, z.literal('*')]))
      .min(1)
      .describe('Recipient domains that take this route; `*` is every other domain.'),
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
  .refine((value) => (value.onward_tls === undefined) === (value.onward_tls_owner === undefined), {
    error: '`onward_tls: guaranteed` needs `onward_tls_owner`: a promise without a name is none',
  });

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

const keys = z
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

const protect = z
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

const documents = z
  .strictObject({
    workers: z
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe('Processes that read documents; default: the number of cores, at most 4.'),
    deadline: waitingTime()
      .prefault('30s')
      .describe('Longest reading of one document without OCR; a longer one is `timed-out`.'),
    max_memory: bytes()
      .prefault('1GB')
      .describe('Resident size beyond which a process is killed; its document is `corrupt`.')
      .refine((size) => size >= 128 * 1024 ** 2, { error: 'must be at least 128MB' }),
    max_depth: z.int().min(1).max(50).default(8).describe('Archives within archives, or files within files.'),
    max_entries: z
      .int()
      .min(1)
      .max(100_000)
      .default(10_000)
      .describe('Entries of all archives within one part together.'),
    max_unpacked: bytes()
      .prefault('256MB')
      .describe(
        'Bytes unpacked from one part, all levels together; likewise from all documents of one message.',
      ),
    max_ratio: z
      .int()
      .min(2)
      .max(10_000)
      .default(200)
      .describe('Unpacked bytes for each packed one, beyond the first megabyte.'),
    max_pages: z
      .int()
      .min(1)
      .max(10_000)
      .default(50)
      .describe('Pages and images of one document whose text is recognised.'),
    max_pixels: z.int().min(10_000).max(1_000_000_000).default(50_000_000).describe('Pixels of one image.'),
    ocr: z
      .strictObject({
        enabled: z
          .boolean()
          .default(true)
          .describe('Whether text in images is recognised. Otherwise they are `unsupported`.'),
        workers: z
          .int()
          .min(1)
          .max(64)
          .default(1)
          .describe('Processes that recognise text, besides those that read documents.'),
        deadline_per_page: waitingTime()
          .prefault('30s')
          .describe('For one page or image; all of a message may take `max_pages` times as long.'),
      })
      .prefault({}),
  })
  .prefault({})
  .describe('Documents, archives and images; they are read in processes of their own.');

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
        z.strictObject({ file: z.string().min(1) }),
        z.strictObject({ env: z.string().min(1) }),
        z.strictObject({
          credential: z
            .string()
            .regex(/^[\w.-]+$/)
            .describe('Name of a systemd credential (LoadCredential=).'),
        }),
      ])
      .prefault({ file: 'master.key' })
      .describe(
        'Where the 32-byte master key (base64) is. `file` is relative to `data_dir` and made at the first start.',
      ),
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
            'Envelope senders (addresses, domains, `*.domain`) whose mail is health context by itself, such as the departments of a clinic: an identifier of a person in it is `phi` without health words.',
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
    delivery: z
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
        connections_per_destination: z.int().min(1).max(100).default(5),
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
      })
      .prefault({}),
    keys,
    protect,
    portal: portalSchema,
    audit: z
      .strictObject({
        checkpoint_every_events: z.int().min(1).default(1000),
        checkpoint_every: waitingTime().prefault('5m'),
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
    config.listeners.forEach((one, i) => {
      one.identities.forEach((wanted, j) => {
        if (!identities.has(wanted))
          issue(
            ['listeners', i, 'identities', j],
            `no identity is named ${wanted}; define it under \`identities\``,
          );
      });
    });
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
    const { portal } = config;
    if (portal !== undefined) {
      const loopback = isLoopback(portal.address.host);
      if (portal.behind_proxy && !loopback)
        issue(['portal', 'behind_proxy'], 'behind a proxy the portal listens on loopback only');
      if ((portal.certificate === undefined) !== (portal.key === undefined))
        issue(['portal', 'certificate'], '`certificate` and `key` go together');
      if (portal.url.startsWith('http:') && !loopback)
        issue(['portal', 'url'], 'plain http is for a portal on loopback only');
    }
    if (!isLoopback(config.admin.address.host))
      issue(['admin', 'address'], 'must be a loopback address: metrics and health are not for the network');
  });

/** The configuration as the program sees it: sizes in bytes, durations in milliseconds, domains as A-labels. */
export type Config = z.output<typeof configSchema>;
export type ListenerConfig = Config['listeners'][number];
export type IdentityConfig = Config['identities'][number];
export type RouteConfig = Config['delivery']['routes'][number];
export type KeysConfig = Config['keys'];
export type LdapConfig = KeysConfig['ldap'][number];
export type ProtectConfig = Config['protect'];
export type PortalConfig = NonNullable<Config['portal']>;

function isLoopback(host: string): boolean {
  return ipaddr.process(host).range() === 'loopback';
}
