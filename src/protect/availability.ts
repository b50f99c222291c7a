import type { Config } from '../config/schema.js';
import type { Availability, MethodAvailability } from '../model/availability.js';

const NO_KEYS: Availability = {
  available: false,
  reason: 'no usable key: this version holds no keys for recipients',
};

/**
 * What recipients of a domain can receive by. `tls` says whether the route may count as TLS at all; whether the
 * peer really offers it is seen at delivery.
 * @param tls availability of `tls` on the domain's route, from `deliver`
 */
export function methodAvailability(config: Config, tls: Availability): MethodAvailability {
  return {
    plain: { available: true, note: 'opportunistic TLS' },
    tls,
    pgp: NO_KEYS,
    smime: NO_KEYS,
    portal:
      config.portal === undefined
        ? { available: false, reason: 'no portal is configured' }
        : { available: true, note: `pickup at ${config.portal.url}` },
  };
}
