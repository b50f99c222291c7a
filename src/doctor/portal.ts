import { type Check, ok } from './finding.js';
import { checkSite } from './site.js';

const CHECK = 'portal';

/** Whether recipients reach the portal at its address, by a certificate that their browsers trust. */
export const checkPortal: Check = async (context) => {
  const { portal } = context.loaded.config;
  if (portal === undefined)
    return [ok(CHECK, 'there is no portal; what cannot be protected otherwise is held')];
  if (portal.url.startsWith('http:'))
    return [ok(CHECK, 'the portal is on loopback without TLS: for tests only')];
  return checkSite(
    { check: CHECK, what: 'the portal', who: 'recipients', config: portal, publicTrust: true },
    context,
  );
};
