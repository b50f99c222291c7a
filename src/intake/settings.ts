import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import type { LoadedConfig } from '../config/load.js';
import type { IdentityConfig, ListenerConfig } from '../config/schema.js';
import { isOwnIdentity } from '../model/own-identity.js';
import { errorText, UserError } from '../shared/errors.js';
import { readSecretFile } from '../shared/secret-file.js';
import { parseSenderPattern, type SenderPattern } from '../shared/sender-pattern.js';
import { parseNetwork } from './client-address.js';
import { type CertificateRule, namePattern } from './client-certificate.js';
import type { Admission, KnownIdentity } from './identity.js';
import { type Tenant, tenantSecret } from './tenant.js';

/** One listener as it now is; replaced as a whole by a reload. */
export interface ListenerSettings extends Admission {
  readonly config: ListenerConfig;
  readonly certificate: CertificatePair;
  /** CA certificates (PEM) of all identities; empty where no client certificate is asked for. */
  readonly clientAuthorities: readonly string[];
  /** Names (lower case) of fields that hold a tenant's secret: they are taken out of all mail, whoever sends it. */
  readonly secretHeaders: ReadonlySet<string>;
}

export interface CertificatePair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** Everything intake takes from the configuration, files read and patterns compiled. */
export interface Settings {
  readonly loaded: LoadedConfig;
  readonly listeners: ReadonlyMap<string, ListenerSettings>;
  /** Whether an identity has this name, so that no account may. */
  readonly isTaken: (name: string) => boolean;
}

/**
 * Reads what the configuration names, and refuses what would open the relay.
 * @param serverCertificate for listeners without a certificate of their own
 * @throws UserError (exit status 2) with the place and the remedy
 */
export async function readSettings(
  loaded: LoadedConfig,
  serverCertificate: CertificatePair,
): Promise<Settings> {
  const { config } = loaded;
  const known = new Map<string, KnownIdentity & { readonly authorities: readonly string[] }>();
  for (const identity of config.identities) known.set(identity.name, await readIdentity(loaded, identity));
  const secretHeaders = new Set(
    [...known.values()].flatMap(({ tenant }) => (tenant?.secret === undefined ? [] : [tenant.secret.header])),
  );
  const listeners = new Map<string, ListenerSettings>();
  for (const listener of config.listeners) {
    const where = `listener ${listener.name}`;
    const identities = listener.identities.map((name) => {
      const one = known.get(name);
      if (one === undefined) throw usage(`${where}: no identity is named ${name}`);
      return one;
    });
    if (!listener.accounts && identities.length === 0)
      throw usage(`${where} admits nobody: set \`accounts: true\` or name \`identities\``);
    const off = listener.tls.mode === 'off' ? listener.tls.off_for : [];
    listeners.set(listener.name, {
      config: listener,
      identities,
      tlsOffFor: off.map((network) => parseNetwork(network, `${where}, tls.off_for`)),
      certificate: await readCertificate(loaded, listener, serverCertificate),
      clientAuthorities: identities.flatMap((one) => one.authorities),
      secretHeaders,
    });
  }
  return { loaded, listeners, isTaken: (name) => known.has(name) || isOwnIdentity(name) };
}

async function readIdentity(
  loaded: LoadedConfig,
  identity: IdentityConfig,
): Promise<KnownIdentity & { readonly authorities: readonly string[] }> {
  const where = `identity ${identity.name}`;
  const authorities: string[] = [];
  const certificates: CertificateRule[] = [];
  for (const rule of identity.certificates) {
    if (rule.subject === undefined && rule.san === undefined)
      throw usage(`${where}: a certificate rule needs \`subject\` or \`san\``);
    const pem = await readText(loaded.path(rule.ca), `${where}, ca`);
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0) throw usage(`${where}: ${rule.ca} holds no certificate in PEM form`);
    try {
      certificates.push({
        authorities: blocks.map((block) => new X509Certificate(block)),
        ...(rule.subject === undefined ? {} : { subject: namePattern(rule.subject) }),
        ...(rule.san === undefined ? {} : { san: namePattern(rule.san) }),
      });
    } catch (cause) {
      throw usage(`${where}: ${rule.ca} can't be read: ${errorText(cause)}`, cause);
    }
    authorities.push(...blocks);
  }
  return {
    name: identity.name,
    networks: identity.networks.map((network) => parseNetwork(network, where)),
    certificates,
    senders: identity.senders.map((text) => readPattern(text, where)),
    allow: {
      forwarding: identity.allow.forwarding,
      onBehalfOf: identity.allow.on_behalf_of.map((text) => readPattern(text, where)),
    },
    ...(identity.tenant === undefined ? {} : { tenant: await readTenant(loaded, identity.tenant, where) }),
    authorities,
  };
}

function readPattern(text: string, where: string): SenderPattern {
  const pattern = parseSenderPattern(text);
  if (pattern === undefined) throw usage(`${where}: ${text} is neither an address nor a domain`);
  return pattern;
}

async function readTenant(
  loaded: LoadedConfig,
  tenant: NonNullable<IdentityConfig['tenant']>,
  where: string,
): Promise<Tenant> {
  const secretOf = async (header: string, file: string) => {
    try {
      return tenantSecret(header, await readSecretFile(loaded.path(file)));
    } catch (cause) {
      throw usage(`${where}, secret_file: ${errorText(cause)}`, cause);
    }
  };
  if (tenant.provider === 'google-workspace')
    return { provider: tenant.provider, secret: await secretOf(tenant.secret_header, tenant.secret_file) };
  const { id, domains, secret_header: header, secret_file: file } = tenant;
  return {
    provider: tenant.provider,
    id,
    domains: new Set(domains),
    ...(header === undefined || file === undefined ? {} : { secret: await secretOf(header, file) }),
  };
}

/**
 * The certificate of a listener, from its own files where it has some.
 * @throws UserError (exit status 2) when it can't be used
 */
export async function readCertificate(
  loaded: LoadedConfig,
  listener: ListenerConfig,
  own: CertificatePair,
): Promise<CertificatePair> {
  const where = `listener ${listener.name}, tls`;
  const { certificate, key } = listener.tls;
  const pair =
    certificate === undefined || key === undefined
      ? own
      : {
          certificatePem: await readText(loaded.path(certificate), where),
          keyPem: await readText(loaded.path(key), where),
        };
  try {
    // Fails now, with a place, when key and certificate don't belong together or a cipher is unknown.
    createSecureContext({
      cert: pair.certificatePem,
      key: pair.keyPem,
      ciphers: listener.tls.ciphers,
      minVersion: listener.tls.min_version,
    });
  } catch (cause) {
    throw usage(
      `${where}: certificate, key or ciphers can't be used: ${errorText(cause)}; check that they belong together`,
      cause,
    );
  }
  return pair;
}

async function readText(file: string, where: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw usage(`${where}: can't read ${file}: ${errorText(cause)}`, cause);
  }
}

function usage(message: string, cause?: unknown): UserError {
  return new UserError(message, { exitStatus: 2, ...(cause === undefined ? {} : { cause }) });
}
