import type { LoadedConfig } from '../config/load.js';
import type { RouteConfig } from '../config/schema.js';
import type { Lookup, Resolver } from '../deliver/resolver.js';
import { routeFor } from '../deliver/routes.js';
import { SmtpFailure } from '../deliver/smtp-failure.js';
import { closeSession, openSession } from '../deliver/smtp-session.js';
import { findTargets, type Target } from '../deliver/targets.js';
import { tlsAvailability } from '../deliver/tls-availability.js';
import type { TlsSetup } from '../deliver/tls-contexts.js';
import type { ReachedTlsLevel } from '../model/method.js';
import type { TlsFacts } from '../model/tls-facts.js';
import type { ProbedServer, ProbeReport } from './report.js';

/** What a probe asks of the world. */
export interface ProbeContext {
  readonly loaded: LoadedConfig;
  readonly resolver: Resolver;
  /** TXT records, each as its character-strings. */
  readonly txt: (name: string) => Promise<Lookup<readonly string[]>>;
  /** TLS as deliveries with a demand use it: the versions and suites of the configuration, the CA of the route. */
  readonly setup: (route: RouteConfig | undefined) => Promise<TlsSetup>;
  /** The highest level that was ever reached with a domain. */
  readonly remembered: (domain: string) => ReachedTlsLevel | undefined;
  /** Milliseconds for each connection, and for each command. */
  readonly timeout: number;
}

/**
 * Dials every server of a domain as delivery would, up to EHLO inside TLS, and says what was reached. No message is begun,
 * nothing is logged in, and nothing is remembered.
 * @param domain in its canonical form
 * @throws Error when a file of the route (CA, certificate, key) can't be used
 */
export async function probeDomain(context: ProbeContext, domain: string): Promise<ProbeReport> {
  const { config } = context.loaded;
  const route = routeFor(config, domain);
  const [found, setup, mtaSts] = await Promise.all([
    // In the order of MX: chance among equals would tell another story each time.
    findTargets(domain, route, config, context.resolver, () => 0),
    context.setup(route),
    publishesMtaSts(context, domain),
  ]);
  const dials =
    found.kind === 'targets'
      ? found.targets.flatMap((target) => target.addresses.map((address) => ({ target, address })))
      : [];
  const servers = await Promise.all(
    dials.map(({ target, address }) => probeServer(context, route, setup, target, address)),
  );
  const problem = found.kind === 'targets' ? found.missing : found.reason;
  const remembered = context.remembered(domain);
  return {
    domain,
    ...(route === undefined ? {} : { route: route.name }),
    servers,
    ...(problem === undefined ? {} : { problem }),
    tls: tlsAvailability(config, domain),
    ...(remembered === undefined ? {} : { remembered }),
    mtaSts,
  };
}

async function probeServer(
  { loaded, timeout }: ProbeContext,
  route: RouteConfig | undefined,
  { context, minVersion }: TlsSetup,
  { host, name, port }: Target,
  address: string,
): Promise<ProbedServer> {
  const server = { host, address, port };
  let seen: TlsFacts | undefined;
  try {
    const session = await openSession({
      host,
      address,
      port,
      hostname: loaded.config.hostname,
      implicitTls: route?.implicit_tls ?? false,
      startTls: 'yes',
      least: 'none',
      configuredTls: true,
      tls: { name, minVersion, context },
      timeouts: { connect: timeout, command: timeout },
      onTls: (facts) => {
        seen = facts;
      },
    });
    await closeSession(session);
    return { ...server, tls: session.facts };
  } catch (error) {
    if (!(error instanceof SmtpFailure)) throw error;
    const problem = error.message;
    if (error.kind === 'unreachable') return { ...server, problem };
    return { ...server, tls: seen ?? { level: 'none' }, problem };
  }
}

async function publishesMtaSts({ txt }: ProbeContext, domain: string): Promise<boolean | undefined> {
  const answer = await txt(`_mta-sts.${domain}`);
  if (answer.kind === 'failed') return undefined;
  if (answer.kind !== 'found') return false;
  return answer.records.some((strings) => /^v=STSv1\s*;/.test(strings.join('')));
}
