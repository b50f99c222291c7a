import { languagesIn } from '../web/texts.js';

/** Languages of the portal as BCP 47 tags: each is a file in `src/portal/locales`, and nothing else names them. */
export const PORTAL_LANGUAGES: readonly string[] = languagesIn(
  new URL('../portal/locales/', import.meta.url),
);
