import type { Server } from 'node:https';
import { isIP } from 'node:net';
import formbody from '@fastify/formbody';
import helmet from '@fastify/helmet';
import rateLimit, { normalizeIP } from '@fastify/rate-limit';
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify';
import type { WebSettings } from './settings.js';

export type WebServer = FastifyInstance<Server>;

const MINUTE = 60_000;
/** How long a request may take to arrive, in milliseconds; longer only where `allowUpload` said so. */
const ARRIVAL_MS = 30_000;
const UPLOAD_MS = 20 * MINUTE;
/** How long nothing may move on a connection, in milliseconds. */
const STANDSTILL_MS = 120_000;
const YEAR_SECONDS = 31_536_000;

/** Requests a minute. A network is an IPv4 address or an IPv6 /64. */
export interface WebLimits {
  readonly requestsPerNetwork: number;
  /** Links that open nothing. */
  readonly refusalsPerNetwork: number;
  /** Codes asked for or typed, from anywhere. */
  readonly formsPerLink: number;
}

export const DEFAULT_LIMITS: WebLimits = {
  requestsPerNetwork: 300,
  refusalsPerNetwork: 30,
  formsPerLink: 20,
};

/** Nothing but our own style sheets, logo, frames and forms; no script, nothing from elsewhere. */
const PAGE_CSP = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    frameSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** The same with pictures within the page: those that were drawn of documents. */
export const PREVIEW_CSP = {
  useDefaults: false,
  directives: { ...PAGE_CSP.directives, imgSrc: ["'self'", 'data:'] },
};

/**
 * For mail content: an origin of its own without scripts, forms, pop-ups or navigation of the page around it, and no
 * request to anywhere. `default-src` doesn't cover the last three directives.
 */
export const CONTENT_CSP = {
  useDefaults: false,
  directives: {
    sandbox: [],
    defaultSrc: ["'none'"],
    imgSrc: ['data:'],
    styleSrc: ["'unsafe-inline'"],
    formAction: ["'none'"],
    baseUri: ["'none'"],
    frameAncestors: ["'self'"],
  },
};

/** For a logo, should somebody open it by itself: a picture with colours of its own and nothing else. */
export const SVG_CSP = {
  useDefaults: false,
  directives: {
    sandbox: [],
    defaultSrc: ["'none'"],
    styleSrc: ["'unsafe-inline'"],
    formAction: ["'none'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

/** The address of the client: the peer's, or what a trusted proxy says, if that is an address at all. */
export function clientAddress(request: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  return isIP(request.ip) === 0 ? (request.socket.remoteAddress ?? 'unknown') : request.ip;
}

/** What counts as one network: an IPv4 address or an IPv6 /64. */
export function networkOf(request: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  return normalizeIP(clientAddress(request));
}

/**
 * The web server without its pages: headers, limits and parsers. It logs nothing, because paths hold link secrets.
 */
export async function createServer(
  settings: Pick<WebSettings, 'tls' | 'hsts' | 'trustedProxies'>,
  limits: WebLimits,
): Promise<WebServer> {
  const server: WebServer = fastify({
    https: settings.tls ?? null,
    logger: false,
    trustProxy: settings.trustedProxies.length === 0 ? false : [...settings.trustedProxies],
    bodyLimit: 4096,
    requestTimeout: UPLOAD_MS,
    connectionTimeout: STANDSTILL_MS,
    keepAliveTimeout: 10_000,
    exposeHeadRoutes: false,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    // Odd paths, long ones and percent codes among them, must not reach the router's own error answers, which repeat
    // the path and lack our headers. No route has a query; mail software likes to add one to links.
    rewriteUrl: (request) => /^((?:\/[A-Za-z0-9_.-]{0,64}){1,6})(?:\?|$)/.exec(request.url ?? '')?.[1] ?? '/',
  });
  server.server.maxConnections = 2000;
  server.removeAllContentTypeParsers();
  await server.register(formbody, { bodyLimit: 4096 });
  await server.register(helmet, {
    contentSecurityPolicy: PAGE_CSP,
    strictTransportSecurity: settings.hsts ? { maxAge: YEAR_SECONDS, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'no-referrer' },
    xFrameOptions: { action: 'deny' },
  });
  await server.register(rateLimit, {
    max: limits.requestsPerNetwork,
    timeWindow: MINUTE,
    keyGenerator: networkOf,
    addHeadersOnExceeding: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
    },
    addHeaders: {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
      'retry-after': true,
    },
  });
  server.addHook('onRequest', async ({ raw }) => {
    if (raw.complete) return;
    const late = setTimeout(() => {
      if (!raw.complete) raw.destroy();
    }, ARRIVAL_MS).unref();
    arrivals.set(raw, late);
    raw.once('close', () => clearTimeout(late));
  });
  // Who waits for us does nothing wrong: messages are rendered one after the other, and the last of many may wait long.
  server.addHook('onRequest', async ({ method, raw }) => {
    if (method === 'GET') raw.socket.setTimeout(0);
  });
  server.addHook('onSend', async ({ raw }) => {
    raw.socket.setTimeout(STANDSTILL_MS);
  });
  server.addHook('onRequest', async (_request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'x-robots-tag': 'noindex, nofollow, noarchive',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
    });
  });
  return server;
}

const arrivals = new WeakMap<FastifyRequest['raw'], NodeJS.Timeout>();

/** Gives a visitor who may send files the time that they take; a connection on which nothing moves is cut as always. */
export function allowUpload({ raw }: Pick<FastifyRequest, 'raw'>): void {
  clearTimeout(arrivals.get(raw));
}

/** Counts something a minute by a key; true when it is beyond `max`. */
export function createLimit(
  server: WebServer,
  max: number,
  key: (request: FastifyRequest) => string,
): (request: FastifyRequest) => Promise<boolean> {
  const check = server.createRateLimit({ max, timeWindow: MINUTE, keyGenerator: key });
  return async (request) => {
    const result = await check(request);
    return !result.isAllowed && result.isExceeded;
  };
}
