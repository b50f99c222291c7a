import { readFile } from 'node:fs/promises';
import type { RouteConfig } from '../config/schema.js';
import { createResolver } from '../deliver/resolver.js';
import { SmtpFailure } from '../deliver/smtp-failure.js';
import { closeSession, openSession } from '../deliver/smtp-session.js';
import { findTargets } from '../deliver/targets.js';
import { createTlsContexts } from '../deliver/tls-contexts.js';
import { errorText } from '../shared/errors.js';
import { type Check, type DoctorContext, type Finding, ok, problem, warning } from './finding.js';
import { dial } from './smtp-view.js';

const CHECK = 'outward';

/** Where mail goes: each configured server is dialled as delivery does, with TLS and log-in; for the rest, port 25 outward. */
export const checkRoutes: Check = async (context) => {
  const { config } = context.loaded;
  const findings = (
    await Promise.all(config.delivery.routes.map((route) => checkRoute(route, context)))
  ).flat();
  if (!config.delivery.routes.some((route) => route.domains.includes('*')))
    findings.push(await outwardPort(context));
  return findings;
};

async function checkRoute(route: RouteConfig, context: DoctorContext): Promise<readonly Finding[]> {
  const { loaded, timeout } = context;
  const { config } = loaded;
  const what = `route ${route.name} to ${route.host}, port ${route.port}`;
  const found = await findTargets('', route, config, createResolver(config.dns), () => 0);
  const target = found.kind === 'targets' ? found.targets[0] : undefined;
  const address = target?.addresses[0];
  if (target === undefined || address === undefined)
    return [
      problem(
        CHECK,
        `${what}: ${found.kind === 'targets' ? 'no address' : found.reason}`,
        'see that `host` of the route is right, and that DNS knows it',
      ),
    ];
  try {
    const tls = await createTlsContexts(() => loaded).get(route, true);
    const session = await openSession({
      host: target.host,
      address,
      port: target.port,
      hostname: config.hostname,
      implicitTls: route.implicit_tls,
      startTls: 'yes',
      least: route.auth === undefined ? 'none' : 'verified',
      configuredTls: true,
      tls: { name: target.name, minVersion: tls.minVersion, context: tls.context },
      timeouts: { connect: timeout, command: timeout },
      ...(route.auth === undefined
        ? {}
        : {
            login: {
              user: route.auth.user,
              password: (await readFile(loaded.path(route.auth.password_file), 'utf8')).trim(),
            },
          }),
    });
    await closeSession(session);
    const { level, shortfall } = session.facts;
    if (level === 'none')
      return [
        warning(
          CHECK,
          `${what} answers without TLS${shortfall === undefined ? '' : `: ${shortfall}`}`,
          'let its administrator switch TLS on; until then nothing that needs protection takes it',
        ),
      ];
    if (level === 'encrypted')
      return [
        warning(
          CHECK,
          `${what} answers with TLS that isn't verified: ${shortfall ?? 'its certificate is not trusted'}`,
          'correct `tls_name` or `ca` of the route, or its certificate',
        ),
      ];
    return [
      ok(
        CHECK,
        `${what} answers with verified TLS${route.auth === undefined ? '' : ' and takes the log-in'}`,
      ),
    ];
  } catch (error) {
    const reason = error instanceof SmtpFailure ? error.message : errorText(error);
    return [
      problem(
        CHECK,
        `${what}: ${reason}`,
        'see to the server, the firewall, `tls_name`, `ca` and `auth` of the route',
      ),
    ];
  }
}

/** A name with many mail servers that nobody minds being greeted: those of the organisation's own first domain. */
async function outwardPort({ dns, loaded, timeout }: DoctorContext): Promise<Finding> {
  const { organisation, delivery } = loaded.config;
  const domain = organisation.domains[0] ?? '';
  const mx = await dns.mx(domain);
  if (mx.kind === 'failed')
    return portNotKnown(delivery.port, `${domain} could not be looked up (${mx.reason})`);
  const host = mx.kind === 'found' ? mx.records[0] : undefined;
  if (host === undefined || host === '')
    return portNotKnown(delivery.port, `${domain} has no mail server to try`);
  const addresses = await dns.addresses(host);
  if (addresses.kind === 'failed')
    return portNotKnown(delivery.port, `${host} could not be looked up (${addresses.reason})`);
  const address = addresses.kind === 'found' ? addresses.records[0] : undefined;
  if (address === undefined)
    return warning(CHECK, `the mail server ${host} of ${domain} has no address`, 'correct the MX record');
  try {
    const socket = await dial({ address, port: delivery.port }, timeout);
    socket.destroy();
    return ok(CHECK, `port ${delivery.port} is open outward: ${host} answers`);
  } catch (error) {
    return problem(
      CHECK,
      `port ${delivery.port} outward: ${host} can't be reached (${errorText(error)})`,
      'let the firewall pass it; many providers open port 25 only on request, otherwise send over a smarthost on port 587',
    );
  }
}

function portNotKnown(port: number, why: string): Finding {
  return warning(
    CHECK,
    `whether port ${port} is open outward is not known, because ${why}`,
    'send a test mail with --test-mail',
  );
}
