import { auditEvent } from '../audit/events.js';
import { formCookie, readCookie, sessionCookie, setCookie } from './cookies.js';
import { formField, formToken, formTokenValid, fromOurPages } from './forms.js';
import type { Form } from './pages.js';
import { newSecret } from './secrets.js';
import type { PortalServer } from './server.js';
import { about, sendCode, signIn } from './sign-in.js';
import { type Front, NOT_VALID, type Site, sendPage, type Visit } from './site.js';
import { durationText } from './time-text.js';

const CODE_REFUSED =
  'That code did not work. Check the digits, or ask for a new code: each works once, for a short time, and only the newest counts.';

/** From the link in the notice to a session: the pages before anything of the message is seen. */
export function linkRoutes(server: PortalServer, site: Site, front: Front): void {
  const { secure, origin } = site.settings;
  const cookie = formCookie(secure);

  /** Gives the browser a form cookie if it has none, and the link's forms bound to it. */
  const forms = (visit: Visit): ((action: 'code' | 'sign-in') => Form) => {
    let browser = readCookie(visit.request.headers.cookie, cookie);
    if (browser === undefined) {
      browser = newSecret();
      visit.reply.header('set-cookie', setCookie(cookie, browser));
    }
    const token = formToken(site.formKey, { kind: 'link', itemId: visit.item.id, browser });
    return (action) => ({ action: `${visit.path}/${action}`, token });
  };

  /** Runs the handler for a form that came from our page in the same browser. */
  const onForm = (handler: (visit: Visit) => Promise<unknown>) =>
    front.onLink(async (visit) => {
      if (await front.tooManyForms(visit)) return visit.reply;
      const browser = readCookie(visit.request.headers.cookie, cookie);
      const ours = fromOurPages(visit.request.headers, origin);
      const token = formField(visit.request.body, 'token');
      if (
        ours &&
        browser !== undefined &&
        formTokenValid(site.formKey, { kind: 'link', itemId: visit.item.id, browser }, token)
      )
        return handler(visit);
      return front.refuse(
        visit,
        403,
        ours ? 'a form without its token' : 'a form from another site',
        formRefused(visit.path),
      );
    });

  // Without any effect but its audit event: mail scanners and browsers that look ahead fetch it, too.
  server.get(
    '/m/:secret',
    { exposeHeadRoute: true },
    front.onLink(async (visit) => {
      await site.portal.record([auditEvent('portal.opened', about(visit.item, visit.client))]);
      const form = forms(visit);
      return sendPage(
        visit.reply,
        200,
        site.pages.start({ send: form('code'), lifetime: durationText(site.config.code_lifetime) }),
      );
    }),
  );

  server.get(
    '/m/:secret/code',
    front.onLink(async (visit) => {
      await site.portal.record([auditEvent('portal.opened', about(visit.item, visit.client))]);
      const form = forms(visit);
      return sendPage(visit.reply, 200, site.pages.code({ enter: form('sign-in'), again: form('code') }));
    }),
  );

  server.post(
    '/m/:secret/code',
    onForm(async (visit) => {
      const { item, client, now, reply, path } = visit;
      if (!(await sendCode(site, item, client, now))) {
        reply.header('retry-after', '3600');
        return sendPage(
          reply,
          429,
          site.pages.text({
            title: 'No more codes for now',
            paragraphs: [
              'Several codes were sent for this message within an hour. The newest still works until its time ends.',
              'You can ask for another one later.',
            ],
            back: { href: `${path}/code`, label: 'Enter the code' },
          }),
        );
      }
      // See Other, so that loading the page again doesn't send another code.
      return reply.code(303).header('location', `${path}/code`).send();
    }),
  );

  server.post(
    '/m/:secret/sign-in',
    onForm(async (visit) => {
      const { item, client, now, reply, path, request } = visit;
      const typed = formField(request.body, 'code') ?? '';
      const session = await signIn(site, item, typed, client, now);
      if (session === undefined) {
        const form = forms(visit);
        return sendPage(
          reply,
          403,
          site.pages.code({ enter: form('sign-in'), again: form('code'), problem: CODE_REFUSED }),
        );
      }
      const seconds = Math.max(1, Math.floor((session.expiresAt - now) / 1000));
      reply.header('set-cookie', setCookie(sessionCookie(item.id, secure), session.token, seconds));
      return reply.code(303).header('location', `${path}/message`).send();
    }),
  );

  server.get('/portal.css', async (_request, reply) =>
    reply
      .header('cache-control', 'public, max-age=3600')
      .type('text/css; charset=utf-8')
      .send(site.pages.css),
  );

  server.get('/favicon.ico', async (_request, reply) => reply.code(204).send());

  server.setNotFoundHandler({ preHandler: server.rateLimit() }, async (request, reply) =>
    request.url.startsWith('/m/')
      ? front.closed(request, reply, 'no such page')
      : sendPage(reply, 404, site.pages.text(NOT_VALID)),
  );
}

export function formRefused(path: string) {
  return {
    title: 'Please try again',
    paragraphs: [
      'For your safety this form works only in the browser that opened the page, with cookies allowed for this site.',
    ],
    back: { href: path, label: 'Start again' },
  };
}
