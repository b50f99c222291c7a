import { auditEvent } from '../audit/events.js';
import type { PortalSession } from '../model/portal-item.js';
import { openedSession } from './access.js';
import { readCookie, sessionCookie, setCookie } from './cookies.js';
import { type FormOwner, formField, formToken, formTokenValid, fromOurPages } from './forms.js';
import { formRefused } from './link-routes.js';
import type { Form } from './pages.js';
import type { PortalServer } from './server.js';
import { about } from './sign-in.js';
import { type Front, type Handler, type Site, sendPage, type Visit } from './site.js';

/** A visit with a session that was opened for this very item. */
export interface SignedIn extends Visit {
  readonly token: string;
  readonly session: PortalSession;
}

export type OnSession = (handler: (visit: SignedIn) => Promise<unknown>) => Handler;

/** Runs handlers for signed-in visitors only; others get a page that leads back to the start. */
export function createOnSession(site: Site, front: Front): OnSession {
  return (handler) =>
    front.onLink(async (visit) => {
      const { headers } = visit.request;
      // A browser that loads pages ahead has shown nothing to anybody yet.
      if (/prefetch|prerender/i.test(`${headers['sec-purpose']} ${headers.purpose}`))
        return visit.reply.code(503).send();
      const token = readCookie(headers.cookie, sessionCookie(visit.item.id, site.settings.secure));
      const session = await openedSession(site, token, visit.item, visit.now);
      if (session !== undefined && token !== undefined) return handler({ ...visit, token, session });
      return front.refuse(visit, 403, 'no session', {
        title: 'You are not signed in',
        paragraphs: ['For your safety you are signed out after some time. Ask for a new code to go on.'],
        back: { href: visit.path, label: 'Start again' },
      });
    });
}

/** The form that ends this session. */
export function signOutForm(site: Site, { item, path, session }: SignedIn): Form {
  return { action: `${path}/sign-out`, token: formToken(site.formKey, owner(item.id, session)) };
}

export function signOutRoute(server: PortalServer, site: Site, front: Front, onSession: OnSession): void {
  const { secure, origin } = site.settings;
  server.post(
    '/m/:secret/sign-out',
    onSession(async (visit) => {
      const { item, session, request, reply, client, path } = visit;
      const token = formField(request.body, 'token');
      const ours = fromOurPages(request.headers, origin);
      if (!ours || !formTokenValid(site.formKey, owner(item.id, session), token))
        return front.refuse(
          visit,
          403,
          ours ? 'a form without its token' : 'a form from another site',
          formRefused(path),
        );
      await site.portal.closeSession(session.tokenHash, [
        auditEvent('portal.signed-out', about(item, client)),
      ]);
      reply.header('set-cookie', setCookie(sessionCookie(item.id, secure), '', 0));
      return sendPage(
        reply,
        200,
        site.pages.text({
          title: 'You are signed out',
          paragraphs: ['On a shared device, also delete files that you saved and close the browser.'],
          back: { href: path, label: 'Read the message again' },
        }),
      );
    }),
  );
}

function owner(itemId: string, session: PortalSession): FormOwner {
  return { kind: 'session', itemId, session: Buffer.from(session.tokenHash).toString('hex') };
}
