import { languagesIn, type TextsOf, textsIn } from '../../web/texts.js';

const FOLDER = new URL('./locales/', import.meta.url);

/** Languages of the review page: each is a file in `locales`. */
export const REVIEW_LANGUAGES: readonly string[] = languagesIn(FOLDER);

export type ReviewTextKey = keyof typeof import('./locales/en.json');
export type ReviewTexts = TextsOf<ReviewTextKey>;

/** The texts of a language; English where there are none. */
export const reviewTexts: (language: string) => ReviewTexts = textsIn<ReviewTextKey>(
  FOLDER,
  'the review page',
  REVIEW_LANGUAGES,
);
