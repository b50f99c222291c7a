import { stringify } from 'yaml';
import { SHARED_CLOUDS } from '../config/shared-clouds.js';
import type { Answers, UpstreamAnswer } from './answers.js';

/** Files that the configuration names, beside it. */
export const SECRET_FILES = {
  'microsoft-365': 'microsoft-365.secret',
  'google-workspace': 'google-workspace.secret',
} as const;

/** What the rule of a cloud's administrator writes the secret into. */
export const SECRET_HEADER = 'X-Sallyport-Tenant';

/** The two keys of each domain; RSA for verifiers that don't know Ed25519 yet. */
export function dkimKeysOf({ organisation, dkim_selector: selector }: Answers) {
  return organisation.domains.flatMap((domain) => [
    { domain, selector: `${selector}-rsa`, type: 'rsa' as const },
    { domain, selector: `${selector}-ed`, type: 'ed25519' as const },
  ]);
}

/** Ports of one choice. */
export function portsOf({ ports }: Pick<Answers, 'ports'>) {
  return ports === 'standard'
    ? { relay: 25, devices: 2525, submission: 587, submissions: 465, portal: 443 }
    : { relay: 2525, devices: 2526, submission: 2587, submissions: 2465, portal: 8443 };
}

/**
 * The text of a configuration for these answers, with the words that an administrator needs to go on with it. Says only
 * what differs from the defaults.
 */
export function configText(answers: Answers): string {
  const { organisation, enforcement, downstream } = answers;
  const sections: (string | undefined)[] = [
    `# Sallyport's configuration, made by \`sallyport init\`. Every key is explained in docs/config-reference.md; relative paths
# count from this file's folder. After a change: \`sallyport check\`, then reload (\`systemctl reload sallyport\`).`,
    yaml({ hostname: answers.hostname, data_dir: answers.data_dir, policies: 'policies' }),
    enforcement === 'shadow'
      ? `# SHADOW MODE: nothing is enforced. Every decision is recorded as "would have", and all mail leaves as plain. Look at
# \`sallyport audit report --shadow\` for some days, mend the policies, then write \`enforce\` here.
enforcement: shadow`
      : 'enforcement: enforce',
    yaml({
      organisation: {
        name: organisation.name,
        domains: organisation.domains,
        postmaster: postmasterOf(answers),
        // Somebody must learn of what is held.
        reviewers: organisation.reviewers.length > 0 ? organisation.reviewers : [postmasterOf(answers)],
      },
    }),
    `# Keep a copy of data_dir/master.key elsewhere: without it nothing stored can be read.\n${yaml({ master_key: { file: 'master.key' } })}`,
    listeners(answers),
    identities(answers),
    delivery(answers),
    `# The public halves are DNS records: dns-records.txt.\n${yaml({
      dkim: dkimKeysOf(answers).map(({ domain, selector }) => ({ domain, selector })),
    })}`,
    portal(answers),
    downstream.kind === 'smarthost' && downstream.onward_tls_owner === undefined
      ? `# Over this smarthost the method \`tls\` counts for nothing, because nobody guarantees TLS behind it: what must be
# protected goes by S/MIME, PGP or the portal. See docs/operators-guide.md, "Where mail goes".`
      : undefined,
  ];
  return `${sections.filter((one) => one !== undefined).join('\n\n')}\n`;
}

/** Where mail for the people who run it goes, unless they said. */
export function postmasterOf({ organisation }: Answers): string {
  return organisation.postmaster ?? `postmaster@${organisation.domains[0] ?? ''}`;
}

function yaml(value: Record<string, unknown>): string {
  return stringify(value, { lineWidth: 110, aliasDuplicateObjects: false }).trimEnd();
}

function certificateOf({ certificate }: Answers) {
  return certificate === 'self-signed' ? {} : { ...certificate };
}

