import type { Config, RouteConfig } from '../config/schema.js';
import { streamSettings } from '../config/streams.js';
import { DEFAULT_STREAM } from '../model/stream.js';

/**
 * The route that a recipient domain takes: its own, else that of the stream, else the one of `*`; undefined means by MX.
 * A domain's own route goes first, because its TLS may be what a rule relies on.
 */
export function routeFor(
  config: Config,
  domain: string,
  stream: string = DEFAULT_STREAM,
): RouteConfig | undefined {
  const { routes } = config.delivery;
  const ofStream = streamSettings(config, stream).route;
  return (
    routes.find((route) => route.domains.includes(domain)) ??
    (ofStream === undefined ? undefined : routes.find((route) => route.name === ofStream)) ??
    routes.find((route) => route.domains.includes('*'))
  );
}

/**
 * Where a recipient's mail goes, for grouping and concurrency. Two routes, or one before and after a change of the
 * configuration, never share it.
 */
export function destinationOf(config: Config, domain: string, stream: string = DEFAULT_STREAM): string {
  const route = routeFor(config, domain, stream);
  return route === undefined ? `mx:${domain}` : textOf(route);
}

/** Asked several times for each message; a route never changes, a reload makes another one. */
const texts = new WeakMap<RouteConfig, string>();

function textOf(route: RouteConfig): string {
  const text = texts.get(route) ?? `route:${JSON.stringify(route)}`;
  texts.set(route, text);
  return text;
}

/** For reuse of connections: those of streams that connect from different addresses are never mixed up. */
export function connectionKey(config: Config, domain: string, stream: string = DEFAULT_STREAM): string {
  const from = streamSettings(config, stream).sourceAddresses;
  const destination = destinationOf(config, domain, stream);
  return from.length === 0 ? destination : `${destination} from ${JSON.stringify(from)}`;
}
