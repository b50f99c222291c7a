import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { auditEvent } from '../../audit/events.js';
import { errorFacts } from '../../shared/errors.js';
import { StoreUnavailable } from '../../store/ports.js';
import { clientAddress } from '../../web/server.js';
import { chooseLanguage } from '../../web/texts.js';
import { type ReviewSite, sendPage, TOO_MANY } from './front.js';
import type { TextPage } from './pages.js';
import { REVIEW_LANGUAGES, reviewTexts } from './texts.js';

/** Answers for everything that went wrong; nothing of a message is in them. */
export function createProblemHandler(
  site: ReviewSite,
  limits: {
    readonly firstThisMinute: (request: FastifyRequest) => Promise<boolean>;
    readonly refusedTooOften: (request: FastifyRequest) => Promise<boolean>;
  },
) {
  const record = async (request: FastifyRequest, reason: string): Promise<void> => {
    try {
      await site.record([auditEvent('review.refused', { clientAddress: clientAddress(request), reason })]);
    } catch (cause) {
      // The visitor is refused either way.
      site.log.error(errorFacts(cause), 'the review page could not record a refusal');
    }
  };
  return async (error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const status = error.statusCode ?? 500;
    const { language: fallback } = site.settings.config;
    const language = chooseLanguage(
      undefined,
      request.headers['accept-language'],
      fallback,
      REVIEW_LANGUAGES,
    );
    const organisation = site.loaded.config.organisation.name;
    const answer = (code: number, page: TextPage) =>
      sendPage(reply, code, site.pages.text({ t: reviewTexts(language), language, organisation }, page));
    reply.removeHeader('content-disposition').removeHeader('content-length');
    if (status === 429) {
      // Once a minute for a network: a flood must not become a flood of the log.
      if (await limits.firstThisMinute(request)) await record(request, 'too many requests');
      return answer(429, TOO_MANY);
    }
    if (status >= 400 && status < 500) {
      if (await limits.refusedTooOften(request)) {
        if (await limits.firstThisMinute(request)) await record(request, 'too many refusals');
        return answer(429, TOO_MANY);
      }
      await record(request, REASONS[status] ?? 'a malformed request');
      return answer(status, BAD_REQUEST);
    }
    const unavailable = error instanceof StoreUnavailable;
    site.log.error(
      errorFacts(error),
      unavailable ? 'the review page cannot write its records' : 'the review page failed',
    );
    return answer(unavailable ? 503 : 500, UNAVAILABLE);
  };
}

/** Ours rather than the parser's, which may repeat what was sent. */
const REASONS: Readonly<Record<number, string>> = {
  408: 'a request that did not arrive in time',
  413: 'a request that is too large',
  415: 'a request of another type than a form',
};

const BAD_REQUEST: TextPage = { title: 'bad-request.title', paragraphs: ['bad-request.what'] };

const UNAVAILABLE: TextPage = { title: 'unavailable.title', paragraphs: ['unavailable.what'] };
