import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { auditEvent } from '../audit/events.js';
import { errorFacts } from '../shared/errors.js';
import { StoreUnavailable } from '../store/ports.js';
import { sendPage } from '../web/answers.js';
import { clientAddress } from '../web/server.js';
import { brandFor } from './brand.js';
import type { PageContext, TextPage } from './pages.js';
import { type Site, TOO_MANY } from './site.js';
import { chooseLanguage, texts } from './texts.js';

/**
 * Answers for everything that went wrong. Whatever it was, nothing of the message is in the answer: content is sent
 * only by routes that came to their end.
 */
export function createProblemHandler(
  site: Site,
  firstThisMinute: (request: FastifyRequest) => Promise<boolean>,
  /** Whether so much of its network was refused lately that one more refusal isn't told one by one. */
  refusedTooOften: (request: FastifyRequest) => Promise<boolean>,
) {
  const record = async (request: FastifyRequest, reason: string): Promise<void> => {
    try {
      await site.portal.record([
        auditEvent('portal.refused', { clientAddress: clientAddress(request), reason }),
      ]);
    } catch (cause) {
      // The visitor is refused either way.
      site.log.error(errorFacts(cause), 'the portal could not record a refusal');
    }
  };
  return async (error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const status = error.statusCode ?? 500;
    const answer = (code: number, page: TextPage) =>
      sendPage(reply, code, site.pages.text(problemContext(site, request), page));
    // A file that failed before its first byte must not make a file of the page that says so.
    reply.removeHeader('content-disposition').removeHeader('content-length');
    if (status === 429) {
      // Once a minute for a network: a flood must not become a flood of the log.
      if (await firstThisMinute(request)) await record(request, 'too many requests');
      return answer(429, TOO_MANY);
    }
    if (status >= 400 && status < 500) {
      if (await refusedTooOften(request)) {
        if (await firstThisMinute(request)) await record(request, 'too many refusals');
        return answer(429, TOO_MANY);
      }
      await record(request, REASONS[status] ?? 'a malformed request');
      return answer(status, BAD_REQUEST);
    }
    const unavailable = error instanceof StoreUnavailable;
    site.log.error(
      errorFacts(error),
      unavailable ? 'the portal cannot write its records' : 'the portal failed',
    );
    return answer(unavailable ? 503 : 500, UNAVAILABLE);
  };
}

/** Without looking at the store, which may be what is wrong. */
function problemContext(site: Site, request: FastifyRequest): PageContext {
  const language = chooseLanguage(undefined, request.headers['accept-language'], site.config.language);
  return { t: texts(language), language, brand: brandFor(site.loaded.config, '') };
}

/** Ours rather than the parser's, which may repeat what was sent. */
const REASONS: Readonly<Record<number, string>> = {
  408: 'a request that did not arrive in time',
  413: 'a request that is too large',
  415: 'a request of another type than a form',
};

const BAD_REQUEST: TextPage = { title: 'bad-request.title', paragraphs: ['bad-request.what'] };

const UNAVAILABLE: TextPage = { title: 'unavailable.title', paragraphs: ['unavailable.what'] };
