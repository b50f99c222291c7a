import { type Check, ok } from './finding.js';
import { checkSite } from './site.js';

const CHECK = 'review';

/** Whether reviewers reach the review page at its address, by a certificate that their browsers trust. */
export const checkReview: Check = async (context) => {
  const { review } = context.loaded.config;
  if (review === undefined)
    return [ok(CHECK, 'there is no review page; held mail is decided about by `sallyport held`')];
  return checkSite(
    // Browsers of an organisation may know an authority of its own.
    { check: CHECK, what: 'the review page', who: 'reviewers', config: review, publicTrust: false },
    context,
  );
};
