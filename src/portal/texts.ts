import { PORTAL_LANGUAGES } from '../model/portal-language.js';
import * as web from '../web/texts.js';

/** The names of all texts that people see; English has every one. */
export type TextKey = keyof typeof import('./locales/en.json');

export type Texts = web.TextsOf<TextKey>;

/** The texts of a language; English where the tag isn't one of PORTAL_LANGUAGES. */
export const texts: (language: string) => Texts = web.textsIn<TextKey>(
  new URL('./locales/', import.meta.url),
  'the portal',
  PORTAL_LANGUAGES,
);

/** The language for a visitor of the portal. */
export function chooseLanguage(
  chosen: string | undefined,
  acceptLanguage: string | undefined,
  fallback: string,
): string {
  return web.chooseLanguage(chosen, acceptLanguage, fallback, PORTAL_LANGUAGES);
}
