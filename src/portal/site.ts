import type { Server } from 'node:https';
import { normalizeIP } from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import { auditEvent } from '../audit/events.js';
import type { PortalItem } from '../model/portal-item.js';
import type { Log } from '../ops/log.js';
import type { Clock } from '../shared/clock.js';
import type { BodyStore, PortalStore, QueueStore } from '../store/ports.js';
import { openLink } from './access.js';
import type { TextPage } from './pages.js';
import type { Renderer } from './renderer.js';
import { clientAddress, createLimit, type PortalLimits, type PortalServer } from './server.js';
import type { PortalSettings } from './settings.js';
import type { SignInDeps } from './sign-in.js';

/** Everything that the routes share. */
export interface Site extends SignInDeps {
  readonly portal: PortalStore;
  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'apply'>;
  readonly bodies: Pick<BodyStore, 'open' | 'seal'>;
  readonly settings: PortalSettings;
  readonly renderer: Renderer;
  readonly formKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
  /** Largest message that is rendered, in bytes. */
  readonly renderLimit: number;
  /** Renders one message at a time per free place, so that memory stays bounded. */
  readonly gate: <T>(task: () => Promise<T>) => Promise<T>;
}

/** A request whose link opens an item. */
export interface Visit {
  readonly item: PortalItem;
  readonly secret: string;
  /** `/m/<secret>`, the start of every path about this item. */
  readonly path: string;
  readonly client: string;
  readonly now: number;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

export type Handler = RouteHandlerMethod<Server>;

/** How the routes answer and refuse. */
export interface Front {
  /** Runs the handler for links that open an item; every other link gets one and the same answer. */
  onLink(handler: (visit: Visit) => Promise<unknown>): Handler;
  /** The answer for every link that opens nothing: unknown, malformed, expired, revoked, cancelled. */
  closed(request: FastifyRequest, reply: FastifyReply, reason: string, item?: PortalItem): Promise<unknown>;
  /** Records a refusal and shows a page that says what to do. */
  refuse(visit: Visit, status: number, reason: string, page: TextPage): Promise<unknown>;
  /** Whether the link had too many forms in this minute; then it is answered already. */
  tooManyForms(visit: Visit): Promise<boolean>;
}

export const NOT_VALID: TextPage = {
  title: 'This link does not open a message',
  paragraphs: [
    'The address may be incomplete, or the message has been taken back or its time has ended.',
    'Open the link in the mail again, or copy all of it. If that does not help, ask the sender to send the message once more.',
  ],
};

export const TOO_MANY: TextPage = {
  title: 'Too many requests',
  paragraphs: ['There were too many requests in a short time. Wait a few minutes, then try again.'],
};

export function sendPage(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(html);
}

export function createFront(site: Site, server: PortalServer, limits: PortalLimits): Front {
  const network = (request: FastifyRequest) => normalizeIP(clientAddress(request));
  const refusedTooOften = createLimit(server, limits.refusalsPerNetwork, network);
  const formsTooOften = createLimit(server, limits.formsPerLink, (request) => linkSecret(request));

  const closed: Front['closed'] = async (request, reply, reason, item) => {
    if (await refusedTooOften(request)) return sendPage(reply, 429, site.pages.text(TOO_MANY));
    await site.portal.record([
      auditEvent('portal.refused', {
        ...(item === undefined
          ? {}
          : { messageId: item.messageId, recipient: item.recipient, item: item.id }),
        clientAddress: clientAddress(request),
        reason,
      }),
    ]);
    return sendPage(reply, 404, site.pages.text(NOT_VALID));
  };

  const refuse: Front['refuse'] = async ({ item, request, reply, client }, status, reason, page) => {
    if (await refusedTooOften(request)) return sendPage(reply, 429, site.pages.text(TOO_MANY));
    await site.portal.record([
      auditEvent('portal.refused', {
        messageId: item.messageId,
        recipient: item.recipient,
        item: item.id,
        clientAddress: client,
        reason,
      }),
    ]);
    return sendPage(reply, status, site.pages.text(page));
  };

  return {
    closed,
    refuse,
    onLink: (handler) => async (request, reply) => {
      const secret = linkSecret(request);
      const now = site.clock.now();
      const link = await openLink(site, secret, now);
      if (!link.open) return closed(request, reply, link.reason, link.item);
      return handler({
        item: link.item,
        secret,
        path: `/m/${secret}`,
        client: clientAddress(request),
        now,
        request,
        reply,
      });
    },
    tooManyForms: async ({ request, reply }) => {
      if (!(await formsTooOften(request))) return false;
      reply.header('retry-after', '60');
      sendPage(reply, 429, site.pages.text(TOO_MANY));
      return true;
    },
  };
}

/** The `:secret` of the path, as it was sent. */
function linkSecret(request: FastifyRequest): string {
  return pathPart(request, 'secret');
}

/** A parameter of the path; empty when there is none. */
export function pathPart(request: FastifyRequest, name: string): string {
  const { params } = request;
  if (typeof params !== 'object' || params === null) return '';
  const value: unknown = Object.getOwnPropertyDescriptor(params, name)?.value;
  return typeof value === 'string' ? value : '';
}
