import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { auditEvent } from '../audit/events.js';
import { errorFacts } from '../shared/errors.js';
import { StoreUnavailable } from '../store/ports.js';
import { clientAddress } from './server.js';
import { type Site, sendPage, TOO_MANY } from './site.js';

/**
 * Answers for everything that went wrong. Whatever it was, nothing of the message is in the answer: content is sent
 * only by routes that came to their end.
 */
export function createProblemHandler(
  site: Site,
  firstThisMinute: (request: FastifyRequest) => Promise<boolean>,
) {
  return async (error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const status = error.statusCode ?? 500;
    // A file that failed before its first byte must not make a file of the page that says so.
    reply.removeHeader('content-disposition').removeHeader('content-length');
    if (status === 429) {
      // Once a minute for a network: a flood must not become a flood of the log.
      if (await firstThisMinute(request)) {
        try {
          await site.portal.record([
            auditEvent('portal.refused', {
              clientAddress: clientAddress(request),
              reason: 'too many requests',
            }),
          ]);
        } catch (cause) {
          // The visitor is refused either way.
          site.log.error(errorFacts(cause), 'the portal could not record a refusal');
        }
      }
      return sendPage(reply, 429, site.pages.text(TOO_MANY));
    }
    if (status >= 400 && status < 500) return sendPage(reply, status, site.pages.text(BAD_REQUEST));
    const unavailable = error instanceof StoreUnavailable;
    site.log.error(
      errorFacts(error),
      unavailable ? 'the portal cannot write its records' : 'the portal failed',
    );
    return sendPage(reply, unavailable ? 503 : 500, site.pages.text(UNAVAILABLE));
  };
}

const BAD_REQUEST = {
  title: 'That did not work',
  paragraphs: ['The request could not be understood. Open the link in the mail again.'],
};

const UNAVAILABLE = {
  title: 'Not available just now',
  paragraphs: ['Something is wrong on our side. Your message is safe. Please try again in some minutes.'],
};
