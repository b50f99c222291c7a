import { isIP } from 'node:net';
import { DEFAULT_STREAM } from '../model/stream.js';
import { canonicalDomain } from '../shared/address.js';
import type { ConfigProblem } from './check-open-relay.js';
import type { Config } from './schema.js';
import { allStreams } from './streams.js';

/** Finds streams and throttles that name what isn't there, or that can't hold together. */
export function sendingProblems(config: Config): readonly ConfigProblem[] {
  return [...streamProblems(config), ...routeProblems(config), ...throttleProblems(config), ...users(config)];
}

function streamProblems({ delivery, ...rest }: Config): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const routes = new Set(delivery.routes.map((one) => one.name));
  delivery.streams.forEach((one, i) => {
    const path = ['delivery', 'streams', i];
    if (delivery.streams.findIndex((other) => other.name === one.name) !== i)
      problems.push({ path: [...path, 'name'], message: `the name ${one.name} is used twice` });
    if (one.route !== undefined && !routes.has(one.route))
      problems.push({
        path: [...path, 'route'],
        message: `no route is named ${one.route}; define it under \`delivery.routes\``,
      });
    const kinds = one.source_addresses.map((address) => isIP(address));
    if (new Set(kinds).size < kinds.length)
      problems.push({
        path: [...path, 'source_addresses'],
        message: 'at most one IPv4 and one IPv6 address',
      });
    if (one.connections !== undefined && one.connections > delivery.max_connections)
      problems.push({
        path: [...path, 'connections'],
        message: `more than \`max_connections\` (${delivery.max_connections}), which holds for all streams together`,
      });
  });
  const reserved = allStreams({ delivery, ...rest }).reduce((sum, one) => sum + one.reserved, 0);
  if (reserved >= delivery.max_connections)
    problems.push({
      path: ['delivery', 'streams'],
      message: `the streams reserve ${reserved} connections, \`default\` included; together it must be less than \`max_connections\` (${delivery.max_connections})`,
    });
  return problems;
}

/** A route without domains is used by streams alone. */
function routeProblems({ delivery }: Config): readonly ConfigProblem[] {
  return delivery.routes.flatMap((route, i) =>
    route.domains.length > 0 || delivery.streams.some((one) => one.route === route.name)
      ? []
      : [
          {
            path: ['delivery', 'routes', i, 'domains'],
            message: `nobody takes the route ${route.name}: give \`domains\`, or name it in a stream`,
          },
        ],
  );
}

function throttleProblems({ delivery }: Config): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const routes = new Set(delivery.routes.map((one) => one.name));
  const streams = streamNames(delivery.streams);
  delivery.throttles.forEach((one, i) => {
    const path = ['delivery', 'throttles', i];
    one.names?.forEach((wanted, j) => {
      const complain = (message: string) => problems.push({ path: [...path, 'names', j], message });
      if (one.by === 'destination' && canonicalDomain(wanted) === undefined)
        complain('must be a recipient domain, such as clinic.example');
      if (one.by === 'route' && !routes.has(wanted)) complain(`no route is named ${wanted}`);
      if (one.by === 'stream' && !streams.has(wanted)) complain(`no stream is named ${wanted}`);
    });
    one.streams?.forEach((wanted, j) => {
      if (!streams.has(wanted))
        problems.push({ path: [...path, 'streams', j], message: `no stream is named ${wanted}` });
    });
  });
  return problems;
}

/** Identities and listeners name streams that exist. */
function users({ identities, listeners, delivery }: Config): readonly ConfigProblem[] {
  const known = streamNames(delivery.streams);
  const missing = (wanted: string) => `no stream is named ${wanted}; define it under \`delivery.streams\``;
  const of = (kind: 'identities' | 'listeners', all: readonly Streamed[]) =>
    all.flatMap((one, i): readonly ConfigProblem[] => [
      ...(one.stream === undefined || known.has(one.stream)
        ? []
        : [{ path: [kind, i, 'stream'], message: missing(one.stream) }]),
      ...one.streams.flatMap((wanted, j) =>
        known.has(wanted) ? [] : [{ path: [kind, i, 'streams', j], message: missing(wanted) }],
      ),
    ]);
  return [...of('identities', identities), ...of('listeners', listeners)];
}

interface Streamed {
  readonly stream?: string | undefined;
  readonly streams: readonly string[];
}

function streamNames(streams: readonly { readonly name: string }[]): ReadonlySet<string> {
  return new Set([DEFAULT_STREAM, ...streams.map((one) => one.name)]);
}
