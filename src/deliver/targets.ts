import { isIP } from 'node:net';
import type { Config, RouteConfig } from '../config/schema.js';
import { canonicalDomain } from '../shared/address.js';
import { isPublicAddress } from '../shared/address-guard.js';
import type { MxRecord, Resolver } from './resolver.js';

/** A server to dial. */
export interface Target {
  /** Name that its certificate must carry. */
  readonly name: string;
  /** Name for logs and events. */
  readonly host: string;
  readonly port: number;
  /** Checked IP addresses; they are dialled as they are, without a second look-up (DNS rebinding). */
  readonly addresses: readonly string[];
}

export type Targets =
  | {
      readonly kind: 'targets';
      readonly targets: readonly Target[];
      /** The domain has other servers, whose addresses could not be looked up just now; why. */
      readonly missing?: string;
    }
  /** For good: bounce. */
  | { readonly kind: 'impossible'; readonly status: string; readonly reason: string }
  /** For now: try again later. */
  | { readonly kind: 'failed'; readonly status: string; readonly reason: string };

/** Bounds for zones that name servers without end. */
const MAX_HOSTS = 10;
const MAX_ADDRESSES = 4;

/** Where mail for `domain` goes, in the order to be tried (RFC 5321 section 5.1). */
export async function findTargets(
  domain: string,
  route: RouteConfig | undefined,
  config: Config,
  resolver: Resolver,
  random: () => number,
): Promise<Targets> {
  return route === undefined ? byMx(domain, config, resolver, random) : byRoute(route, resolver);
}

/** A configured server may be anywhere, also on loopback: an administrator named it. */
async function byRoute(route: RouteConfig, resolver: Resolver): Promise<Targets> {
  const target = { name: route.tls_name ?? route.host, host: route.host, port: route.port };
  if (isIP(route.host) !== 0) return { kind: 'targets', targets: [{ ...target, addresses: [route.host] }] };
  const answer = await resolver.configuredHost(route.host);
  if (answer.kind === 'found')
    return { kind: 'targets', targets: [{ ...target, addresses: answer.records.slice(0, MAX_ADDRESSES) }] };
  // A mistake in the configuration can be put right: never a reason to bounce at once.
  const why = answer.kind === 'failed' ? `could not be looked up (${answer.reason})` : 'has no address';
  return { kind: 'failed', status: '4.4.3', reason: `the host of route ${route.name} ${why}` };
}

async function byMx(
  domain: string,
  config: Config,
  resolver: Resolver,
  random: () => number,
): Promise<Targets> {
  const answer = await resolver.mx(domain);
  switch (answer.kind) {
    case 'failed':
      return {
        kind: 'failed',
        status: '4.4.3',
        reason: `the mail servers of the domain could not be looked up (${answer.reason})`,
      };
    case 'no-domain':
      return { kind: 'impossible', status: '5.1.2', reason: 'the domain does not exist' };
    case 'no-data':
      return ofHosts([domain], config, resolver, 'the domain has neither mail servers nor an address');
    case 'found':
      return ofRecords(answer.records, config, resolver, random);
  }
}

async function ofRecords(
  records: readonly MxRecord[],
  config: Config,
  resolver: Resolver,
  random: () => number,
): Promise<Targets> {
  const real = records.filter((one) => one.exchange !== '' && one.exchange !== '.');
  // RFC 7505: a null MX stands alone; beside others it is a mistake and is passed over.
  if (real.length === 0)
    return { kind: 'impossible', status: '5.1.10', reason: 'the domain accepts no mail (null MX)' };
  const sorted = byPreference(real, random).flatMap((one) => {
    const host = canonicalDomain(one.exchange.replace(/\.$/, ''));
    return host === undefined ? [] : [{ host, preference: one.preference }];
  });
  // RFC 5321 5.1: what is not nearer than ourselves would bring the message back.
  const own = sorted.find((one) => one.host === config.hostname);
  const nearer = own === undefined ? sorted : sorted.filter((one) => one.preference < own.preference);
  if (own !== undefined && nearer.length === 0)
    return {
      kind: 'impossible',
      status: '5.4.6',
      reason: 'the best mail server of the domain is this relay itself',
    };
  const hosts = [...new Set(nearer.map((one) => one.host))];
  return ofHosts(hosts.slice(0, MAX_HOSTS), config, resolver, 'no mail server of the domain has an address');
}

/** Lowest preference first; random order among equals. */
function byPreference(records: readonly MxRecord[], random: () => number): readonly MxRecord[] {
  return records
    .map((record) => ({ record, draw: random() }))
    .sort((a, b) => a.record.preference - b.record.preference || a.draw - b.draw)
    .map((one) => one.record);
}

async function ofHosts(
  hosts: readonly string[],
  config: Config,
  resolver: Resolver,
  noneReason: string,
): Promise<Targets> {
  const targets: Target[] = [];
  let failed: string | undefined;
  let refused = false;
  for (const host of hosts) {
    const answer = await resolver.addresses(host);
    if (answer.kind === 'failed') failed = answer.reason;
    if (answer.kind !== 'found') continue;
    const allowed = config.dns.allow_private_targets
      ? answer.records.filter((one) => isIP(one) !== 0)
      : answer.records.filter(isPublicAddress);
    if (allowed.length < answer.records.length) refused = true;
    if (allowed.length > 0)
      targets.push({
        name: host,
        host,
        port: config.delivery.port,
        addresses: allowed.slice(0, MAX_ADDRESSES),
      });
  }
  const missing = failed === undefined ? undefined : `addresses could not be looked up (${failed})`;
  if (targets.length > 0) return { kind: 'targets', targets, ...(missing !== undefined && { missing }) };
  if (missing !== undefined)
    return { kind: 'failed', status: '4.4.3', reason: `the mail servers' ${missing}` };
  if (refused)
    return {
      kind: 'impossible',
      status: '5.4.4',
      reason: 'the mail servers of the domain have only private or reserved addresses, which are not dialled',
    };
  return { kind: 'impossible', status: '5.4.4', reason: noneReason };
}
