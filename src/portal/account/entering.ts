import type { FastifyReply } from 'fastify';
import { PORTAL_LANGUAGES } from '../../model/portal-language.js';
import { seeOther } from '../../web/answers.js';
import { setCookie } from '../../web/cookies.js';
import { languageCookie, sessionCookie } from '../cookies.js';
import type { OpenedSession } from '../sign-in.js';
import type { Front, Site, Visit } from '../site.js';
import { networkIsOut } from './proving.js';
import type { Ways } from './ways.js';

const YEAR_SECONDS = 31_536_000;

/** Gives the browser its new session, and the language of the account, and leads on. */
export async function enter(
  site: Site,
  { reply, now }: Pick<Visit, 'reply' | 'now'>,
  opened: OpenedSession,
  path: string,
): Promise<FastifyReply> {
  giveSession(site, reply, opened, now);
  const language = (await site.portal.account(opened.session.recipient))?.language;
  if (language !== undefined && PORTAL_LANGUAGES.includes(language))
    reply.header('set-cookie', setCookie(languageCookie(site.settings.secure), language, YEAR_SECONDS));
  return seeOther(reply, path);
}

export function giveSession(site: Site, reply: FastifyReply, opened: OpenedSession, now: number): void {
  const seconds = Math.max(1, Math.floor((opened.session.expiresAt - now) / 1000));
  reply.header('set-cookie', setCookie(sessionCookie(site.settings.secure), opened.token, seconds));
}

/**
 * Whether a form with a secret in it is to be looked at: it is ours, and not too much of its network was wrong lately;
 * else it is answered already.
 */
export async function acceptsTry(
  front: Front,
  ways: Ways,
  visit: Visit,
  back: string,
  item?: Parameters<Front['acceptsForm']>[2],
): Promise<boolean> {
  if (!(await front.acceptsForm(visit, back, item))) return false;
  if (!networkIsOut(ways, visit)) return true;
  await front.tooMany(visit, 'too many wrong secrets', 900);
  return false;
}
