import type { Server } from 'node:https';
import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { type AuditEvent, auditEvent } from '../../audit/events.js';
import type { LoadedConfig } from '../../config/load.js';
import type { Log } from '../../ops/log.js';
import type { OperatorActor } from '../../ops/operators/login.js';
import type { Renderer } from '../../portal/renderer.js';
import type { Clock } from '../../shared/clock.js';
import { readCookie, setCookie } from '../../web/cookies.js';
import { type FormOwner, formField, formToken, formTokenValid, fromOurPages } from '../../web/forms.js';
import { newSecret } from '../../web/secrets.js';
import { clientAddress, createLimit, type WebLimits, type WebServer } from '../../web/server.js';
import { chooseLanguage } from '../../web/texts.js';
import type { ReviewApi } from '../api.js';
import { formCookie, sessionCookie } from './cookies.js';
import type { Form, PageContext, Pages, TextPage } from './pages.js';
import type { ReviewSession, ReviewSessions } from './sessions.js';
import type { ReviewSettings } from './settings.js';
import { REVIEW_LANGUAGES, type ReviewTexts, reviewTexts } from './texts.js';

/** Everything that the routes share. */
export interface ReviewSite {
  readonly loaded: LoadedConfig;
  readonly settings: ReviewSettings;
  readonly api: ReviewApi;
  readonly sessions: ReviewSessions;
  readonly pages: Pages;
  readonly renderer: Pick<Renderer, 'render' | 'attachment'>;
  /** Of this start of the relay alone, as the sessions are. */
  readonly formKey: Uint8Array;
  /** Reads a message at a time per free place, so that memory stays bounded. */
  readonly gate: <T>(task: () => Promise<T>) => Promise<T>;
  /** Largest message that is shown, in bytes. */
  readonly renderLimit: number;
  /** @throws StoreUnavailable */
  readonly record: (events: readonly AuditEvent[]) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A request, with who is behind it as far as that is known. */
export interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly now: number;
  readonly client: string;
  readonly language: string;
  readonly t: ReviewTexts;
  /** Alive, and its operator as they are now; absent: signed out. */
  readonly signedIn?: { readonly session: ReviewSession; readonly actor: OperatorActor };
}

export interface OperatorVisit extends Visit {
  readonly session: ReviewSession;
  readonly actor: OperatorActor;
}

export type Handler = RouteHandlerMethod<Server>;

/** How the routes take visitors in, answer and refuse. */
export interface Front {
  onVisit(handler: (visit: Visit) => Promise<unknown>): Handler;
  /** Runs the handler for operators with a session; others are sent to sign in. */
  onOperator(handler: (visit: OperatorVisit) => Promise<unknown>): Handler;
  /** The answer for everything that isn't there. */
  closed(visit: Visit, reason: string, messageId?: string): Promise<unknown>;
  /** Records a refusal and shows a page that says what to do. */
  refuse(visit: Visit, status: number, reason: string, page: TextPage, messageId?: string): Promise<unknown>;
  /** Whether a form came from our page in this browser, and not too often; else it is answered already. */
  acceptsForm(visit: Visit, back: string): Promise<boolean>;
  tooMany(visit: Visit, reason: string, retrySeconds: number): Promise<unknown>;
  /** A form of this visit; gives the browser a form cookie where it needs one. */
  form(visit: Visit, action: string): Form;
  context(visit: Visit): PageContext;
}

const NOT_FOUND: TextPage = {
  title: 'not-found.title',
  paragraphs: ['not-found.what'],
  back: { href: '/held', label: 'back.held' },
};

export const TOO_MANY: TextPage = { title: 'too-many.title', paragraphs: ['too-many.what'] };

export function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(html);
}

/** See Other, so that loading the page again doesn't send the form again. `path` is one of this site. */
export function seeOther(reply: FastifyReply, path: string): FastifyReply {
  return reply.code(303).header('location', path).send();
}

