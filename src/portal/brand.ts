import type { Config } from '../config/schema.js';
import type { PortalStore } from '../store/ports.js';

/** Whose portal a visitor sees. */
export interface Brand {
  readonly name: string;
  readonly postmaster: string;
  /** Where recipients get help. */
  readonly contact?: string;
  /** Path of its own style sheet, with its colours. */
  readonly style?: string;
  readonly logo?: { readonly path: string };
  readonly welcome?: string;
  readonly footer?: string;
}

/** The looks for mail of a sender: those of its domain, else the organisation's. */
export function brandFor(config: Pick<Config, 'organisation' | 'portal'>, sender: string): Brand {
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  const organisations = config.portal?.organisations ?? [];
  const index = organisations.findIndex((one) => one.domains.includes(domain));
  const own = organisations[index];
  if (own === undefined)
    return { name: config.organisation.name, postmaster: config.organisation.postmaster };
  return {
    name: own.name,
    postmaster: own.postmaster ?? config.organisation.postmaster,
    contact: own.contact,
    ...(own.colour === undefined && own.colour_dark === undefined ? {} : { style: `/brand/${index}.css` }),
    ...(own.logo === undefined ? {} : { logo: { path: `/brand/${index}/logo` } }),
    ...(own.texts.welcome === undefined ? {} : { welcome: own.texts.welcome }),
    ...(own.texts.footer === undefined ? {} : { footer: own.texts.footer }),
  };
}

/** The looks for what is about a recipient and no single message: those of the newest message to that recipient. */
export async function brandForRecipient(
  config: Pick<Config, 'organisation' | 'portal'>,
  portal: Pick<PortalStore, 'items'>,
  recipient: string,
): Promise<Brand> {
  const [newest] = await portal.items({ recipient, limit: 1 });
  return brandFor(config, newest?.sender ?? '');
}
