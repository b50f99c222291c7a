import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../ops/log.js';
import { errorFacts } from '../shared/errors.js';
import { StoreUnavailable } from '../store/ports.js';
import { createLimit, networkOf, type WebLimits, type WebServer } from './server.js';

/** What a page says of what went wrong. */
export type Problem = 'too-many' | 'bad-request' | 'unavailable';

/** A site, as far as its problems go. */
export interface ProblemSite {
  /** For the log: `the portal`. */
  readonly name: string;
  readonly log: Pick<Log, 'error'>;
  /** @throws where it can't be recorded */
  readonly record: (request: FastifyRequest, reason: string) => Promise<void>;
  /** Sends the page, without looking at the store, which may be what is wrong. */
  readonly answer: (
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    problem: Problem,
  ) => FastifyReply;
}

/**
 * Answers for everything that went wrong. Whatever it was, nothing of a message is in the answer: content is sent only by
 * routes that came to their end. A flood must not become a flood of the log: what a network does beyond its limits is on
 * record once a minute.
 */
export function createProblemHandler(
  site: ProblemSite,
  server: WebServer,
  limits: Pick<WebLimits, 'refusalsPerNetwork'>,
): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
  const refusedTooOften = createLimit(server, limits.refusalsPerNetwork, networkOf);
  const toldThisMinute = createLimit(server, 1, networkOf);
  const record = async (request: FastifyRequest, reason: string): Promise<void> => {
    try {
      await site.record(request, reason);
    } catch (cause) {
      // The visitor is refused either way.
      site.log.error(errorFacts(cause), `${site.name} could not record a refusal`);
    }
  };
  const tooMany = async (request: FastifyRequest, reply: FastifyReply, reason: string) => {
    if (!(await toldThisMinute(request))) await record(request, reason);
    return site.answer(request, reply, 429, 'too-many');
  };
  return async (error, request, reply) => {
    const status = error.statusCode ?? 500;
    // A file that failed before its first byte must not make a file of the page that says so.
    reply.removeHeader('content-disposition').removeHeader('content-length');
    if (status === 429) return tooMany(request, reply, 'too many requests');
    if (status >= 400 && status < 500) {
      if (await refusedTooOften(request)) return tooMany(request, reply, 'too many refusals');
      await record(request, REASONS[status] ?? 'a malformed request');
      return site.answer(request, reply, status, 'bad-request');
    }
    const unavailable = error instanceof StoreUnavailable;
    site.log.error(
      errorFacts(error),
      unavailable ? `${site.name} cannot write its records` : `${site.name} failed`,
    );
    return site.answer(request, reply, unavailable ? 503 : 500, 'unavailable');
  };
}

/** Ours rather than the parser's, which may repeat what was sent. */
const REASONS: Readonly<Record<number, string>> = {
  408: 'a request that did not arrive in time',
  413: 'a request that is too large',
  415: 'a request of another type than a form',
};
