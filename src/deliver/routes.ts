import type { Config, RouteConfig } from '../config/schema.js';

/** The route that a recipient domain takes: its own, else the one of `*`; undefined means by MX. */
export function routeFor(config: Config, domain: string): RouteConfig | undefined {
  const { routes } = config.delivery;
  return (
    routes.find((route) => route.domains.includes(domain)) ??
    routes.find((route) => route.domains.includes('*'))
  );
}

/**
 * Where a recipient's mail goes, for grouping, concurrency and reuse of connections. Two routes, or one before and
 * after a change of the configuration, never share it.
 */
export function destinationOf(config: Config, domain: string): string {
  const route = routeFor(config, domain);
  return route === undefined ? `mx:${domain}` : `route:${JSON.stringify(route)}`;
}
