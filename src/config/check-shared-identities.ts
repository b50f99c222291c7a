import { overlaps, readNetwork, translated } from '../shared/network.js';
import type { ConfigProblem } from './check-open-relay.js';
import type { Config } from './schema.js';
import { SHARED_CLOUDS } from './shared-clouds.js';

type Cloud = (typeof SHARED_CLOUDS)[number];

/**
 * Identities that all customers of a mail service share, but that do not say which customer they are for: with these the
 * relay would send for each of them. Also tenants that are checked by what another service lets its customers write, secrets
 * that would travel without TLS, and listeners that mend line ends.
 */
export function sharedIdentityProblems(config: Config): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const secret = new Set<string>();
  config.identities.forEach((identity, i) => {
    const judge = (path: readonly (string | number)[], what: string, cloud: Cloud | undefined) => {
      if (cloud === undefined || cloud.provider === identity.tenant?.provider) return;
      problems.push({
        path: ['identities', i, ...path],
        message:
          identity.tenant === undefined
            ? `${what} belongs to ${cloud.words}, which sends for all its customers from there: whoever is one could relay. Say which is yours with \`tenant: {provider: ${cloud.provider}, …}\` (docs/identities.md)`
            : `${what} belongs to ${cloud.words}, but \`tenant\` is one of ${identity.tenant.provider}; make an identity of its own for it`,
      });
    };
    identity.networks.forEach((text, j) => {
      judge(['networks', j], `the network ${text}`, cloudOfNetwork(text));
    });
    identity.certificates.forEach((rule, j) => {
      for (const key of ['subject', 'san'] as const) {
        const pattern = rule[key];
        if (pattern !== undefined)
          judge(['certificates', j, key], `the name ${pattern}`, cloudOfName(pattern));
      }
    });
    if (identity.tenant?.secret_file !== undefined) secret.add(identity.name);
  });
  config.listeners.forEach((listener, i) => {
    for (const name of listener.identities) {
      const { networks = [], tenant } = config.identities.find((one) => one.name === name) ?? {};
      // A newline made good within a field that a stranger wrote would begin a field that the service never saw.
      if (tenant !== undefined && listener.bare_newline === 'normalize')
        problems.push({
          path: ['listeners', i, 'bare_newline'],
          message: `the identity ${name} names its tenant by header fields, which need strict line ends; give it a listener of its own`,
        });
      if (!secret.has(name)) continue;
      listener.tls.off_for.forEach((text, j) => {
        if (!networks.some((network) => touch(network, text))) return;
        problems.push({
          path: ['listeners', i, 'tls', 'off_for', j],
          message: `the secret of ${name}'s tenant would travel readable from ${text}; this identity needs TLS`,
        });
      });
    }
  });
  return problems;
}

/** What rests on what Microsoft is not known to promise. One line for each identity. */
export function tenantWarnings(config: Pick<Config, 'identities'>): readonly string[] {
  return config.identities.flatMap(({ tenant }, i) =>
    tenant?.provider === 'microsoft-365' && tenant.secret_header === undefined
      ? [
          `identities.${i}.tenant: rests on headers that Microsoft does not promise nobody can forge; add \`secret_header\` and \`secret_file\` (docs/identities.md)`,
        ]
      : [],
  );
}

function cloudOfNetwork(text: string): Cloud | undefined {
  const network = readNetwork(text);
  if (network === undefined) return undefined;
  return SHARED_CLOUDS.find((cloud) =>
    cloud.networks.some(
      (one) => overlaps(one, network) || translated(one).some((it) => overlaps(it, network)),
    ),
  );
}

/** A cloud whose names, or some of them, a pattern takes in; `*` is within one label of a name. */
function cloudOfName(pattern: string): Cloud | undefined {
  const name = pattern.trim().toLowerCase().replace(/\.$/, '');
  const labels = name.slice(name.lastIndexOf('@') + 1).split('.');
  return SHARED_CLOUDS.find((cloud) =>
    cloud.domains.some((domain) => {
      const wanted = domain.split('.');
      const last = labels.slice(-wanted.length);
      return last.length === wanted.length && wanted.every((label, i) => fits(last[i] ?? '', label));
    }),
  );
}

function fits(pattern: string, label: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[^a-z0-9]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(label);
}

function touch(one: string, other: string): boolean {
  const [a, b] = [readNetwork(one), readNetwork(other)];
  return a !== undefined && b !== undefined && overlaps(a, b);
}
