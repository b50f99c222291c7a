import { auditEvent } from '../../audit/events.js';
import { sendPage } from '../../web/answers.js';
import type { Problem, ProblemSite } from '../../web/problem-handler.js';
import { clientAddress } from '../../web/server.js';
import { chooseLanguage } from '../../web/texts.js';
import { type ReviewSite, TOO_MANY } from './front.js';
import type { TextPage } from './pages.js';
import { REVIEW_LANGUAGES, reviewTexts } from './texts.js';

/** How the review page answers for what went wrong. */
export function reviewProblems(site: ReviewSite): ProblemSite {
  return {
    name: 'the review page',
    log: site.log,
    record: (request, reason) =>
      site.record([auditEvent('review.refused', { clientAddress: clientAddress(request), reason })]),
    answer: (request, reply, status, problem) => {
      const { language: fallback } = site.settings.config;
      const language = chooseLanguage(
        undefined,
        request.headers['accept-language'],
        fallback,
        REVIEW_LANGUAGES,
      );
      const organisation = site.loaded.config.organisation.name;
      return sendPage(
        reply,
        status,
        site.pages.text({ t: reviewTexts(language), language, organisation }, PAGES[problem]),
      );
    },
  };
}

const PAGES: Readonly<Record<Problem, TextPage>> = {
  'too-many': TOO_MANY,
  'bad-request': { title: 'bad-request.title', paragraphs: ['bad-request.what'] },
  unavailable: { title: 'unavailable.title', paragraphs: ['unavailable.what'] },
};
