import { readFileSync } from 'node:fs';
import { Eta } from 'eta/core';
import { PORTAL_LANGUAGES } from '../model/portal-language.js';
import type { Form } from '../web/bound-forms.js';
import type { Brand } from './brand.js';
import type { PageData } from './page-data.js';
import { type TextKey, type Texts, texts } from './texts.js';

const FOLDER = new URL('./templates/', import.meta.url);

/** Around every page: language, looks, and the form that changes the language. */
export interface PageContext {
  readonly t: Texts;
  readonly language: string;
  readonly brand: Brand;
  /** Signed in: the navigation of one's own pages. */
  readonly signedIn?: { readonly recipient: string; readonly signOut: Form };
  /** Changes the language and comes back to `path`. */
  readonly languageForm?: { readonly token: string; readonly path: string };
  /** Of the one script that a page may have; it is in the Content-Security-Policy too. */
  readonly nonce?: string;
}

/** A page that only says something; `back` is a path of this site. */
export interface TextPage {
  readonly title: TextKey;
  readonly paragraphs: readonly TextKey[];
  readonly values?: Readonly<Record<string, string | number>>;
  readonly back?: { readonly href: string; readonly label: TextKey };
}

/** Every page and HTML mail of the portal, as complete HTML; all values are escaped by the templates. */
export interface Pages {
  readonly css: string;
  page<K extends keyof PageData>(name: K, context: PageContext, data: PageData[K]): string;
  text(context: PageContext, page: TextPage): string;
  /** A mail: one column, no style sheet. */
  mail(
    context: Pick<PageContext, 't' | 'language' | 'brand'>,
    data: {
      readonly title: string;
      readonly paragraphs: readonly string[];
      readonly link?: { readonly href: string; readonly label: string };
      readonly code?: string;
      /** Paragraphs behind link and code. */
      readonly after: readonly string[];
      readonly list?: { readonly title: string; readonly points: readonly string[] };
    },
  ): string;
}

/** Reads and compiles the templates, so that a missing or broken one is found at start. */
export function createPages(names: readonly (keyof PageData)[]): Pages {
  const eta = new Eta({ autoEscape: true, cache: true });
  for (const name of ['layout', 'text', 'mail', 'passkey-form', ...names])
    eta.loadTemplate(`@${name}`, readFileSync(new URL(`${name}.eta`, FOLDER), 'utf8'));
  const languages = PORTAL_LANGUAGES.map((tag) => ({ tag, name: texts(tag)('language.name') }));
  const page = (name: string, context: PageContext, data: object): string =>
    eta.render(`@${name}`, { ...context, ...data, languages });
  return {
    css: readFileSync(new URL('portal.css', FOLDER), 'utf8'),
    page: (name, context, data) => page(name, context, data),
    text: (context, { title, paragraphs, values, back }) =>
      page('text', context, {
        title: context.t(title, values),
        paragraphs: paragraphs.map((one) => context.t(one, values)),
        back: back === undefined ? undefined : { href: back.href, label: context.t(back.label) },
      }),
    mail: (context, data) => eta.render('@mail', { ...context, ...data }),
  };
}
