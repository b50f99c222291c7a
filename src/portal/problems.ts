import { auditEvent } from '../audit/events.js';
import { sendPage } from '../web/answers.js';
import type { Problem, ProblemSite } from '../web/problem-handler.js';
import { clientAddress } from '../web/server.js';
import { brandFor } from './brand.js';
import type { TextPage } from './pages.js';
import { type Site, TOO_MANY } from './site.js';
import { chooseLanguage, texts } from './texts.js';

/** How the portal answers for what went wrong. */
export function portalProblems(site: Site): ProblemSite {
  return {
    name: 'the portal',
    log: site.log,
    record: (request, reason) =>
      site.portal.record([auditEvent('portal.refused', { clientAddress: clientAddress(request), reason })]),
    answer: (request, reply, status, problem) => {
      const language = chooseLanguage(undefined, request.headers['accept-language'], site.config.language);
      const context = { t: texts(language), language, brand: brandFor(site.loaded.config, '') };
      return sendPage(reply, status, site.pages.text(context, PAGES[problem]));
    },
  };
}

const PAGES: Readonly<Record<Problem, TextPage>> = {
  'too-many': TOO_MANY,
  'bad-request': { title: 'bad-request.title', paragraphs: ['bad-request.what'] },
  unavailable: { title: 'unavailable.title', paragraphs: ['unavailable.what'] },
};
