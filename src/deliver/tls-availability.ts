import type { Config } from '../config/schema.js';
import type { Availability } from '../model/availability.js';
import { routeFor } from './routes.js';

/**
 * Whether `tls` may count for recipients of a domain, by its route. TLS to a smarthost says nothing of what happens
 * behind it, so it counts only with a promise that has an owner. What the peers offer is seen at delivery.
 */
export function tlsAvailability(config: Config, domain: string, stream?: string): Availability {
  const route = routeFor(config, domain, stream);
  if (route === undefined) return { available: true, note: "TLS to the domain's mail servers" };
  if (route.kind === 'recipient-server')
    return { available: true, note: `TLS to the recipient's own server (route ${route.name})` };
  if (route.onward_tls === 'guaranteed' && route.onward_tls_owner !== undefined) {
    return {
      available: true,
      note: `TLS to the smarthost of route ${route.name}; TLS onward is guaranteed by ${route.onward_tls_owner}`,
    };
  }
  return {
    available: false,
    reason: `route ${route.name} is a smarthost without a promise of TLS onward (\`onward_tls\`)`,
  };
}
