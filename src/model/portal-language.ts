/** Languages of the portal, as BCP 47 tags; each is a file in `src/portal/locales`. */
export const PORTAL_LANGUAGES = ['en', 'es'] as const;
export type PortalLanguage = (typeof PORTAL_LANGUAGES)[number];
