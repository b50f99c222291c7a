import { normalizeIP } from '@fastify/rate-limit';
import { auditEvent } from '../../audit/events.js';
import { setCookie } from '../../web/cookies.js';
import { formField } from '../../web/forms.js';
import type { WebServer } from '../../web/server.js';
import { sessionCookie } from './cookies.js';
import { type Front, type ReviewSite, seeOther, sendPage, type Visit } from './front.js';
import type { ReviewTextKey } from './texts.js';

/** Signing in with name, token and code, and out. */
export function signInRoutes(server: WebServer, site: ReviewSite, front: Front): void {
  const cookie = sessionCookie(site.settings.secure);
  const page = (visit: Visit, status: number, problem?: ReviewTextKey) =>
    sendPage(
      visit.reply,
      status,
      site.pages.page('sign-in', front.context(visit), {
        form: front.form(visit, '/sign-in'),
        ...(problem === undefined ? {} : { problem: visit.t(problem) }),
      }),
    );

  server.get(
    '/sign-in',
    front.onVisit(async (visit) =>
      visit.signedIn === undefined ? page(visit, 200) : seeOther(visit.reply, '/held'),
    ),
  );

  server.post(
    '/sign-in',
    front.onVisit(async (visit) => {
      const { request, reply, now, client } = visit;
      if (!(await front.acceptsForm(visit, '/sign-in'))) return reply;
      const name = formField(request.body, 'name') ?? '';
      const token = formField(request.body, 'secret') ?? '';
      const code = (formField(request.body, 'code', 64) ?? '').replace(/[\s-]/g, '');
      const answer = await site.api.logIn(
        { name: name.trim(), token, code },
        { address: client, network: normalizeIP(client) },
      );
      if (answer.ok) {
        // Another token than before, whatever the browser came with; what it was signed in as has ended.
        if (visit.signedIn !== undefined) site.sessions.close(visit.signedIn.session.id);
        const opened = site.sessions.open(answer.actor.name, now);
        reply.header('set-cookie', setCookie(cookie, opened));
        return seeOther(reply, '/held');
      }
      switch (answer.refusal) {
        case 'too-many':
          return front.tooMany(visit, 'too many failed log-ins', 60);
        case 'busy':
          return page(visit, 503, 'sign-in.busy');
        case 'locked':
          return page(visit, 403, 'sign-in.locked');
        case 'no-second-factor':
          return page(visit, 403, 'sign-in.no-second-factor');
        case 'wrong':
        case 'code-needed':
        case 'code-wrong':
          return page(visit, 403, 'sign-in.wrong');
      }
    }),
  );

  server.post(
    '/sign-out',
    front.onOperator(async (visit) => {
      const { session, actor, reply, client } = visit;
      if (!(await front.acceptsForm(visit, '/held'))) return reply;
      site.sessions.close(session.id);
      await site.record([auditEvent('operator.signed-out', { operator: actor.name, clientAddress: client })]);
      reply.header('set-cookie', setCookie(cookie, '', 0));
      const { signedIn: _, ...visitor } = visit;
      return sendPage(
        reply,
        200,
        site.pages.text(front.context(visitor), {
          title: 'sign-out.title',
          paragraphs: ['sign-out.what'],
          back: { href: '/sign-in', label: 'back.sign-in' },
        }),
      );
    }),
  );
}
