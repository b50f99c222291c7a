import type { Server } from 'node:https';
import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { PortalConfig } from '../config/schema.js';
import type { PortalItem, PortalSession } from '../model/portal-item.js';
import type { Log } from '../ops/log.js';
import type { Clock } from '../shared/clock.js';
import type { InTurn } from '../shared/in-turn.js';
import type { BodyStore, PortalStore, QueueStore } from '../store/ports.js';
import { readCookie, setCookie } from '../web/cookies.js';
import { createDownloads } from '../web/downloads.js';
import { type FormOwner, formField, formToken, formTokenValid, fromOurPages } from '../web/forms.js';
import type { FairGate } from '../web/gate.js';
import { newSecret } from '../web/secrets.js';
import { clientAddress, createLimit, type WebLimits, type WebServer } from '../web/server.js';
import { mayOpen, openedSession, openLink } from './access.js';
import { type Brand, brandFor } from './brand.js';
import { formCookie, languageCookie, sessionCookie } from './cookies.js';
import type { OwnMail } from './own-mail.js';
import { pagePath } from './page-path.js';
import type { Form, PageContext, Pages, TextPage } from './pages.js';
import type { Renderer } from './renderer.js';
import type { PortalSettings } from './settings.js';
import type { Showing } from './showing.js';
import { chooseLanguage, type Texts, texts } from './texts.js';

/** Everything that the routes share. */
export interface Site {
  readonly loaded: LoadedConfig;
  readonly config: PortalConfig;
  readonly settings: PortalSettings;
  readonly portal: PortalStore;
  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'apply'>;
  readonly bodies: Pick<BodyStore, 'open' | 'seal' | 'create' | 'remove'>;
  readonly renderer: Renderer;
  readonly ownMail: OwnMail;
  readonly pages: Pages;
  readonly codeKey: Uint8Array;
  readonly formKey: Uint8Array;
  readonly inTurn: InTurn;
  /** By recipient, in turns, so that memory stays bounded and nobody's message holds up all others. */
  readonly gates: {
    /** To read a whole message. */
    readonly message: FairGate;
    /** To read the first bytes of one, for a list. */
    readonly list: FairGate;
    /** To draw a page. */
    readonly preview: FairGate;
  };
  /** Content on its way to readers. */
  readonly showing: Pick<Showing, 'enter' | 'follow'>;
  /** Room in bytes for attachments that wait in memory until their readers have taken them. */
  readonly room: (bytes: number) => Promise<() => void>;
  /** Largest message that is rendered, in bytes. */
  readonly renderLimit: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onQueued: () => void;
  /** A reply was queued as a received message. */
  readonly onReceived: (messageId: string) => void;
}

/** A request, with who is behind it as far as that is known. */
export interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly now: number;
  readonly client: string;
  readonly language: string;
  readonly t: Texts;
  /** Alive; absent: signed out. */
  readonly session?: PortalSession;
  readonly token?: string;
}

/** A visit on the way to an item, for whoever proves enough. */
export interface LinkVisit extends Visit {
  readonly item: PortalItem;
  /** `/m/<secret>`, or `/inbox/<id>/steps` for whoever is signed in: the start of every path to its message. */
  readonly path: string;
}

export interface SessionVisit extends Visit {
  readonly session: PortalSession;
  readonly token: string;
}

export type Handler = RouteHandlerMethod<Server>;

