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

/** Which of `portal.organisations` a sender's mail is of; -1: none of them. */
function organisationOf(config: Pick<Config, 'portal'>, sender: string): number {
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  return (config.portal?.organisations ?? []).findIndex((one) => one.domains.includes(domain));
}

/**
 * Where whoever lost a password or factor begins on the way to a sender's message: the same pages for everybody, with the
 * looks of the sender's organisation, since no address is known there yet.
 */
export function lostPath(config: Pick<Config, 'portal'>, sender: string): string {
  const index = organisationOf(config, sender);
  return index === -1 ? '/lost' : `/lost/of/${index}`;
}

/** A sender with the looks of the organisation in such a path; empty where it names none. */
export function senderOfLostPath(config: Pick<Config, 'portal'>, part: string): string {
  const named = /^\d{1,4}$/.test(part) ? config.portal?.organisations[Number(part)] : undefined;
  return named === undefined ? '' : `@${named.domains[0] ?? ''}`;
}

/** The looks for mail of a sender: those of its domain, else the organisation's. */
export function brandFor(config: Pick<Config, 'organisation' | 'portal'>, sender: string): Brand {
  const index = organisationOf(config, sender);
  const own = config.portal?.organisations[index];
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
  return brandFor(config, await newestSender(portal, recipient));
}

/** Who wrote to a recipient last; empty: nobody. */
export async function newestSender(portal: Pick<PortalStore, 'items'>, recipient: string): Promise<string> {
  const [newest] = await portal.items({ recipient, limit: 1 });
  return newest?.sender ?? '';
}
