import type { LoadedConfig } from '../config/load.js';
import type { PortalConfig } from '../config/schema.js';
import { UserError } from '../shared/errors.js';
import {
  type CertificatePair,
  type WebPart,
  type WebSettings,
  webOrigin,
  webSettings,
} from '../web/settings.js';
import { checkSmsGateway } from './account/sms.js';

/** What the portal's listener is made of, after every check that the schema alone can't do. */
export interface PortalSettings extends WebSettings {
  readonly config: PortalConfig;
}

const PORTAL: WebPart = { section: 'portal', name: 'portal', example: 'https://pickup.clinic.example' };

/**
 * The site's origin, without a trailing slash; links start with it.
 * @throws UserError (exit status 2) when the address has a path, a query or a login
 */
export function portalOrigin(url: string): string {
  return webOrigin(PORTAL, url);
}

/**
 * Checks how the portal will be reached and reads its certificate.
 * @throws UserError (exit status 2) when it would serve plain HTTP to anything but this machine, or has no certificate
 */
export async function portalSettings(
  loaded: LoadedConfig,
  serverCertificate: CertificatePair | undefined,
): Promise<PortalSettings> {
  const config = loaded.config.portal;
  if (config === undefined)
    throw new UserError('there is no `portal` in the configuration', { exitStatus: 2 });
  checkSmsGateway(config.sms);
  return { ...(await webSettings(PORTAL, config, loaded, serverCertificate)), config };
}
