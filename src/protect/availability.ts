import type { Config } from '../config/schema.js';
import type { Availability, MethodAvailability } from '../model/availability.js';

const NOT_LOOKED_FOR: Availability = { available: false, reason: 'no key was looked for' };

/**
 * What recipients of a domain can receive by, keys aside: those belong to single recipients. `tls` says whether the route may count as TLS at all; whether the
 * peer really offers it is seen at delivery.
 * @param tls availability of `tls` on the domain's route, from `deliver`
 */
export function methodAvailability(config: Config, tls: Availability): MethodAvailability {
  return {
    plain: { available: true, note: 'opportunistic TLS' },
    tls,
    pgp: NOT_LOOKED_FOR,
    smime: NOT_LOOKED_FOR,
    portal:
      config.portal === undefined
        ? { available: false, reason: 'no portal is configured' }
        : { available: true, note: `pickup at ${config.portal.url}` },
  };
}