function listeners(answers: Answers): string {
  const ports = portsOf(answers);
  const host = answers.listen.includes(':') ? `[${answers.listen}]` : answers.listen;
  const tls = certificateOf(answers);
  const withTls = Object.keys(tls).length === 0 ? {} : { tls };
  const kinds = new Set(answers.upstream.map((one) => one.kind));
  const servers = answers.upstream.filter((one) => one.kind !== 'mail-clients');
  const all: Record<string, unknown>[] = [];
  if (kinds.has('mail-clients')) {
    all.push(
      {
        name: 'submission',
        address: `${host}:${ports.submission}`,
        mode: 'submission',
        accounts: true,
        ...withTls,
      },
      {
        name: 'submissions',
        address: `${host}:${ports.submissions}`,
        mode: 'submissions',
        accounts: true,
        ...withTls,
      },
    );
  }
  const devices = servers.filter((one) => one.kind === 'ehr');
  const others = servers.filter((one) => one.kind !== 'ehr');
  if (others.length > 0)
    all.push({
      name: 'connector',
      address: `${host}:${ports.relay}`,
      mode: 'relay',
      identities: others.map((one) => one.kind),
      ...withTls,
    });
  // A listener of their own, because what is forgiven old devices is not forgiven servers.
  for (const { kind, networks, tls: wanted } of devices)
    all.push({
      name: 'devices',
      address: `${host}:${others.length > 0 ? ports.devices : ports.relay}`,
      mode: 'relay',
      identities: [kind],
      ...(wanted === 'off' ? { tls: { mode: 'off', off_for: networks, ...tls } } : withTls),
      bare_newline: 'normalize',
    });
  return yaml({ listeners: all });
}

function identities(answers: Answers): string | undefined {
  const servers = answers.upstream.filter((one) => one.kind !== 'mail-clients');
  if (servers.length === 0) return undefined;
  const listed = yaml({ identities: servers.map((one) => identityOf(one, answers)) });
  const { domains } = answers.organisation;
  return servers.some((one) => one.kind === 'ehr' && one.senders === undefined)
    ? `# Whatever sends from the networks of \`ehr\` needs no password and may write as anybody at ${domains.join(', ')}: name under its
# \`senders\` the addresses that the devices use.
${listed}`
    : listed;
}

function identityOf(server: Exclude<UpstreamAnswer, { kind: 'mail-clients' }>, answers: Answers) {
  const { domains } = answers.organisation;
  switch (server.kind) {
    case 'exchange':
      return { name: server.kind, networks: server.networks, senders: domains };
    case 'ehr':
      return {
        name: server.kind,
        networks: server.networks,
        senders: server.senders ?? domains,
        ...(server.notify === undefined ? {} : { notify: server.notify }),
      };
    case 'microsoft-365':
      return {
        name: server.kind,
        networks: cloudNetworks(server.kind),
        senders: domains,
        tenant: {
          provider: server.kind,
          id: server.tenant_id,
          domains,
          secret_header: SECRET_HEADER,
          secret_file: SECRET_FILES[server.kind],
        },
      };
    case 'google-workspace':
      return {
        name: server.kind,
        networks: cloudNetworks(server.kind),
        senders: domains,
        tenant: {
          provider: server.kind,
          secret_header: SECRET_HEADER,
          secret_file: SECRET_FILES[server.kind],
        },
      };
  }
}

function cloudNetworks(provider: 'microsoft-365' | 'google-workspace'): readonly string[] {
  const cloud = SHARED_CLOUDS.find((one) => one.provider === provider);
  return (cloud?.networks ?? []).map(({ address, prefix }) => `${address.toString()}/${prefix}`);
}

function delivery({ downstream, inside, organisation }: Answers): string {
  const routes: Record<string, unknown>[] = [];
  if (inside !== undefined)
    routes.push({ name: 'inside', domains: organisation.domains, host: inside, kind: 'recipient-server' });
  if (downstream.kind === 'smarthost') {
    const { host, port, user, password_file, onward_tls_owner: owner } = downstream;
    routes.push({
      name: 'upstream',
      domains: ['*'],
      host,
      port,
      ...(user === undefined ? {} : { auth: { user, password_file } }),
      ...(owner === undefined ? {} : { onward_tls: 'guaranteed', onward_tls_owner: owner }),
    });
  }
  return yaml({ delivery: { routes } });
}

function portal(answers: Answers): string | undefined {
  const { portal: wanted, organisation } = answers;
  if (wanted === 'none') return undefined;
  const host = wanted.behind_proxy ? '127.0.0.1' : answers.listen;
  const port = wanted.behind_proxy ? 8443 : portsOf(answers).portal;
  return yaml({
    portal: {
      address: `${host.includes(':') ? `[${host}]` : host}:${port}`,
      url: wanted.url,
      ...(wanted.behind_proxy ? { behind_proxy: true } : certificateOf(answers)),
      sender: `pickup@${organisation.domains[0] ?? ''}`,
    },
  });
}