/** How the routes take visitors in, answer and refuse. */
export interface Front {
  /** Runs a handler for anybody. */
  onVisit(handler: (visit: Visit) => Promise<unknown>): Handler;
  /** Runs the handler for links that open an item; every other link gets one and the same answer. */
  onLink(handler: (visit: LinkVisit) => Promise<unknown>): Handler;
  /** The same on the way that needs no link: for an item of the visitor's own, whether the session opens it or not. */
  onOwnItem(handler: (visit: LinkVisit) => Promise<unknown>): Handler;
  /** Runs the handler for visitors with a session; others are sent to sign in. */
  onSession(handler: (visit: SessionVisit) => Promise<unknown>): Handler;
  /** The answer for everything that opens nothing: unknown, malformed, foreign, expired, revoked. */
  closed(visit: Visit, reason: string, item?: PortalItem): Promise<unknown>;
  /** Records a refusal and shows a page that says what to do. */
  refuse(visit: Visit, status: number, reason: string, page: TextPage, item?: PortalItem): Promise<unknown>;
  /**
   * Whether a form came from our page in this browser, in time and not too often; else it is answered already.
   * @param back where a person starts again
   */
  acceptsForm(visit: Visit, back: string, item?: PortalItem): Promise<boolean>;
  /** The answer to whoever does something too often; on record once a minute for a network. */
  tooMany(visit: Visit, reason: string, retrySeconds: number): Promise<unknown>;
  /** Whether the visitor may have one more file sent now; else it is answered already. */
  acceptsDownload(visit: SessionVisit): Promise<boolean>;
  /** A form of this visit; gives the browser a form cookie where it needs one. */
  form(visit: Visit, action: string): Form;
  /** What every page needs. `sender`: whose looks; left out: the organisation's. */
  context(visit: Visit, sender?: string): PageContext;
  /** The same for refusals: they are the same for every path, byte by byte, and leave no cookie. */
  bareContext(visit: Visit, sender?: string): PageContext;
}

export const NOT_VALID: TextPage = {
  title: 'not-valid.title',
  paragraphs: ['not-valid.why', 'not-valid.what'],
};

export const TOO_MANY: TextPage = { title: 'too-many.title', paragraphs: ['too-many.what'] };

const TRY_AGAIN: TextPage = { title: 'try-again.title', paragraphs: ['try-again.why'] };

export function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(html);
}

/** See Other, so that loading the page again doesn't send the form again. `path` is one of this site. */
export function seeOther(reply: FastifyReply, path: string): FastifyReply {
  return reply.code(303).header('location', path).send();
}