export function createFront(site: ReviewSite, server: WebServer, limits: WebLimits): Front {
  const { secure, origin, config } = site.settings;
  const cookie = { session: sessionCookie(secure), form: formCookie(secure) };
  const network = (request: FastifyRequest) => normalizeIP(clientAddress(request));
  const refusedTooOften = createLimit(server, limits.refusalsPerNetwork, network);
  const toldThisMinute = createLimit(server, 1, network);
  const formsTooOften = createLimit(server, limits.formsPerLink, network);
  // Cookies set in this request, which the next page's forms are already bound to.
  const browsers = new WeakMap<FastifyRequest, string>();

  const visitOf = async (request: FastifyRequest, reply: FastifyReply): Promise<Visit> => {
    const now = site.clock.now();
    const language = chooseLanguage(
      undefined,
      request.headers['accept-language'],
      config.language,
      REVIEW_LANGUAGES,
    );
    const base = {
      request,
      reply,
      now,
      client: clientAddress(request),
      language,
      t: reviewTexts(language),
    };
    const session = site.sessions.use(readCookie(request.headers.cookie, cookie.session), now);
    if (session === undefined) return base;
    // Asked anew at every request: who was disabled or changed meanwhile is out at once.
    const actor = await site.api.operatorNow(session.operator, session.since);
    if (actor !== undefined) return { ...base, signedIn: { session, actor } };
    site.sessions.close(session.id);
    return base;
  };

  const ownerOf = ({ request, signedIn }: Visit): FormOwner | undefined => {
    if (signedIn !== undefined) return { kind: 'session', holder: signedIn.session.id };
    const browser = browsers.get(request) ?? readCookie(request.headers.cookie, cookie.form);
    return browser === undefined ? undefined : { kind: 'browser', holder: browser };
  };

  const formOwner = (visit: Visit): FormOwner => {
    const known = ownerOf(visit);
    if (known !== undefined) return known;
    const browser = newSecret();
    browsers.set(visit.request, browser);
    visit.reply.header('set-cookie', setCookie(cookie.form, browser));
    return { kind: 'browser', holder: browser };
  };

  const form: Front['form'] = (visit, action) => ({
    action,
    token: formToken(site.formKey, formOwner(visit)),
  });

  const context: Front['context'] = (visit) => ({
    t: visit.t,
    language: visit.language,
    organisation: site.loaded.config.organisation.name,
    ...(visit.signedIn === undefined
      ? {}
      : {
          signedIn: {
            operator: visit.signedIn.actor.name,
            roles: visit.signedIn.actor.roles.join(', '),
            signOut: form(visit, '/sign-out'),
          },
        }),
  });

  const refusal = ({ signedIn, client }: Visit, reason: string, messageId?: string) =>
    auditEvent('review.refused', {
      ...(signedIn === undefined ? {} : { operator: signedIn.actor.name }),
      ...(messageId === undefined ? {} : { messageId }),
      clientAddress: client,
      reason,
    });

  const tooMany: Front['tooMany'] = async (visit, reason, retrySeconds) => {
    if (!(await toldThisMinute(visit.request))) await site.record([refusal(visit, reason)]);
    visit.reply.header('retry-after', String(retrySeconds));
    return sendPage(visit.reply, 429, site.pages.text(context(visit), TOO_MANY));
  };

  const refuse: Front['refuse'] = async (visit, status, reason, page, messageId) => {
    if (await refusedTooOften(visit.request)) return tooMany(visit, 'too many refusals', 60);
    await site.record([refusal(visit, reason, messageId)]);
    return sendPage(visit.reply, status, site.pages.text(context(visit), page));
  };

  const onVisit: Front['onVisit'] = (handler) => async (request, reply) =>
    handler(await visitOf(request, reply));

  return {
    onVisit,
    form,
    context,
    refuse,
    tooMany,
    closed: (visit, reason, messageId) => refuse(visit, 404, reason, NOT_FOUND, messageId),
    onOperator: (handler) =>
      onVisit(async (visit) => {
        const { headers } = visit.request;
        // A browser that loads pages ahead has shown nothing to anybody yet.
        if (/prefetch|prerender/i.test(`${headers['sec-purpose']} ${headers.purpose}`))
          return visit.reply.code(503).send();
        if (visit.signedIn !== undefined) return handler({ ...visit, ...visit.signedIn });
        return refuse(visit, 403, 'no session', {
          title: 'signed-out.title',
          paragraphs: ['signed-out.why'],
          back: { href: '/sign-in', label: 'back.sign-in' },
        });
      }),
    acceptsForm: async (visit, back) => {
      const { request } = visit;
      if (await formsTooOften(request)) {
        await tooMany(visit, 'too many forms', 60);
        return false;
      }
      const ours = fromOurPages(request.headers, origin);
      const owner = ownerOf(visit);
      const token = formField(request.body, 'token');
      if (ours && owner !== undefined && formTokenValid(site.formKey, owner, token)) return true;
      const page: TextPage = {
        title: 'try-again.title',
        paragraphs: ['try-again.why'],
        back: { href: back, label: 'try-again.back' },
      };
      await refuse(visit, 403, ours ? 'a form without its token' : 'a form from another site', page);
      return false;
    },
  };
}

/** A parameter of the path; empty when there is none. */
export function pathPart(request: FastifyRequest, name: string): string {
  const { params } = request;
  if (typeof params !== 'object' || params === null) return '';
  const value: unknown = Object.getOwnPropertyDescriptor(params, name)?.value;
  return typeof value === 'string' ? value : '';
}
