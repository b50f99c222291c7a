import type { LoadedConfig } from '../config/load.js';
import type { PortalItem } from '../model/portal-item.js';
import type { BodyStore, NewMessage } from '../store/ports.js';
import { brandFor } from './brand.js';
import { pickupNotice } from './notice.js';
import type { OwnMail } from './own-mail.js';
import type { Pages } from './pages.js';
import { portalOrigin } from './settings.js';

/**
 * The mail that leads an item's recipient to it.
 *
 * It has the null reverse-path: nobody reads bounces that come back to the gateway, and a bounce to the sender would show
 * the link to somebody else. What a peer refuses while we deliver is noticed by `deliver`.
 * @throws Error when the configuration has no portal
 */
export function noticeMail(
  deps: {
    readonly loaded: LoadedConfig;
    readonly bodies: Pick<BodyStore, 'seal'>;
    readonly ownMail: OwnMail;
    readonly pages: Pages;
  },
  item: PortalItem,
  secret: string,
  now: number,
): Promise<NewMessage> {
  const { config } = deps.loaded;
  const { portal } = config;
  if (portal === undefined) throw new Error('there is no portal in the configuration');
  const { language, sender, expiresAt } = item;
  const brand = brandFor(config, sender);
  const origin = portalOrigin(portal.url);
  const text = pickupNotice(deps.pages, {
    language,
    brand,
    sender,
    link: `${origin}/m/${secret}`,
    origin,
    expiresAt,
  });
  return deps.ownMail(
    {
      origin: 'pickup-notice',
      envelopeFrom: '',
      headerFrom: { name: brand.name, address: portal.sender },
      to: item.recipient,
      ...text,
      aboutMessage: item.messageId,
      aboutPortalItem: item.id,
      now,
      hostname: config.hostname,
      lifetimeMs: Math.max(1, Math.min(config.delivery.lifetime, expiresAt - now)),
    },
    deps.bodies,
  );
}