export function createFront(site: Site, server: WebServer, limits: WebLimits): Front {
  const { secure, origin } = site.settings;
  const cookie = {
    session: sessionCookie(secure),
    form: formCookie(secure),
    language: languageCookie(secure),
  };
  const network = (request: FastifyRequest) => normalizeIP(clientAddress(request));
  const refusedTooOften = createLimit(server, limits.refusalsPerNetwork, network);
  const toldThisMinute = createLimit(server, 1, network);
  const formsTooOften = createLimit(
    server,
    limits.formsPerLink,
    (request) => pathPart(request, 'secret') || pathPart(request, 'item') || network(request),
  );
  const beginDownload = createDownloads();
  // Cookies set in this request, which the next page's forms are already bound to.
  const browsers = new WeakMap<FastifyRequest, string>();

  const visitOf = async (request: FastifyRequest, reply: FastifyReply): Promise<Visit> => {
    const now = site.clock.now();
    const cookies = request.headers.cookie;
    const token = readCookie(cookies, cookie.session);
    const session = await openedSession(site, token, now);
    const chosen = readCookie(cookies, cookie.language, /^[A-Za-z0-9-]{2,20}$/);
    const language = chooseLanguage(chosen, request.headers['accept-language'], site.config.language);
    const base = { request, reply, now, client: clientAddress(request), language, t: texts(language) };
    return session === undefined || token === undefined ? base : { ...base, session, token };
  };

  const ownerOf = (visit: Visit): FormOwner | undefined => {
    if (visit.session !== undefined)
      return { kind: 'session', holder: Buffer.from(visit.session.tokenHash).toString('hex') };
    const browser = browsers.get(visit.request) ?? readCookie(visit.request.headers.cookie, cookie.form);
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

  const bareContext: Front['bareContext'] = (visit, sender = '') => {
    const brand: Brand = brandFor(site.loaded.config, sender);
    return {
      t: visit.t,
      language: visit.language,
      brand,
      ...(visit.session === undefined
        ? {}
        : { signedIn: { recipient: visit.session.recipient, signOut: form(visit, '/sign-out') } }),
    };
  };

  const context: Front['context'] = (visit, sender) => ({
    ...bareContext(visit, sender),
    languageForm: { token: form(visit, '/language').token, path: pagePath(visit.request.url) },
  });

  const tooMany: Front['tooMany'] = async (visit, reason, retrySeconds) => {
    const { request, reply, client } = visit;
    if (!(await toldThisMinute(request)))
      await site.portal.record([auditEvent('portal.refused', { clientAddress: client, reason })]);
    reply.header('retry-after', String(retrySeconds));
    return sendPage(reply, 429, site.pages.text(bareContext(visit), TOO_MANY));
  };

  const refuse: Front['refuse'] = async (visit, status, reason, page, item) => {
    const { request, reply } = visit;
    if (await refusedTooOften(request)) return tooMany(visit, 'too many refusals', 60);
    const { session } = visit;
    await site.portal.record([
      auditEvent('portal.refused', {
        ...(item === undefined
          ? { ...(session === undefined ? {} : { recipient: session.recipient }) }
          : { messageId: item.messageId, recipient: item.recipient, item: item.id }),
        clientAddress: visit.client,
        reason,
      }),
    ]);
    return sendPage(reply, status, site.pages.text(bareContext(visit), page));
  };

  const closed: Front['closed'] = (visit, reason, item) => refuse(visit, 404, reason, NOT_VALID, item);

  const onVisit: Front['onVisit'] = (handler) => async (request, reply) =>
    handler(await visitOf(request, reply));

  const onSession: Front['onSession'] = (handler) =>
    onVisit(async (visit) => {
      const { headers } = visit.request;
      // A browser that loads pages ahead has shown nothing to anybody yet.
      if (/prefetch|prerender/i.test(`${headers['sec-purpose']} ${headers.purpose}`))
        return visit.reply.code(503).send();
      const { session, token } = visit;
      if (session !== undefined && token !== undefined) return handler({ ...visit, session, token });
      return refuse(visit, 403, 'no session', {
        title: 'signed-out.title',
        paragraphs: ['signed-out.why'],
        back: { href: '/sign-in', label: 'signed-out.back' },
      });
    });

  return {
    onVisit,
    form,
    context,
    bareContext,
    closed,
    refuse,
    tooMany,
    acceptsDownload: async (visit) => {
      if (beginDownload(visit.session.recipient, visit.reply.raw)) return true;
      await tooMany(visit, 'too many downloads at once', 10);
      return false;
    },
    onLink: (handler) =>
      onVisit(async (visit) => {
        const secret = pathPart(visit.request, 'secret');
        const link = await openLink(site, secret, visit.now);
        if (!link.open) return closed(visit, link.reason, link.item);
        return handler({ ...visit, item: link.item, path: `/m/${secret}` });
      }),
    onSession,
    onOwnItem: (handler) =>
      onSession(async (visit) => {
        const found = await mayOpen(site, visit.session, pathPart(visit.request, 'item'), visit.now);
        const item = found.open || found.wantsMore === true ? found.item : undefined;
        if (item === undefined) return closed(visit, found.open ? 'unknown item' : found.reason, found.item);
        return handler({ ...visit, item, path: `/inbox/${item.id}/steps` });
      }),
    acceptsForm: async (visit, back, item) => {
      const { request } = visit;
      if (await formsTooOften(request)) {
        await tooMany(visit, 'too many forms', 60);
        return false;
      }
      const ours = fromOurPages(request.headers, origin);
      const owner = ownerOf(visit);
      const token = formField(request.body, 'token');
      if (ours && owner !== undefined && formTokenValid(site.formKey, owner, token)) return true;
      const page: TextPage = { ...TRY_AGAIN, back: { href: back, label: 'try-again.back' } };
      await refuse(visit, 403, ours ? 'a form without its token' : 'a form from another site', page, item);
      return false;
    },
  };
}

/** The two ways to an item: by the link in its notice, and from the list of one's messages. */
export interface WayToItem {
  /** Pattern of the path of its first page. */
  readonly start: '/m/:secret' | '/inbox/:item/steps';
  readonly on: Front['onLink'];
}

export function waysToItem(front: Front): readonly WayToItem[] {
  return [
    { start: '/m/:secret', on: front.onLink },
    { start: '/inbox/:item/steps', on: front.onOwnItem },
  ];
}

/** A parameter of the path; empty when there is none. */
export function pathPart(request: FastifyRequest, name: string): string {
  const { params } = request;
  if (typeof params !== 'object' || params === null) return '';
  const value: unknown = Object.getOwnPropertyDescriptor(params, name)?.value;
  return typeof value === 'string' ? value : '';
}
