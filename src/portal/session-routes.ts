import { auditEvent } from '../audit/events.js';
import { PORTAL_LANGUAGES } from '../model/portal-language.js';
import { seeOther, sendPage } from '../web/answers.js';
import { setCookie } from '../web/cookies.js';
import { formField } from '../web/forms.js';
import type { WebServer } from '../web/server.js';
import { languageCookie, sessionCookie } from './cookies.js';
import type { Front, Site } from './site.js';

const YEAR_SECONDS = 31_536_000;

/** Signing out, and the language of the pages. */
export function sessionRoutes(server: WebServer, site: Site, front: Front): void {
  server.post(
    '/sign-out',
    front.onSession(async (visit) => {
      const { session, reply, client } = visit;
      if (!(await front.acceptsForm(visit, '/inbox'))) return reply;
      await site.portal.closeSession(session.tokenHash, [
        auditEvent('portal.signed-out', { recipient: session.recipient, clientAddress: client }),
      ]);
      reply.header('set-cookie', setCookie(sessionCookie(site.settings.secure), '', 0));
      const { session: _, token: __, ...visitor } = visit;
      return sendPage(
        reply,
        200,
        site.pages.text(front.context(visitor), {
          title: 'sign-out.title',
          paragraphs: ['sign-out.what'],
        }),
      );
    }),
  );

  server.post(
    '/language',
    front.onVisit(async (visit) => {
      const { reply, request } = visit;
      const path = ownPath(formField(request.body, 'path'));
      if (!(await front.acceptsForm(visit, path))) return reply;
      const wanted = formField(request.body, 'language') ?? '';
      if (PORTAL_LANGUAGES.includes(wanted))
        reply.header('set-cookie', setCookie(languageCookie(site.settings.secure), wanted, YEAR_SECONDS));
      return seeOther(reply, path);
    }),
  );
}

/** A path of this site, for a redirection: never another site's, whatever was sent. */
function ownPath(path: string | undefined): string {
  return path !== undefined && /^(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,63}){1,6}$/.test(path) ? path : '/inbox';
}
