import { auditEvent } from '../audit/events.js';
import type { PortalSession } from '../model/portal-item.js';
import { seeOther, sendPage } from '../web/answers.js';
import { setCookie } from '../web/cookies.js';
import { formField } from '../web/forms.js';
import type { WebServer } from '../web/server.js';
import { enrolmentOf, mayOpen } from './access.js';
import { rememberDevice } from './account/device.js';
import { acceptsTry } from './account/entering.js';
import { countFailure, type Ways } from './account/ways.js';
import { sessionCookie } from './cookies.js';
import type { OfferedStep } from './page-data.js';
import { about, isOf, type OpenedSession, sendCode, signIn } from './sign-in.js';
import { type Front, type LinkVisit, NOT_VALID, type Site, type WayToItem, waysToItem } from './site.js';
import { durationText } from './time-text.js';
import { meansFor } from './ways/means.js';
import { nextSteps, type Step } from './ways/steps.js';

/** From the link in the notice to a session: the pages before anything of the message is seen. */
export function linkRoutes(server: WebServer, site: Site, front: Front, ways: Ways): void {
  for (const way of waysToItem(front)) codeRoutes(way, server, site, front, ways);

  server.get('/portal.css', async (_request, reply) =>
    reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/css; charset=utf-8')
      .send(site.pages.css),
  );

  server.get('/favicon.ico', async (_request, reply) => reply.code(204).send());

  server.setNotFoundHandler(
    { preHandler: server.rateLimit() },
    front.onVisit(async (visit) =>
      /^\/(?:m|inbox)\//.test(visit.request.url)
        ? front.closed(visit, 'no such page')
        : sendPage(visit.reply, 404, site.pages.text(front.bareContext(visit), NOT_VALID)),
    ),
  );
}

/** The first page of a way to an item, and the code to its mailbox. */
function codeRoutes({ start, on }: WayToItem, server: WebServer, site: Site, front: Front, ways: Ways): void {
  /** Of the visit's session only what belongs to the recipient of the link. */
  const own = ({ session, item }: LinkVisit): PortalSession | undefined =>
    isOf(session, item.recipient) ? session : undefined;

  const offered = async (visit: LinkVisit): Promise<readonly OfferedStep[]> => {
    const { item, path } = visit;
    const means = await meansFor(site, visit, visit.item);
    const steps = nextSteps(item, own(visit), means, await enrolmentOf(site, item.recipient));
    const offer: Readonly<Record<Step, () => Omit<OfferedStep, 'step'>>> = {
      mailbox: () => ({ form: front.form(visit, `${path}/code`) }),
      sms: () => ({ form: front.form(visit, `${path}/sms`) }),
      device: () => ({ form: front.form(visit, `${path}/device`) }),
      password: () => ({ page: `${path}/password` }),
      register: () => ({ page: `${path}/register` }),
      totp: () => ({ page: `${path}/totp` }),
      passkey: () => ({ page: `${path}/passkey` }),
      passphrase: () => ({ page: `${path}/passphrase` }),
    };
    return steps.map((step) => ({ step, ...offer[step]() }));
  };

  // Without any effect but its audit event: mail scanners and browsers that look ahead fetch it, too.
  server.get(
    start,
    { exposeHeadRoute: start === '/m/:secret' },
    on(async (visit) => {
      const { item, now, t, reply, client } = visit;
      await site.portal.record([auditEvent('portal.opened', about(item, client))]);
      const session = own(visit);
      const open = session !== undefined && (await mayOpen(site, session, item.id, now)).open;
      const steps = open ? [] : await offered(visit);
      return sendPage(
        reply,
        200,
        site.pages.page('start', front.context(visit, item.sender), {
          steps,
          fromList: start !== '/m/:secret',
          helpless: !open && steps.length === 0,
          ...(open ? { open: `/inbox/${item.id}` } : {}),
          lifetime: durationText(site.config.code_lifetime, t),
        }),
      );
    }),
  );

  const codePage = (visit: LinkVisit, problem?: string) =>
    site.pages.page('code', front.context(visit, visit.item.sender), {
      enter: front.form(visit, `${visit.path}/sign-in`),
      again: front.form(visit, `${visit.path}/code`),
      ...(problem === undefined ? {} : { problem }),
      ...(site.config.remember_device === undefined
        ? {}
        : { remember: durationText(site.config.remember_device, visit.t) }),
    });

  server.get(
    `${start}/code`,
    on(async (visit) => {
      await site.portal.record([auditEvent('portal.opened', about(visit.item, visit.client))]);
      return sendPage(visit.reply, 200, codePage(visit));
    }),
  );

  server.post(
    `${start}/code`,
    on(async (visit) => {
      const { item, client, now, reply, path } = visit;
      if (!(await front.acceptsForm(visit, path, item))) return reply;
      if (!(await sendCode(site, item, client, now))) {
        reply.header('retry-after', '3600');
        return sendPage(
          reply,
          429,
          site.pages.text(front.context(visit, item.sender), {
            title: 'no-more-codes.title',
            paragraphs: ['no-more-codes.why', 'no-more-codes.what'],
            back: { href: `${path}/code`, label: 'no-more-codes.back' },
          }),
        );
      }
      return seeOther(reply, `${path}/code`);
    }),
  );

  server.post(
    `${start}/sign-in`,
    on(async (visit) => {
      const { item, client, now, reply, path, request, t } = visit;
      if (!(await acceptsTry(front, ways, visit, path, item))) return reply;
      const typed = formField(request.body, 'code') ?? '';
      const opened = await signIn(site, item, typed, visit.session, client, now);
      if (opened === undefined) {
        countFailure(ways, client, now);
        return sendPage(reply, 403, codePage(visit, t('code.refused')));
      }
      if (formField(request.body, 'remember') === 'yes') await rememberDevice(site, visit, opened.session);
      return signedIn(site, visit, opened);
    }),
  );
}

/** Gives the browser its new session, and leads on: to the message if it is open now, else to the steps that are left. */
export async function signedIn(
  site: Site,
  { item, path, reply, now }: LinkVisit,
  { token, session }: OpenedSession,
): Promise<unknown> {
  const seconds = Math.max(1, Math.floor((session.expiresAt - now) / 1000));
  reply.header('set-cookie', setCookie(sessionCookie(site.settings.secure), token, seconds));
  const { open } = await mayOpen(site, session, item.id, now);
  return seeOther(reply, open ? `/inbox/${item.id}` : path);
}
