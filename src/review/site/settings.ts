import type { LoadedConfig } from '../../config/load.js';
import type { ReviewConfig } from '../../config/schema.js';
import { UserError } from '../../shared/errors.js';
import {
  type CertificatePair,
  type WebPart,
  type WebSettings,
  webOrigin,
  webSettings,
} from '../../web/settings.js';

export interface ReviewSettings extends WebSettings {
  readonly config: ReviewConfig;
}

const REVIEW: WebPart = {
  section: 'review',
  name: 'review page',
  example: 'https://review.clinic.example',
};

/**
 * Checks how the review page will be reached and reads its certificate.
 * @throws UserError (exit status 2) when it would serve plain HTTP to anything but this machine, shares the portal's
 * address, or has no certificate
 */
export async function reviewSettings(
  loaded: LoadedConfig,
  serverCertificate: CertificatePair | undefined,
): Promise<ReviewSettings> {
  const { review: config, portal } = loaded.config;
  if (config === undefined)
    throw new UserError('there is no `review` in the configuration', { exitStatus: 2 });
  // Mail's own HTML is shown by both; what recipients' browsers load must never share an origin with operators' pages.
  if (portal !== undefined && new URL(portal.url).origin === webOrigin(REVIEW, config.url))
    throw new UserError(
      '`review.url` is the address of the portal; give the review page a name or port of its own',
      {
        exitStatus: 2,
      },
    );
  const settings = await webSettings(REVIEW, config, loaded, serverCertificate);
  return { ...settings, config };
}
